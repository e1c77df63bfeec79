from __future__ import annotations

from typing import Any

import pytest
from admission_samples import attributes
from readers import ObjectsReader

from fakekube.admission import node_restriction
from fakekube.apis.coordination.leases import RESOURCE as LEASES
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.serviceaccounts import RESOURCE as ACCOUNTS
from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError

KUBELET = UserInfo("system:node:n1", groups=("system:nodes",))
OWNER = {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "u1", "controller": True}


@pytest.fixture
def reader() -> ObjectsReader:
    found = ObjectsReader()
    found.put(NODES, {"metadata": {"name": "n1", "uid": "u1"}})
    for name, node in (("mine", "n1"), ("other", "n2")):
        found.put(
            PODS, {"metadata": {"name": name, "namespace": "ns", "uid": f"{name}-uid"}, "spec": {"nodeName": node}}
        )
    return found


def refusal(reader: ObjectsReader, *args: Any, **more: Any) -> str:
    """The reason of the refusal, "" for none."""
    try:
        node_restriction.mutate(attributes(*args, user=more.pop("user", KUBELET), **more), reader)
    except StatusError as error:
        return error.message.partition("is forbidden: ")[2] or error.message
    return ""


def mirror(owners: list[Object] | None = None, **spec: Any) -> Object:
    metadata = {
        "name": "m",
        "annotations": {"kubernetes.io/config.mirror": "x"},
        "ownerReferences": [OWNER] if owners is None else owners,
    }
    return {"metadata": metadata, "spec": {"nodeName": "n1", "containers": [], **spec}}


@pytest.mark.parametrize(
    ("pod", "why"),
    [
        (mirror(), ""),
        (mirror(nodeName="n2"), 'node "n1" can only create pods with spec.nodeName set to itself'),
        (mirror([]), 'node "n1" can only create pods with an owner reference set to itself'),
        (mirror([OWNER, OWNER]), 'node "n1" can only create pods with a single owner reference set to itself'),
        (mirror([{**OWNER, "uid": "u2"}]), "node n1 UID mismatch: expected u2 got u1"),
        (mirror(serviceAccountName="a"), 'node "n1" can not create pods that reference a service account'),
        (mirror(imagePullSecrets=[{"name": "s"}]), 'node "n1" can not create pods that reference secrets'),
        (
            {"metadata": {"name": "m"}, "spec": {}},
            'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
        ),
    ],
)
def test_kubelets_create_their_mirror_pods_only(reader: ObjectsReader, pod: Object, why: str) -> None:
    assert refusal(reader, pod) == why


def test_others_are_left_alone(reader: ObjectsReader) -> None:
    assert refusal(reader, mirror([]), user=UserInfo("system:node:n1")) == ""
    assert refusal(reader, mirror([]), user=UserInfo("joe", groups=("system:nodes",))) == ""


def test_a_node_without_a_name_may_do_nothing(reader: ObjectsReader) -> None:
    user = UserInfo("system:node:", groups=("system:nodes",))
    assert refusal(reader, mirror(), user=user) == 'could not determine node from user "system:node:"'


@pytest.mark.parametrize(
    ("resource", "subresource", "operation", "name", "obj", "why"),
    [
        (PODS, "", "DELETE", "mine", None, ""),
        (PODS, "", "DELETE", "other", None, 'node "n1" can only delete pods with spec.nodeName set to itself'),
        (PODS, "", "DELETE", "gone", None, 'pod "gone" not found'),
        (
            PODS, "eviction", "CREATE", "other", {"metadata": {}},
            "node n1 can only evict pods with spec.nodeName set to itself",
        ),
        (
            PODS, "exec", "CREATE", "mine", {},
            "unexpected pod subresource \"exec\", only 'status' and 'eviction' are allowed",
        ),
        (NODES, "", "CREATE", "n2", {"metadata": {}}, 'node "n1" is not allowed to modify node "n2"'),
        (CLAIMS, "", "UPDATE", "c", {"metadata": {}}, "may only update PVC status"),
        (
            ACCOUNTS, "token", "CREATE", "a", {"spec": {}},
            "node requested token not bound to a pod",
        ),
        (
            ACCOUNTS, "token", "CREATE", "a",
            {"spec": {"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "other", "uid": "other-uid"}}},
            "node requested token bound to a pod scheduled on a different node",
        ),
        (
            LEASES, "", "CREATE", "", {"metadata": {"name": "n1"}},
            'can only access leases in the "kube-node-lease" system namespace',
        ),
    ],
)  # fmt: skip
def test_other_requests(
    reader: ObjectsReader, resource: Resource, subresource: str, operation: str, name: str, obj: Object | None, why: str
) -> None:
    assert refusal(reader, obj, resource, operation, subresource=subresource, name=name) == why


@pytest.mark.parametrize(
    ("label", "allowed"),
    [
        ("kubernetes.io/hostname", True), ("topology.kubernetes.io/zone", True), ("node.kubernetes.io/any", True),
        ("a.kubelet.kubernetes.io/x", True), ("example.com/x", True), ("plain", True),
        ("kubernetes.io/role", False), ("node-role.kubernetes.io/master", False), ("x.k8s.io/y", False),
        ("node-restriction.kubernetes.io/x", False), ("a.node-restriction.kubernetes.io/x", False),
    ],
)  # fmt: skip
def test_labels(label: str, allowed: bool) -> None:
    assert (node_restriction.forbidden_labels({label: "v"}, {}) == []) == allowed
    assert (node_restriction.forbidden_labels({}, {label: "v"}) == []) == allowed
    assert node_restriction.forbidden_labels({label: "v"}, {label: "v"}) == []


def test_taints_are_not_the_kubelets(reader: ObjectsReader) -> None:
    old = {"metadata": {"name": "n1"}, "spec": {"taints": [{"key": "a"}]}}
    new = {"metadata": {"name": "n1"}, "spec": {}}
    assert refusal(reader, new, NODES, "UPDATE", old) == 'node "n1" is not allowed to modify taints'


def test_a_claim_grows_through_its_status() -> None:
    old = {"metadata": {"name": "c", "resourceVersion": "1"}, "spec": {}, "status": {"phase": "Bound"}}
    new = {"metadata": {"name": "c"}, "spec": {}, "status": {"phase": "Bound", "capacity": {"storage": "1"}}}
    assert refusal(ObjectsReader(), new, CLAIMS, "UPDATE", old, subresource="status") == ""
    new["metadata"]["labels"] = {"a": "b"}
    why = refusal(ObjectsReader(), new, CLAIMS, "UPDATE", old, subresource="status")
    assert why.startswith(
        'node "n1" is not allowed to update fields other than status.capacity and status.conditions: '
    )
    assert "Labels" in why
