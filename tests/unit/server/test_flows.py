"""Which FlowSchema a request matches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object, UserInfo
from fakekube.server import requestinfo
from fakekube.server.flows import Flows

GROUP = {"kind": "Group", "group": {"name": "devs"}}
ANN = {"kind": "User", "user": {"name": "ann"}}
ACCOUNTS = {"kind": "ServiceAccount", "serviceAccount": {"namespace": "ci", "name": "*"}}
PODS = {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/status"], "namespaces": ["dev"]}
NODES = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True}
HEALTH = {"verbs": ["get"], "nonResourceURLs": ["/healthz/*", "/version"]}


def schema(name: str, precedence: int, subject: Object, level: str = "one", **rules: Any) -> Object:
    spec = {
        "matchingPrecedence": precedence,
        "priorityLevelConfiguration": {"name": level},
        "rules": [{"subjects": [subject], **rules}],
    }
    return {"metadata": {"name": name, "uid": name}, "spec": spec}


class Objects:
    """A reader of schemas, and of one priority level."""

    def __init__(self, *schemas: Object) -> None:
        self.schemas, self.changed = schemas, 1

    def revision(self, _: Resource) -> int:
        return self.changed

    def list(self, resource: Resource, *_: Any) -> Sequence[Object]:
        return self.schemas if resource.plural == "flowschemas" else [{"metadata": {"name": "one", "uid": "level"}}]


def flow_of(objects: Objects, user: UserInfo, path: str, method: str = "GET") -> str:
    found = Flows(objects).classify(user, requestinfo.parse(method, path, {}))  # type: ignore[arg-type]
    assert found is None or found.level == "level"
    return found.schema if found else ""


@pytest.mark.parametrize(
    ("user", "path", "expected"),
    [
        (UserInfo("ann"), "/api/v1/namespaces/dev/pods", "ann-pods"),
        (UserInfo("ann"), "/api/v1/namespaces/dev/pods/p/status", "ann-pods"),
        (UserInfo("ann"), "/api/v1/namespaces/dev/pods/p/log", ""),
        (UserInfo("ann"), "/api/v1/namespaces/prod/pods", ""),
        (UserInfo("ann"), "/api/v1/pods", ""),
        (UserInfo("bob", groups=("devs",)), "/api/v1/nodes", "devs-cluster"),
        (UserInfo("ann", groups=("devs",)), "/api/v1/namespaces/dev/pods", "ann-pods"),
        (UserInfo("bob", groups=("devs",)), "/healthz/ping", "devs-cluster"),
        (UserInfo("bob", groups=("devs",)), "/version", "devs-cluster"),
        (UserInfo("bob", groups=("devs",)), "/metrics", ""),
        (UserInfo("system:serviceaccount:ci:x"), "/api/v1/nodes", "accounts"),
        (UserInfo("system:serviceaccount:ci2:x"), "/api/v1/nodes", ""),
    ],
)
def test_the_first_that_matches(user: UserInfo, path: str, expected: str) -> None:
    objects = Objects(
        schema("accounts", 30, ACCOUNTS, resourceRules=[NODES]),
        schema("devs-cluster", 20, GROUP, resourceRules=[NODES], nonResourceRules=[HEALTH]),
        schema("ann-pods", 10, ANN, resourceRules=[PODS]),
        schema("of-no-level", 1, ANN, "another", resourceRules=[PODS]),
    )
    assert flow_of(objects, user, path) == expected


def test_the_name_decides_between_equals_and_the_last_resort_takes_the_rest() -> None:
    every = {"kind": "User", "user": {"name": "*"}}
    objects = Objects(
        schema("b", 10, every, resourceRules=[NODES]),
        schema("a", 10, every, resourceRules=[NODES]),
        schema("catch-all", 10_000, GROUP, resourceRules=[NODES]),
    )
    assert flow_of(objects, UserInfo("ann"), "/api/v1/nodes") == "a"
    assert flow_of(objects, UserInfo("ann"), "/api/v1/namespaces/x/pods") == "catch-all"


def test_a_new_schema_is_seen() -> None:
    objects = Objects()
    flows, info = Flows(objects), requestinfo.parse("GET", "/api/v1/nodes", {})  # type: ignore[arg-type]
    assert flows.classify(UserInfo("ann"), info) is None
    objects.schemas, objects.changed = (schema("new", 1, ANN, resourceRules=[NODES]),), 2
    found = flows.classify(UserInfo("ann"), info)
    assert found is not None
    assert found.schema == "new"
