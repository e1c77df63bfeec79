"""The simulation's own API with kubectl, where the server lists it, and the commands over it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace

from tests.e2e.tools import PATIENCE, ROOT, Kubectl, Server, environment, until

FLAGS = ("--advertise-simulation-api", "--nodes", "0")


def start(server: Server, *arguments: str) -> subprocess.Popen[str]:
    variables = environment({"KUBECONFIG": str(server.kubeconfig), "PYTHONPATH": str(ROOT)})
    command = [sys.executable, "-m", "fakekube", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=server.folder, env=variables
    )  # fmt: skip


def test_kubectl_knows_the_kinds(kubectl: Kubectl) -> None:
    table = kubectl("get", "admissionconfigurations").splitlines()
    assert [line.split()[:3] for line in table] == [
        ["NAME", "ENABLED", "DISABLED"],
        ["cluster", "NodeRestriction", "<none>"],
    ]
    assert "enabledPlugins" in kubectl("explain", "admissionconfigurations.spec")
    assert "requestrecords" in kubectl("api-resources", "--api-group", "sim.fakekube.dev")


def test_kubectl_edits(kubectl: Kubectl) -> None:
    editing = replace(kubectl, extra={"KUBE_EDITOR": 'sed -i "s/- NodeRestriction/- AlwaysPullImages/"'})
    name = "admissionconfiguration.sim.fakekube.dev/cluster"
    assert editing("edit", name) == f"{name} edited\n"
    kubectl("run", "pulled", "--image=busybox:1")
    assert kubectl("get", "pod", "pulled", "-o", "jsonpath={.spec.containers[0].imagePullPolicy}") == "Always"
    patch = json.dumps({"spec": {"enabledPlugins": ["Nope"]}})
    refused = kubectl.try_("patch", name, "--type=merge", "-p", patch)
    assert refused.code == 1
    assert 'Unsupported value: "Nope"' in refused.err


def test_kubectl_reads_records(kubectl: Kubectl) -> None:
    kubectl.try_("get", "secrets", "--as", "ann")
    selected = kubectl("get", "requestrecords", "--field-selector", "user.username=ann,response.code=403")
    assert selected.splitlines()[0].split() == ["NAME", "CODE", "USER", "METHOD", "URI", "AGE"]
    row = selected.splitlines()[-1].split()
    assert row[1:4] == ["403", "ann", "GET"]
    record = json.loads(kubectl("get", "requestrecord", row[0], "-o", "json"))
    assert record["user"]["impersonatedBy"] == "kubernetes-admin"
    assert 'ClusterRole "edit"' in record["authorization"]["closest"][0]


def test_trace_follows(kubectl: Kubectl, server: Server) -> None:
    program = start(server, "trace", "--follow", "--last", "0", "--user", "bob")
    assert program.stdout is not None

    def following() -> bool:
        records = json.loads(kubectl("get", "requestrecords", "-o", "json"))["items"]
        return any("watch=true" in record["request"]["uri"] and "bob" in record["request"]["uri"] for record in records)

    until(following)
    kubectl.try_("get", "nodes", "--as", "bob")
    first, second = program.stdout.readline(), program.stdout.readline()
    program.send_signal(signal.SIGINT)
    with program:
        assert program.wait(PATIENCE) == 0
    assert first.startswith("403  GET /api/v1/nodes")
    assert "impersonated by kubernetes-admin" in second
