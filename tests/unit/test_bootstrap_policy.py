"""The default policy as data, and how it comes back."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from fakekube.authz.bootstrap import node_rules, policy, rule
from fakekube.authz.bootstrap.reconciliation import Operation, reconcile
from fakekube.authz.rules import uncovered
from fakekube.machinery.objects import Object, key_of

KEEP = "rbac.authorization.kubernetes.io/autoupdate"


def named(kind: str, name: str) -> Object:
    return next(obj for _, obj in policy() if (obj["kind"], obj["metadata"]["name"]) == (kind, name))


def test_everything_is_there() -> None:
    kinds = Counter(obj["kind"] for _, obj in policy())
    assert kinds == {"ClusterRole": 60, "ClusterRoleBinding": 41, "Role": 7, "RoleBinding": 7}


def test_objects_suit_their_resources() -> None:
    for resource, obj in policy():
        assert resource.kind == obj["kind"]
        assert bool(key_of(obj).namespace) == resource.namespaced


def test_it_loads_quickly() -> None:
    list(policy())
    start = time.perf_counter()
    list(policy())
    assert time.perf_counter() - start < 0.1  # 3 ms on a quiet machine


@pytest.mark.parametrize(
    ("short", "full"),
    [
        (["get", "core apps", "pods"], {"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["pods"]}),
        (
            ["get", "core", "pods", "a b"],
            {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a", "b"]},
        ),
        (["get post", "/x /y"], {"verbs": ["get", "post"], "nonResourceURLs": ["/x", "/y"]}),
    ],
)
def test_short_rules(short: list[str], full: Object) -> None:
    assert rule(short) == full


def test_aggregated_roles_hold_what_they_gather() -> None:
    view, edit, admin = (named("ClusterRole", name)["rules"] for name in ("view", "edit", "admin"))
    assert not uncovered(edit, view)
    assert not uncovered(admin, edit)
    assert uncovered(edit, admin)
    assert view == named("ClusterRole", "system:aggregate-to-view")["rules"]


def test_only_admin_manages_roles() -> None:
    wanted = [rule(["create", "rbac.authorization.k8s.io", "roles"])]
    covering = [
        obj["metadata"]["name"]
        for resource, obj in policy()
        if resource.kind == "ClusterRole" and not uncovered(obj["rules"], wanted)
    ]
    assert covering == ["admin", "cluster-admin", "system:aggregate-to-admin"]


def test_nodes_may_not_delete_each_other() -> None:
    assert uncovered(node_rules(), [rule(["delete", "core", "nodes"])])
    assert not uncovered(node_rules(), [rule(["get", "core", "nodes"])])


ROLE = {"metadata": {"name": "r", "labels": {"l": "1"}, "annotations": {KEEP: "true"}}}
RULES = [{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]}]
MORE = {"verbs": ["delete"], "apiGroups": [""], "resources": ["pods"]}
LIST = {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}
A, B = {"clusterRoleSelectors": [{"matchLabels": {"a": "1"}}]}, {"clusterRoleSelectors": [{"matchLabels": {"b": "1"}}]}
BOTH = {"clusterRoleSelectors": [*B["clusterRoleSelectors"], *A["clusterRoleSelectors"]]}
REF, OTHER = {"kind": "ClusterRole", "name": "x"}, {"kind": "ClusterRole", "name": "y"}
U, V = {"kind": "User", "name": "u"}, {"kind": "User", "name": "v"}


def changed(**metadata: Any) -> Object:
    return {"metadata": {**ROLE["metadata"], **metadata}}


PROTECTED = changed(annotations={KEEP: "false"})


@pytest.mark.parametrize(
    ("existing", "wanted", "operation", "result"),
    [
        (None, {**ROLE, "rules": RULES}, Operation.CREATE, {**ROLE, "rules": RULES}),
        ({**ROLE, "rules": RULES}, {**ROLE, "rules": RULES}, Operation.NONE, None),
        ({**ROLE, "rules": [*RULES, MORE]}, {**ROLE, "rules": RULES}, Operation.NONE, None),
        (
            {**ROLE, "rules": [{**RULES[0], "verbs": ["get"]}, MORE]},
            {**ROLE, "rules": RULES},
            Operation.UPDATE,
            {**ROLE, "rules": [{**RULES[0], "verbs": ["get"]}, MORE, LIST]},
        ),
        ({**PROTECTED, "rules": []}, {**ROLE, "rules": RULES}, Operation.NONE, None),
        (
            {**changed(labels={"mine": "2"}), "rules": RULES},
            {**ROLE, "rules": RULES},
            Operation.UPDATE,
            {**changed(labels={"l": "1", "mine": "2"}), "rules": RULES},
        ),
        ({**changed(labels={"l": "9"}), "rules": RULES}, {**ROLE, "rules": RULES}, Operation.NONE, None),
        (
            {**ROLE, "rules": RULES, "aggregationRule": B},
            {**ROLE, "rules": RULES, "aggregationRule": A},
            Operation.UPDATE,
            {**ROLE, "rules": RULES, "aggregationRule": BOTH},
        ),
        (
            {**ROLE, "rules": RULES, "aggregationRule": A},
            {**ROLE, "rules": RULES},
            Operation.UPDATE,
            {**ROLE, "rules": RULES},
        ),
        (
            {**ROLE, "roleRef": REF, "subjects": [V]},
            {**ROLE, "roleRef": REF, "subjects": [U]},
            Operation.UPDATE,
            {**ROLE, "roleRef": REF, "subjects": [V, U]},
        ),
        ({**ROLE, "roleRef": REF, "subjects": [V, U]}, {**ROLE, "roleRef": REF, "subjects": [U]}, Operation.NONE, None),
        (
            {**ROLE, "roleRef": OTHER, "subjects": [V]},
            {**ROLE, "roleRef": REF, "subjects": [U]},
            Operation.RECREATE,
            {**ROLE, "roleRef": REF, "subjects": [U]},
        ),
        ({**PROTECTED, "roleRef": OTHER}, {**ROLE, "roleRef": REF}, Operation.NONE, None),
    ],
)
def test_reconciliation(existing: Object | None, wanted: Object, operation: Operation, result: Object | None) -> None:
    change = reconcile(existing, wanted)
    assert change.operation is operation
    assert change.object == (existing if result is None else result)
