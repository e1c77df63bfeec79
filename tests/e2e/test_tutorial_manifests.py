"""The tutorial's manifests on a cluster without nodes: applied, read, described, edited, deleted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.e2e.tools import ROOT, Kubectl, until

FLAGS = ("--nodes", "0")
FOLDER = ROOT / "scenarios" / "pod-security-policies" / "manifests"
APPLIED = {
    "no-root-policy": "podsecuritypolicy.policy/no-root-policy",
    "no-root-policy-serviceaccount": "serviceaccount/no-root-policy-serviceaccount",
    "no-root-policy-role": "role.rbac.authorization.k8s.io/no-root-policy-role",
    "no-root-policy-role-binding": "rolebinding.rbac.authorization.k8s.io/no-root-policy-role-binding",
    "deploy": "deployment.apps/library-server-with-policy",
    "service": "service/library-server-with-policy",
}
"""File -> what kubectl calls the object in it, in the tutorial's order."""


@pytest.fixture(scope="module", autouse=True)
def applied(kubectl: Kubectl) -> dict[str, str]:
    """What kubectl said of each file: first when it was new, then when it was there already."""
    told = {}
    for file, name in APPLIED.items():
        told[name] = kubectl("apply", "-f", f"{FOLDER / file}.yaml") + kubectl("apply", "-f", f"{FOLDER / file}.yaml")
    return told


def test_applied_twice(applied: dict[str, str]) -> None:
    warned = {name: text.replace("Warning: ", "") for name, text in applied.items()}
    for name, text in warned.items():
        lines = [line for line in text.splitlines() if not line.startswith("policy/v1beta1")]
        # The real server shows no `privileged: false`, and 500m for 0.5: kubectl sends what it misses again.
        again = "configured" if name.startswith(("podsecuritypolicy", "deployment")) else "unchanged"
        assert lines == [f"{name} created", f"{name} {again}"]


@pytest.mark.parametrize("name", APPLIED.values())
def test_read_and_described(kubectl: Kubectl, name: str) -> None:
    short = name.partition("/")[2]
    assert json.loads(kubectl("get", name, "-o", "json"))["metadata"]["name"] == short
    assert kubectl("get", name).splitlines()[1].startswith(short)
    assert short in kubectl("describe", name)


def test_pods_stay_pending_without_nodes(kubectl: Kubectl) -> None:
    def waiting() -> str:
        return kubectl("get", "pods", "-l", "app=library-server-with-policy", "--no-headers")

    assert until(waiting).split()[1:3] == ["0/1", "Pending"]

    def told() -> bool:
        return "no nodes available to schedule pods" in kubectl(
            "describe", "pods", "-l", "app=library-server-with-policy"
        )

    until(told)
    assert "FailedScheduling" in kubectl("get", "events")
    deployment = kubectl("get", "deployment", "library-server-with-policy", "--no-headers")
    assert deployment.split()[:4] == ["library-server-with-policy", "0/1", "1", "0"]


def test_edited(kubectl: Kubectl) -> None:
    editing = replace(kubectl, extra={"KUBE_EDITOR": 'sed -i "s/^  replicas: 1/  replicas: 2/"'})
    edited = editing("edit", "deployment", "library-server-with-policy")
    assert edited == "deployment.apps/library-server-with-policy edited\n"
    until(lambda: len(kubectl("get", "pods", "--no-headers").splitlines()) == 2)
    assert "ScalingReplicaSet" in kubectl("describe", "deployment", "library-server-with-policy")


def test_explained(kubectl: Kubectl) -> None:
    assert "runAsUser" in kubectl("explain", "podsecuritypolicy.spec")


def test_validated_before_it_is_sent(kubectl: Kubectl) -> None:
    wrong = (FOLDER / "service.yaml").read_text().replace("selector:", "selectro:")
    answer = kubectl.try_("apply", "--dry-run=client", "-f", "-", stdin=wrong)
    assert answer.code != 0
    assert "selectro" in answer.err


def test_deleted(kubectl: Kubectl) -> None:
    for file, name in reversed(APPLIED.items()):
        answer = kubectl("delete", "-f", f"{FOLDER / file}.yaml")
        kind, _, short = name.partition("/")
        assert f'{kind} "{short}" deleted' in answer
    until(lambda: not kubectl("get", "all", "-l", "app=library-server-with-policy", "--no-headers"))
