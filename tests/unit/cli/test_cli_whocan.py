"""`kubectl who-can`: from roles and bindings to its tables."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.cli.tabwriter import aligned
from fakekube.cli.whocan import Action, Found, exported, find, lines
from fakekube.machinery.objects import Object

CREATE_PODS = Action("create", "po", plural="pods")
ANN = {"kind": "User", "name": "ann"}
ROBOT = {"kind": "ServiceAccount", "name": "robot", "namespace": "ci"}


def rule(**fields: Any) -> Object:
    return {"verbs": ["create"], "apiGroups": [""], "resources": ["pods"], **fields}


def role(name: str, namespace: str = "", *rules: Object) -> Object:
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, "rules": list(rules)}


def binding(name: str, kind: str, of: str, namespace: str = "", *subjects: Object) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"metadata": metadata, "roleRef": {"kind": kind, "name": of}, "subjects": list(subjects)}


@pytest.mark.parametrize(
    ("action", "granting", "granted"),
    [
        (CREATE_PODS, rule(), True),
        (CREATE_PODS, rule(verbs=["*"], apiGroups=["*"], resources=["*"]), True),
        (CREATE_PODS, rule(verbs=["get"]), False),
        (CREATE_PODS, rule(apiGroups=["apps"]), False),
        (CREATE_PODS, rule(resourceNames=["web"]), False),
        (Action("create", "po", "web", plural="pods"), rule(resourceNames=["web"]), True),
        (Action("create", "po", plural="pods", subresource="exec"), rule(), False),
        (Action("create", "po", plural="pods", subresource="exec"), rule(resources=["pods/exec"]), True),
        (Action("get", url="/logs"), {"verbs": ["get"], "nonResourceURLs": ["/logs"]}, True),
        (Action("get", url="/logs"), {"verbs": ["get"], "nonResourceURLs": ["/version"]}, False),
        (Action("get", url="/logs"), rule(verbs=["get"]), False),
        (Action("list", "*", plural="*", group="*"), rule(verbs=["list"]), False),
    ],
)
def test_granted(action: Action, granting: Object, granted: bool) -> None:
    assert action.granted_by(granting) is granted


def test_roles_of_the_same_name() -> None:
    """A role counts in its own namespace, and is no cluster role."""
    roles = [role("maker", "dev", rule()), role("maker", "prod")]
    bindings = [
        binding("a", "Role", "maker", "dev", ANN),
        binding("b", "Role", "maker", "prod", ANN),
        binding("c", "ClusterRole", "maker", "dev", ANN),
        binding("d", "ClusterRole", "edit", "prod", ANN),
    ]
    found = find(CREATE_PODS, roles, [role("maker"), role("edit", "", rule())], bindings, [])
    assert [one["metadata"]["name"] for one in found.in_namespaces] == ["a", "d"]


def test_tables() -> None:
    found = Found(
        [binding("makers", "Role", "maker", "dev", ANN, ROBOT)],
        [binding("admins", "ClusterRole", "cluster-admin", "", {"kind": "Group", "name": "system:masters"})],
    )
    assert list(lines(CREATE_PODS, found, wide=False)) == [
        "ROLEBINDING  NAMESPACE  SUBJECT  TYPE            SA-NAMESPACE",
        "makers       dev        ann      User            ",
        "makers       dev        robot    ServiceAccount  ci",
        "",
        "CLUSTERROLEBINDING  SUBJECT         TYPE   SA-NAMESPACE",
        "admins              system:masters  Group  ",
    ]
    assert next(lines(CREATE_PODS, found, wide=True)).split()[:3] == ["ROLEBINDING", "ROLE", "NAMESPACE"]


def test_nobody() -> None:
    nobody = Found([], [])
    text = "No subjects found with permissions to create po assigned through"
    assert list(lines(CREATE_PODS, nobody, wide=False)) == [f"{text} RoleBindings", "", f"{text} ClusterRoleBindings"]
    assert len(list(lines(Action("get", url="/logs"), nobody, wide=False))) == 1


def test_for_programs() -> None:
    found = Found([binding("makers", "Role", "maker", "dev", ANN)], [])
    row = {"name": "makers", "roleRef": {"kind": "Role", "name": "maker"}, "subjects": [ANN]}
    assert exported(CREATE_PODS, found) == {"roleBindings": [row]}


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert aligned([["A", "B", "C"], ["long", "", "c"]]) == ["A     B  C", "long     c"]
