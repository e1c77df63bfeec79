"""What a refused user is told about roles that come close."""

from __future__ import annotations

from typing import Any

import pytest
from readers import ObjectsReader

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.authz.attributes import Attributes
from fakekube.authz.closest import closest
from fakekube.machinery.objects import Object, UserInfo

ANN = UserInfo("ann", groups=("dev-team",))


def role(name: str, namespace: str = "", **rule: Any) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    whole = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"], **rule}
    return {"kind": "Role" if namespace else "ClusterRole", "metadata": metadata, "rules": [whole]}


def binding(name: str, to: Object, namespace: str = "", subject: Object | None = None) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"kind": to["kind"], "name": to["metadata"]["name"]},
        "subjects": [subject or {"kind": "User", "name": "ann"}],
    }


def reader(*objects: Object) -> ObjectsReader:
    kinds = {
        "Role": roles.RESOURCE,
        "ClusterRole": clusterroles.RESOURCE,
        "RoleBinding": rolebindings.RESOURCE,
        "ClusterRoleBinding": clusterrolebindings.RESOURCE,
    }
    made = ObjectsReader()
    for obj in objects:
        made.put(kinds[obj["kind"]], obj)
    return made


def asked(verb: str = "get", resource: str = "pods", namespace: str = "dev", **more: str) -> Attributes:
    return Attributes(ANN, verb, namespace, resource=resource, **more)


BOUND = 'Role "dev/r", bound by RoleBinding "dev/b"'


@pytest.mark.parametrize(
    ("rule", "action", "line"),
    [
        ({}, asked("create"), f"{BOUND} allows get, list, not create"),
        ({"resourceNames": ["web"]}, asked(name="db"), f'{BOUND} is about web alone, not "db"'),
        ({"resourceNames": ["web"]}, asked("list"), f"{BOUND} is about web alone, not all of them"),
        ({"resources": ["pods/log"]}, asked(), f"{BOUND} is about pods/log, not pods"),
        ({}, asked(subresource="log"), f"{BOUND} is about pods, not pods/log"),
        ({"apiGroups": ["apps"]}, asked(), f'{BOUND} is about the API groups apps, not ""'),
    ],
)
def test_a_bound_rule_fails_in_one_point(rule: dict[str, Any], action: Attributes, line: str) -> None:
    mine = role("r", "dev", **rule)
    assert closest(action, reader(mine, binding("b", mine, "dev"))) == [line]


def test_rules_of_another_sort_are_not_near() -> None:
    mine = role("r", "dev")
    here = reader(mine, binding("b", mine, "dev"))
    assert closest(asked("create", "secrets"), here) == []
    assert closest(Attributes(ANN, "get", path="/metrics", is_resource=False), here) == []


def test_a_group_counts_and_others_do_not() -> None:
    view = role("view")
    for_group = binding("b", view, "dev", {"kind": "Group", "name": "dev-team"})
    for_bob = binding("c", view, "dev", {"kind": "User", "name": "bob"})
    lines = closest(asked("delete"), reader(view, for_group, for_bob))
    assert lines == ['ClusterRole "view", bound by RoleBinding "dev/b" allows get, list, not delete']


def test_a_binding_in_another_namespace() -> None:
    view = role("view")
    lines = closest(asked(namespace="prod"), reader(view, binding("b", view, "dev")))
    assert (
        lines[0] == 'ClusterRole "view", bound by RoleBinding "dev/b" would do, but holds in the namespace "dev" only'
    )
    assert lines[1] == 'ClusterRole "view" would do, but is not bound to the user here'


def test_what_gives_least_is_the_best_advice() -> None:
    everything = role("all", verbs=["*"], resources=["*"])
    lines = closest(asked(), reader(everything, role("reader", "dev"), role("other", "prod"), role("system:node")))
    assert [line.split()[1] for line in lines] == ['"dev/reader"', '"all"']
