"""Certificates through the API: who signs what and for how long, what is approved by itself, and what is cleaned up."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from fakekube.pki import Authority

if TYPE_CHECKING:
    from fakekube.testing import Cluster
    from fakekube.testing.cluster import Response

REQUESTS = "/apis/certificates.k8s.io/{}/certificatesigningrequests"
CLIENT, KUBELET, LEGACY = (
    f"kubernetes.io/{name}" for name in ("kube-apiserver-client", "kube-apiserver-client-kubelet", "legacy-unknown")
)
NODE_USAGES = ["digital signature", "key encipherment", "client auth"]
RBAC = "rbac.authorization.k8s.io"


def pem(name: str, organizations: tuple[str, ...] = (), *sans: x509.GeneralName) -> str:
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, one) for one in organizations]
    subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return b64encode(made.public_bytes(Encoding.PEM)).decode()


def send(cluster: Cluster, name: str, version: str = "v1", **spec: Any) -> Response:
    """Whoever sends it is the administrator, unless the spec says as whom."""
    who: dict[str, str] = spec.pop("who", {})
    spec = {"request": pem("ann"), "signerName": CLIENT, "usages": ["client auth"], **spec}
    return cluster.admin.request("POST", REQUESTS.format(version), {"metadata": {"name": name}, "spec": spec}, who)


def read(cluster: Cluster, name: str) -> Any:
    answer = cluster.admin.get(f"{REQUESTS.format('v1')}/{name}")
    return answer.json() if answer.status == 200 else None


def decide(cluster: Cluster, name: str, verdict: str = "Approved", version: str = "v1") -> None:
    path = f"{REQUESTS.format(version)}/{name}"
    request = cluster.admin.get(path).json()
    request["status"] = {"conditions": [{"type": verdict, "status": "True", "reason": "Test", "message": "by hand"}]}
    answer = cluster.admin.request("PUT", f"{path}/approval", request)
    assert answer.status == 200, answer.text
    cluster.settle()


def certificate(cluster: Cluster, name: str) -> x509.Certificate | None:
    text = read(cluster, name)["status"].get("certificate")
    return x509.load_pem_x509_certificate(b64decode(text)) if text else None


@pytest.mark.fakekube(cluster_signing_duration=timedelta(hours=3))
def test_certificates_last_as_long_as_the_flag_says(fakekube: Cluster) -> None:
    send(fakekube, "a", request=pem("ann", ("dev",), x509.RFC822Name("a@example.com"), x509.DNSName("a.example")))
    decide(fakekube, "a")
    made = certificate(fakekube, "a")
    assert made is not None
    assert made.not_valid_after_utc - made.not_valid_before_utc == timedelta(hours=3)
    assert made.subject.rfc4514_string() == "CN=ann,O=dev"
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == ["a.example", "a@example.com"]


def test_a_signer_without_an_authority_waits_for_somebody_else(fakekube: Cluster, tmp_path: Path) -> None:
    Authority.make("clients").save(tmp_path, "ca")
    fakekube.reset(
        cluster_signing_kube_apiserver_client_cert_file=tmp_path / "ca.crt",
        cluster_signing_kube_apiserver_client_key_file=tmp_path / "ca.key",
    )
    send(fakekube, "a")
    send(fakekube, "b", version="v1beta1", signerName=LEGACY)
    for name in ("a", "b"):
        decide(fakekube, name)
    made = certificate(fakekube, "a")
    assert made is not None
    assert made.issuer.rfc4514_string() == "CN=clients"
    assert certificate(fakekube, "b") is None
    assert [each["type"] for each in read(fakekube, "b")["status"]["conditions"]] == ["Approved"]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"usages": ["client auth", "server auth"]}, "invalid usage for client certificate: server auth"),
        ({"usages": ["digital signature"]}, "missing required usage for client certificate: client auth"),
        ({"signerName": KUBELET}, "subject organization is not system:nodes"),
        (
            {"signerName": KUBELET, "request": pem("system:node:n", ("system:nodes",))},
            "usages did not match [client auth digital signature key encipherment]",
        ),
        (
            {"signerName": "kubernetes.io/kubelet-serving", "request": pem("system:node:n", ("system:nodes",))},
            "DNS or IP subjectAltName is required",
        ),
    ],
)
def test_what_a_signer_refuses(fakekube: Cluster, spec: dict[str, Any], why: str) -> None:
    send(fakekube, "a", **spec)
    decide(fakekube, "a")
    failed = read(fakekube, "a")["status"]["conditions"][-1]
    assert (failed["type"], failed["reason"], failed["message"]) == ("Failed", "SignerValidationFailure", why)
    assert certificate(fakekube, "a") is None


def test_what_no_authority_can_sign_stays_approved(fakekube: Cluster) -> None:
    send(fakekube, "a", version="v1beta1", signerName=LEGACY, usages=["to fly"])
    path = f"{REQUESTS.format('v1beta1')}/a"
    request = fakekube.admin.get(path).json()
    request["status"] = {"conditions": [{"type": "Approved"}]}
    assert fakekube.admin.request("PUT", f"{path}/approval", request).status == 200
    fakekube.clock.advance(seconds=30)
    status = read(fakekube, "a")["status"]
    assert [each["type"] for each in status["conditions"]] == ["Approved"]
    assert "certificate" not in status


NODE = {"signerName": KUBELET, "usages": NODE_USAGES, "request": pem("system:node:n", ("system:nodes",))}
AS_NODE = {"Impersonate-User": "system:node:n", "Impersonate-Group": "system:nodes"}
AS_BOOTSTRAP = {"Impersonate-User": "system:bootstrap:abcdef", "Impersonate-Group": "system:bootstrappers"}
NODES, BOOTSTRAPPERS = "system:nodes", "system:bootstrappers"


def bind(cluster: Cluster, role: str, group: str) -> None:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    subjects = [{"kind": "Group", "apiGroup": RBAC, "name": group}]
    kind = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding"}
    cluster.apply({**kind, "metadata": {"name": f"{role}-{group}"}, "roleRef": ref, "subjects": subjects})


@pytest.mark.parametrize(
    ("granted", "who", "spec", "message"),
    [
        ("nodeclient", AS_BOOTSTRAP, {}, "Auto approving kubelet client certificate after SubjectAccessReview."),
        ("selfnodeclient", AS_NODE, {}, "Auto approving self kubelet client certificate after SubjectAccessReview."),
        ("selfnodeclient", AS_BOOTSTRAP, {}, ""),
        ("nodeclient", AS_NODE, {}, ""),
        ("nodeclient", AS_BOOTSTRAP, {"usages": ["client auth"]}, ""),
        ("nodeclient", AS_BOOTSTRAP, {"request": pem("n", ("system:nodes",))}, ""),
        ("nodeclient", AS_BOOTSTRAP, {"signerName": CLIENT}, ""),
    ],
)
def test_what_is_approved_without_a_person(
    fakekube: Cluster, granted: str, who: dict[str, str], spec: dict[str, Any], message: str
) -> None:
    bind(fakekube, "system:node-bootstrapper", BOOTSTRAPPERS)
    group = NODES if granted == "selfnodeclient" else BOOTSTRAPPERS
    bind(fakekube, f"system:certificates.k8s.io:certificatesigningrequests:{granted}", group)
    assert send(fakekube, "a", who=who, **{**NODE, **spec}).status == 201
    fakekube.settle()
    conditions = read(fakekube, "a")["status"].get("conditions") or [{}]
    assert conditions[0].get("message", "") == message
    assert bool(certificate(fakekube, "a")) == bool(message)


@pytest.mark.parametrize(
    ("verdict", "spec", "hours"),
    [
        ("", {}, 24),
        ("Approved", {}, 1),
        ("Denied", {}, 1),
        ("Approved", {"usages": ["server auth"]}, 1),
    ],
    ids=["pending", "issued", "denied", "failed"],
)
def test_old_requests_go(fakekube: Cluster, verdict: str, spec: dict[str, Any], hours: float) -> None:
    send(fakekube, "a", **spec)
    if verdict:
        decide(fakekube, "a", verdict)
    fakekube.clock.advance(hours=hours - 0.1)
    assert read(fakekube, "a") is not None
    fakekube.clock.advance(hours=0.2)
    assert read(fakekube, "a") is None


@pytest.mark.fakekube(cluster_signing_duration=timedelta(minutes=30))
def test_a_request_goes_with_its_certificate(fakekube: Cluster) -> None:
    send(fakekube, "a")
    decide(fakekube, "a")
    fakekube.clock.advance(minutes=20)
    assert read(fakekube, "a") is not None
    fakekube.clock.advance(minutes=6)
    assert read(fakekube, "a") is None


def test_an_approved_request_that_nobody_signs_stays(fakekube: Cluster) -> None:
    send(fakekube, "a", signerName="example.com/mine")
    decide(fakekube, "a")
    fakekube.clock.advance(days=30)
    assert read(fakekube, "a") is not None
