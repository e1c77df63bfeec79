"""Admission webhooks that run in simulated pods, behind a service, with a certificate of their own."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from fakekube.pki.authority import Authority

if TYPE_CHECKING:
    from fakekube.testing import Cluster

HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
CERTIFICATES = "/certificates"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "hook", "labels": {"app": "hook"}},
    "spec": {
        "volumes": [{"name": "certificates", "secret": {"secretName": "hook"}}],
        "containers": [
            {
                "name": "hook",
                "image": "k8s.gcr.io/e2e-test-images/agnhost:2.21",
                "args": [
                    "webhook",
                    "--port=8444",
                    f"--tls-cert-file={CERTIFICATES}/crt",
                    f"--tls-private-key-file={CERTIFICATES}/key",
                ],
                "volumeMounts": [{"name": "certificates", "mountPath": CERTIFICATES}],
                "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8444, "scheme": "HTTPS"}, "periodSeconds": 1},
            }
        ],
    },
}  # fmt: skip
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "hook"},
    "spec": {"selector": {"app": "hook"}, "ports": [{"port": 8443, "targetPort": 8444, "protocol": "TCP"}]},
}


def coded(data: bytes) -> str:
    return b64encode(data).decode()


def deploy(fakekube: Cluster, path: str) -> dict[str, Any]:
    """agnhost's webhook, ready; gives a hook that is served at the path."""
    authority = Authority.make("hooks")
    pair = authority.issue("hook", usages=("server auth",), sans=("hook.default.svc",))
    secret = {"metadata": {"name": "hook"}, "data": {"crt": coded(pair.certificate), "key": coded(pair.key)}}
    fakekube.apply([{"apiVersion": "v1", "kind": "Secret", **secret}, POD, SERVICE])
    endpoints = "/api/v1/namespaces/default/endpoints/hook"
    admin = fakekube.admin
    fakekube.wait_for(lambda: [s for s in admin.get(endpoints).json().get("subsets") or () if s.get("addresses")])
    service = {"name": "hook", "namespace": "default", "port": 8443, "path": path}
    return {
        "name": "hook.example.com",
        "clientConfig": {"service": service, "caBundle": coded(authority.certificate_pem)},
        "rules": [RULE],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }


def register(fakekube: Cluster, hook: dict[str, Any], kind: str = "Validating") -> None:
    configuration = {"kind": f"{kind}WebhookConfiguration", "metadata": {"name": "hook"}, "webhooks": [hook]}
    fakekube.apply([{"apiVersion": "admissionregistration.k8s.io/v1", **configuration}])


def create(fakekube: Cluster, name: str, **data: str) -> Any:
    body = {"metadata": {"name": name}, "data": data}
    return fakekube.admin.request("POST", CONFIG_MAPS, body).json()


def test_it_denies(fakekube: Cluster) -> None:
    register(fakekube, deploy(fakekube, "/configmaps"))
    denied = create(fakekube, "a", **{"webhook-e2e-test": "webhook-disallow"})
    assert (denied["code"], denied["message"]) == (
        400,
        'admission webhook "hook.example.com" denied the request: the configmap contains unwanted key and value',
    )
    assert create(fakekube, "b", x="y")["data"] == {"x": "y"}


def test_it_changes(fakekube: Cluster) -> None:
    register(fakekube, deploy(fakekube, "/mutating-configmaps"), "Mutating")
    assert create(fakekube, "a", **{"mutation-start": "yes"})["data"]["mutation-stage-1"] == "yes"


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        (coded(Authority.make("others").certificate_pem), "x509: certificate signed by unknown authority"),
        (None, "x509: certificate signed by unknown authority"),
    ],
)
def test_it_is_not_trusted_blindly(fakekube: Cluster, bundle: str | None, why: str) -> None:
    hook = deploy(fakekube, "/configmaps")
    hook["clientConfig"]["caBundle"] = bundle
    register(fakekube, hook)
    failed = create(fakekube, "a", x="y")
    assert failed["code"] == 500
    assert failed["message"].startswith('Internal error occurred: failed calling webhook "hook.example.com": Post ')
    assert failed["message"].endswith(why)
