"""The real kube-controller-manager and kube-scheduler of v1.20 run against our API server instead of ours.

They are demanding clients: dynamic discovery, metadata-only informers, leases, their own service accounts' tokens,
protobuf asked for first. FAKEKUBE_CONTROLLER_MANAGER and FAKEKUBE_SCHEDULER say where they are, if not on the PATH.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakekube.pki import Authority, kubeconfig
from tests.e2e.tools import PATIENCE, Kubectl, Server, curl, until

FLAGS = ("--controllers=", "--nodes=2", "--cert-dir=certs")
PROGRAMS = {"kube-controller-manager": "FAKEKUBE_CONTROLLER_MANAGER", "kube-scheduler": "FAKEKUBE_SCHEDULER"}

CA, CA_KEY, TOKEN_KEY = "certs/ca.crt", "certs/ca.key", "certs/sa.key"
ARGUMENTS = {
    "kube-controller-manager": (
        f"--root-ca-file={CA}", f"--service-account-private-key-file={TOKEN_KEY}",
        f"--cluster-signing-cert-file={CA}", f"--cluster-signing-key-file={CA_KEY}",
        "--use-service-account-credentials", "--controllers=*,bootstrapsigner,tokencleaner",
        "--allocate-node-cidrs", "--cluster-cidr=10.244.0.0/16", "--horizontal-pod-autoscaler-sync-period=1s",
    ),
    "kube-scheduler": (),
}  # fmt: skip
"""As a cluster's installer starts them."""

EXPECTED = re.compile(
    "|".join(
        (
            "no cloud provider provided",
            "the object has been modified; please apply your changes",
            "could not find the requested resource .get pods.metrics.k8s.io",
            "unexpected items still remain in namespace: ",  # pods that end gracefully
            " not found",  # of what a user deletes while it is being worked on
            "Precondition failed: UID in precondition",
            "because it is being terminated",
        )
    )
)
"""Errors that they log on any cluster."""


@pytest.fixture(scope="module")
def kubectl_path() -> str:
    """One kubectl suffices here, whichever there is."""
    here = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    return here or pytest.skip("no kubectl")


def _program(name: str) -> str:
    found = os.environ.get(PROGRAMS[name]) or shutil.which(name)
    return found or pytest.skip(f"no {name} of v1.20: set {PROGRAMS[name]}")


@pytest.fixture(scope="module", autouse=True)
def programs(kubectl_path: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Both run while the module's tests do; their logs hold no error but those of any cluster."""
    paths = {name: _program(name) for name in PROGRAMS}  # before a server is started for nothing
    server: Server = request.getfixturevalue("server")
    logs = {name: server.folder / f"{name}.log" for name in PROGRAMS}
    running = [_start(name, path, server, logs[name]) for name, path in paths.items()]
    yield
    for process in running:
        process.terminate()
        process.wait(PATIENCE)
    assert not [line for log in logs.values() for line in complaints(log.read_text())]


def _start(name: str, path: str, server: Server, log: Path) -> subprocess.Popen[bytes]:
    authority = Authority.load(server.folder / "certs", "ca")
    assert authority is not None
    config = server.folder / f"{name}.kubeconfig"
    pair = authority.issue(f"system:{name}")
    config.write_text(yaml.safe_dump(kubeconfig(server.url, authority.certificate_pem, pair)))
    command = [path, f"--kubeconfig={config}", "--port=0", "--secure-port=0", *ARGUMENTS[name]]
    with log.open("wb") as file:
        return subprocess.Popen(command, cwd=server.folder, stdout=file, stderr=subprocess.STDOUT)


def complaints(log: str) -> list[str]:
    """The lines of errors, by klog's prefix, and of panics, that are not expected."""
    return [line for line in log.splitlines() if re.match(r"[EF]\d{4} |panic:", line) and not EXPECTED.search(line)]


POD: dict[str, Any] = {"containers": [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80}]}]}
TASK: dict[str, Any] = {
    "restartPolicy": "Never",
    "containers": [{"name": "c", "image": "busybox", "command": ["sh", "-c", "echo done"]}],
}


def selecting(app: str, **more: Any) -> dict[str, Any]:
    """A workload's spec: pods labelled app=…"""
    template = {"metadata": {"labels": {"app": app}}, "spec": POD}
    return {"selector": {"matchLabels": {"app": app}}, "template": template, **more}


def obj(api_version: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **more}


WORK = (
    obj("apps/v1", "Deployment", "web", spec=selecting("web", replicas=3)),
    obj("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}),
    obj("apps/v1", "StatefulSet", "db", spec=selecting("db", replicas=2, serviceName="db")),
    obj("apps/v1", "DaemonSet", "agent", spec=selecting("agent")),
    obj("batch/v1", "Job", "once", spec={"completions": 3, "parallelism": 2, "template": {"spec": TASK}}),
    obj("autoscaling/v1", "HorizontalPodAutoscaler", "web", spec={
        "maxReplicas": 5, "targetCPUUtilizationPercentage": 50,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
    }),
    obj("policy/v1beta1", "PodDisruptionBudget", "web", spec={
        "minAvailable": 2, "selector": {"matchLabels": {"app": "web"}},
    }),
    obj("v1", "ResourceQuota", "many", spec={"hard": {"pods": "50", "count/configmaps": "9"}}),
)  # fmt: skip


class Namespace:
    """kubectl in a namespace of its own."""

    def __init__(self, kubectl: Kubectl, name: str) -> None:
        self.kubectl, self.name = kubectl, name
        kubectl("create", "namespace", name)

    def apply(self, *objects: dict[str, Any]) -> None:
        document = {"apiVersion": "v1", "kind": "List", "items": objects}
        self.kubectl("apply", "-n", self.name, "-f", "-", stdin=json.dumps(document))

    def get(self, *what: str) -> Any:
        return json.loads(self.kubectl("get", "-n", self.name, *what, "-o", "json"))

    def is_gone(self, *what: str) -> bool:
        return not self.kubectl("get", "-n", self.name, *what, "--ignore-not-found", "-o", "name")


@pytest.fixture(scope="module")
def worked(kubectl: Kubectl) -> Namespace:
    """A namespace with one of each."""
    namespace = Namespace(kubectl, "work")
    until(lambda: not namespace.is_gone("serviceaccount", "default"))
    namespace.apply(*WORK)
    return namespace


def is_complete(job: dict[str, Any]) -> bool:
    return any(c["type"] == "Complete" for c in job["status"].get("conditions", ()))


def without_metrics(hpa: dict[str, Any]) -> bool:
    text = hpa["metadata"].get("annotations", {}).get("autoscaling.alpha.kubernetes.io/conditions", "[]")
    return any(c.get("reason") == "FailedGetResourceMetric" for c in json.loads(text))


def addresses(endpoints: dict[str, Any]) -> int:
    return sum(len(subset.get("addresses", ())) for subset in endpoints.get("subsets", ()))


@pytest.mark.parametrize(
    ("what", "is_settled"),
    [
        (("deployment", "web"), lambda d: d["status"].get("availableReplicas") == 3),
        (("statefulset", "db"), lambda s: s["status"].get("readyReplicas") == 2),
        (("daemonset", "agent"), lambda s: s["status"].get("numberAvailable") == 2),
        (("job", "once"), lambda j: is_complete(j) and j["status"]["succeeded"] == 3),
        (("endpoints", "web"), lambda e: addresses(e) == 3),
        (
            ("endpointslices", "-l", "kubernetes.io/service-name=web"),
            lambda found: [len(one["endpoints"]) for one in found["items"]] == [3],
        ),
        (("poddisruptionbudget", "web"), lambda b: b["status"]["disruptionsAllowed"] == 1),
        (("hpa.v1.autoscaling", "web"), without_metrics),
        (("resourcequota", "many"), lambda q: q["status"].get("used") == {"pods": "7", "count/configmaps": "1"}),
        (("configmap", "kube-root-ca.crt"), lambda c: "BEGIN CERTIFICATE" in c["data"]["ca.crt"]),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_everything_settles(worked: Namespace, what: tuple[str, ...], is_settled: Callable[[Any], bool]) -> None:
    until(lambda: is_settled(worked.get(*what)))


def test_a_service_accounts_token_is_accepted(worked: Namespace, server: Server) -> None:
    def token() -> str | None:
        for secret in worked.get("secrets")["items"]:
            if secret["metadata"]["annotations"].get("kubernetes.io/service-account.name") == "default":
                return b64decode(secret.get("data", {}).get("token", "")).decode()
        return None

    bearer = f"Authorization: Bearer {until(token)}"
    answer = curl("--cacert", str(server.folder / CA), "-H", bearer, f"{server.url}/api/v1/namespaces/work/pods")
    assert 'User \\"system:serviceaccount:work:default\\" cannot list' in answer.out


def test_what_an_owner_leaves_is_collected(worked: Namespace) -> None:
    worked.apply(obj("apps/v1", "Deployment", "brief", spec=selecting("brief", replicas=1)))
    until(lambda: not worked.is_gone("pods", "-l", "app=brief"))
    worked.kubectl("delete", "deployment", "brief", "-n", worked.name)
    until(lambda: worked.is_gone("replicasets,pods", "-l", "app=brief"))


def test_an_orphan_stays(worked: Namespace) -> None:
    worked.apply(obj("apps/v1", "Deployment", "parent", spec=selecting("orphan", replicas=1)))
    until(lambda: worked.get("replicasets", "-l", "app=orphan")["items"])
    worked.kubectl("delete", "deployment", "parent", "-n", worked.name, "--cascade=orphan")
    [orphan] = worked.get("replicasets", "-l", "app=orphan")["items"]
    assert "ownerReferences" not in orphan["metadata"]


def test_a_cron_job_makes_jobs(worked: Namespace) -> None:
    template = {"spec": {"template": {"spec": TASK}}}
    worked.apply(obj("batch/v1beta1", "CronJob", "tick", spec={"schedule": "* * * * *", "jobTemplate": template}))
    due = 75  # the minute's end, and the controller looks every ten seconds

    def done() -> bool:
        return any(job["metadata"]["name"].startswith("tick-") and is_complete(job) for job in jobs())

    def jobs() -> list[Any]:
        return list(worked.get("jobs")["items"])

    assert until(done, due)


SIGNER = "kubernetes.io/kube-apiserver-client"


def test_a_certificate_is_signed(kubectl: Kubectl, tmp_path: Path) -> None:
    openssl = "openssl req -new -newkey rsa:2048 -nodes -keyout key -out csr -subj /CN=ann"
    subprocess.run(openssl.split(), cwd=tmp_path, check=True, capture_output=True)
    request = b64encode((tmp_path / "csr").read_bytes()).decode()
    spec = {"request": request, "signerName": SIGNER, "usages": ["client auth"]}
    csr = obj("certificates.k8s.io/v1", "CertificateSigningRequest", "ann", spec=spec)
    kubectl("apply", "-f", "-", stdin=json.dumps(csr))
    kubectl("certificate", "approve", "ann")
    certificate = until(lambda: kubectl("get", "csr", "ann", "-o", "jsonpath={.status.certificate}"))
    assert "BEGIN CERTIFICATE" in b64decode(certificate).decode()


def test_both_hold_their_leases(kubectl: Kubectl) -> None:
    until(lambda: {*kubectl("get", "lease", "-n", "kube-system", "-o", "name").split()} >= {
        f"lease.coordination.k8s.io/{name}" for name in PROGRAMS
    })  # fmt: skip


def test_a_namespace_goes_with_all_that_is_in_it(worked: Namespace) -> None:
    """The last test of the module: it takes the others' namespace away."""
    worked.kubectl("delete", "namespace", worked.name, "--wait=false")
    until(lambda: not worked.kubectl("get", "namespace", worked.name, "--ignore-not-found"))
