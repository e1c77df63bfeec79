"""An operator written with kopf works unmodified: its handlers, and its admission server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakekube.pki.authority import Authority

if TYPE_CHECKING:
    from fakekube.testing import Cluster

pytest.importorskip("kopf")

OPERATOR = """
import kopf

@kopf.on.startup()
def configure(settings, **_):
    settings.admission.server = kopf.WebhookServer(
        addr="127.0.0.1", host="127.0.0.1", certfile="serving.crt", pkeyfile="serving.key", cafile="ca.crt")
    settings.admission.managed = "operator.example.com"
    settings.posting.enabled = False

@kopf.on.create("", "v1", "configmaps", labels={"app": "web"})
def greet(name, patch, **_):
    patch.setdefault("data", {})["greeting"] = f"hello {name}"

@kopf.on.validate("", "v1", "configmaps", labels={"app": "web"})
def check(body, **_):
    if body.get("data", {}).get("bad"):
        raise kopf.AdmissionError("bad is bad", code=422)

@kopf.on.mutate("", "v1", "configmaps", labels={"app": "web"})
def complete(patch, **_):
    patch.metadata.labels["completed"] = "yes"
"""
PATH = "/api/v1/namespaces/default/configmaps"
HOOKS = "/apis/admissionregistration.k8s.io/v1/{}webhookconfigurations"


@pytest.fixture
def operator(fakekube: Cluster, tmp_path: Path) -> Iterator[Cluster]:
    """The cluster, with the operator at work and its hooks registered."""
    authority = Authority.make("operator")
    pair = authority.issue("operator", usages=("server auth",), sans=("127.0.0.1",))
    files = {"serving.crt": pair.certificate, "serving.key": pair.key, "ca.crt": authority.certificate_pem}
    for name, data in {**files, "handlers.py": OPERATOR.encode()}.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", "kopf", "run", "--quiet", "--standalone", "-n", "default", "handlers.py"]
    environment = {**os.environ, "KUBECONFIG": str(fakekube.kubeconfig)}
    admin = fakekube.admin

    def registered(kind: str) -> bool:
        return any(one.get("webhooks") for one in admin.get(HOOKS.format(kind)).json()["items"])

    with subprocess.Popen(command, cwd=tmp_path, env=environment) as process:
        try:
            fakekube.wait_for(lambda: registered("validating") and registered("mutating"))
            yield fakekube
        finally:
            process.kill()


def test_an_operator(operator: Cluster) -> None:
    admin = operator.admin
    labels = {"app": "web"}
    made = admin.request("POST", PATH, {"metadata": {"name": "a", "labels": labels}})
    assert made.json()["metadata"]["labels"] == {"app": "web", "completed": "yes"}
    operator.wait_for(lambda: (admin.get(f"{PATH}/a").json().get("data") or {}).get("greeting") == "hello a")
    refused = admin.request("POST", PATH, {"metadata": {"name": "b", "labels": labels}, "data": {"bad": "1"}})
    assert refused.status == 422
    assert refused.json()["message"].endswith("denied the request: bad is bad")
