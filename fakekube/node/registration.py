"""What a node tells of itself: the Node object, its status, its lease. Pure functions.

Follows pkg/kubelet/kubelet_node_status.go and pkg/kubelet/nodestatus of v1.20.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct

from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_micro, format_time

RESOURCES = {
    "cpu": "8",
    "ephemeral-storage": "100Gi",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "32Gi",
    "pods": "110",
}
"""What a node has, and all of it is for pods."""
KUBELET_PORT = 10250
LEASE_SECONDS = 40
TTL_ANNOTATION = "volumes.kubernetes.io/controller-managed-attach-detach"


class Machine(Struct, frozen=True):
    """The machine that a node pretends to be."""

    name: str
    address: str
    version: str
    """Of the kubelet: v1.20.2."""
    number: int = 0


class Condition(NamedTuple):
    """One condition of a healthy node, and the event that tells when it has come about."""

    type: str
    status: str
    reason: str
    message: str
    event: str


CONDITIONS = (
    Condition(
        "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available",
        "NodeHasSufficientMemory",
    ),
    Condition(
        "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"
    ),
    Condition(
        "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available",
        "NodeHasSufficientPID",
    ),
    Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", "NodeReady"),
)  # fmt: skip
"""In the kubelet's order."""


def node(machine: Machine, now: float) -> Object:
    """The Node as it is created."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": machine.name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": machine.name,
                "kubernetes.io/os": "linux",
            },
            "annotations": {TTL_ANNOTATION: "true"},
        },
        "spec": {},
        "status": status(machine, {}, now),
    }


def status(machine: Machine, before: Object, now: float) -> Object:
    """What the kubelet reports; `before` is what the node has, of which it keeps conditions that are not its own."""
    return {
        **resources(before),
        "conditions": conditions(before.get("conditions") or [], now),
        "addresses": [
            {"type": "InternalIP", "address": machine.address},
            {"type": "Hostname", "address": machine.name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": KUBELET_PORT}},
        "nodeInfo": _info(machine),
    }


def resources(before: Object) -> Object:
    """Capacity and allocatable of a status: what others have said that the node has is for pods as well."""
    capacity = {**(before.get("capacity") or {}), **RESOURCES}
    return {"capacity": capacity, "allocatable": dict(capacity)}


def conditions(before: list[Object], now: float) -> list[Object]:
    """A healthy node's; times of changes stay as long as the status does."""
    known = {one["type"]: one for one in before}
    mine = {one.type for one in CONDITIONS}
    stamp = format_time(now)
    made = []
    for one in CONDITIONS:
        old = known.get(one.type)
        since = old["lastTransitionTime"] if old and old["status"] == one.status else stamp
        made.append(
            {
                "type": one.type, "status": one.status, "lastHeartbeatTime": stamp, "lastTransitionTime": since,
                "reason": one.reason, "message": one.message,
            }
        )  # fmt: skip
    return [*(one for one in before if one["type"] not in mine), *made]


def news(before: list[Object]) -> list[str]:
    """The events of the conditions that come about now."""
    known = {one["type"]: one["status"] for one in before}
    return [one.event for one in CONDITIONS if known.get(one.type) != one.status]


def _info(machine: Machine) -> Object:
    identity = sha256(machine.name.encode()).hexdigest()[:32]
    uuid = f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:]}"
    return {
        "machineID": identity,
        "systemUUID": uuid,
        "bootID": uuid,
        "kernelVersion": "5.4.0-fakekube",
        "osImage": "fakekube",
        "containerRuntimeVersion": "containerd://1.4.3",
        "kubeletVersion": machine.version,
        "kubeProxyVersion": machine.version,
        "operatingSystem": "linux",
        "architecture": "amd64",
    }


def owner(node_: Object) -> Object:
    """The reference by which what belongs to a node goes with it."""
    return {"apiVersion": "v1", "kind": "Node", "name": node_["metadata"]["name"], "uid": node_["metadata"]["uid"]}


def lease(node_: Object, now: float) -> Object:
    """The node's lease, renewed now."""
    name = node_["metadata"]["name"]
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [owner(node_)]},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": format_micro(now)},
    }


def csi_node(node_: Object) -> Object:
    """The node's CSINode, which names no driver."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSINode",
        "metadata": {"name": node_["metadata"]["name"], "ownerReferences": [owner(node_)]},
        "spec": {"drivers": None},
    }
