"""What a cluster has from the start, and that starting again brings back what is missing."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast

import pytest
from readers import ObjectsReader

from fakekube.apis.core import configmaps, services
from fakekube.apis.flowcontrol import flowschemas
from fakekube.apis.rbac import clusterrolebindings, clusterroles
from fakekube.apis.resource import Resource
from fakekube.bootstrap import ensure, service_address, wanted_objects
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.options import Options


def wanted(**more: str) -> list[tuple[Resource, Object]]:
    return list(wanted_objects("CA", 6443, Options(), now=0, **more))


def test_every_kind_is_there() -> None:
    kinds = Counter(obj["kind"] for resource, obj in wanted() if resource.group != clusterroles.RESOURCE.group)
    assert kinds == {
        "Namespace": 4,
        "PriorityClass": 2,
        "PriorityLevelConfiguration": 7,
        "FlowSchema": 10,
        "APIService": 35,
        "ConfigMap": 1,
        "Service": 1,
        "ServiceAccount": 30,
    }


def test_objects_suit_their_resources() -> None:
    for resource, obj in wanted():
        assert obj["kind"] == resource.kind
        assert bool(key_of(obj).namespace) == resource.namespaced


def test_namespaces_come_before_what_is_in_them() -> None:
    seen: set[str] = {""}
    for _, obj in wanted():
        assert key_of(obj).namespace in seen
        if obj["kind"] == "Namespace":
            seen.add(obj["metadata"]["name"])


def one(resource: Resource, name: str, **more: str) -> Any:
    return next(obj for kind, obj in wanted(**more) if kind is resource and obj["metadata"]["name"] == name)


def test_flow_schemas_refer_to_levels_that_exist() -> None:
    levels = {obj["metadata"]["name"] for _, obj in wanted() if obj["kind"] == "PriorityLevelConfiguration"}
    for _, obj in wanted():
        if obj["kind"] == "FlowSchema":
            assert obj["spec"]["priorityLevelConfiguration"]["name"] in levels
            assert obj["status"]["conditions"][0]["lastTransitionTime"] == "1970-01-01T00:00:00Z"


def test_a_flow_schema_in_full() -> None:
    assert one(flowschemas.RESOURCE, "workload-leader-election")["spec"] == {
        "priorityLevelConfiguration": {"name": "leader-election"},
        "matchingPrecedence": 200,
        "distinguisherMethod": {"type": "ByUser"},
        "rules": [
            {
                "subjects": [{"kind": "ServiceAccount", "serviceAccount": {"namespace": "kube-system", "name": "*"}}],
                "resourceRules": [
                    {
                        "verbs": ["get", "create", "update"],
                        "apiGroups": [""],
                        "resources": ["endpoints", "configmaps"],
                        "namespaces": ["*"],
                    },
                    {
                        "verbs": ["get", "create", "update"],
                        "apiGroups": ["coordination.k8s.io"],
                        "resources": ["leases"],
                        "namespaces": ["*"],
                    },
                ],
            }
        ],
    }


def test_the_service_points_to_the_server() -> None:
    spec = one(services.RESOURCE, "kubernetes")["spec"]
    assert (spec["clusterIP"], spec["ports"][0]["targetPort"]) == ("10.96.0.1", 6443)


def test_extension_servers_learn_of_a_front_proxy_only_if_there_is_one() -> None:
    name = "extension-apiserver-authentication"
    assert set(one(configmaps.RESOURCE, name)["data"]) == {"client-ca-file"}
    assert one(configmaps.RESOURCE, name, front_proxy_authority="P")["data"]["requestheader-client-ca-file"] == "P"


@pytest.mark.parametrize(
    ("cidr", "address"), [("10.96.0.0/12", "10.96.0.1"), ("10.0.0.5/24", "10.0.0.1"), ("fd00::/108", "fd00::1")]
)
def test_the_first_address_is_the_servers(cidr: str, address: str) -> None:
    assert service_address(cidr) == address


class Store(ObjectsReader):
    """As much of a client as `ensure` needs; like kinds with a status subresource, it loses the status on create."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    async def create(self, resource: Resource, obj: Object) -> Object:
        assert self.get(resource, key_of(obj)) is None
        self.writes.append("create")
        made = {key: value for key, value in obj.items() if key != "status"}
        self.put(resource, made)
        return made

    async def update(self, resource: Resource, obj: Object, subresource: str = "") -> Object:
        self.writes.append(f"update {subresource}".strip())
        self.put(resource, obj)
        return obj

    async def delete(self, resource: Resource, key: Key) -> None:
        self.writes.append("delete")
        self.remove(resource, key)


def ensured(store: Store, resource: Resource, obj: Object) -> list[str]:
    store.writes.clear()
    asyncio.run(ensure(cast("Any", store), resource, obj))
    return list(store.writes)


def test_starting_twice_writes_once() -> None:
    store = Store()
    for resource, obj in wanted():
        assert ensured(store, resource, obj)[0] == "create"
        found = store.get(resource, key_of(obj))
        assert found is not None
        assert found.get("status") or not obj.get("status")
    for resource, obj in wanted():
        assert ensured(store, resource, obj) == []


def test_roles_come_back_and_others_stay_as_they_are() -> None:
    store = Store()
    role = one(clusterroles.RESOURCE, "view")
    store.put(clusterroles.RESOURCE, {**role, "rules": role["rules"][1:]})
    assert ensured(store, clusterroles.RESOURCE, role) == []  # an aggregated role's rules are the controller's affair
    admin = one(clusterroles.RESOURCE, "cluster-admin")
    store.put(clusterroles.RESOURCE, {**admin, "rules": []})
    assert ensured(store, clusterroles.RESOURCE, admin) == ["update"]
    bound = one(clusterrolebindings.RESOURCE, "cluster-admin")
    store.put(clusterrolebindings.RESOURCE, {**bound, "roleRef": {**bound["roleRef"], "name": "view"}})
    assert ensured(store, clusterrolebindings.RESOURCE, bound) == ["delete", "create"]
    service = one(services.RESOURCE, "kubernetes")
    store.put(services.RESOURCE, {**service, "spec": {}})
    assert ensured(store, services.RESOURCE, service) == []
