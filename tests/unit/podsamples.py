"""Objects as tests of controllers and of the scheduler need them."""

from __future__ import annotations

from typing import Any

from fakekube.machinery.objects import Object

NOW = 1_600_000_000.0
STAMP = "2020-09-13T12:26:40Z"


def pod(
    name: str,
    *,
    labels: dict[str, str] | None = None,
    phase: str = "Running",
    ready: bool | None = None,
    node: str = "",
    owner: Object | None = None,
    deleted: bool = False,
    ip: str = "",
    **spec: Any,
) -> Object:
    """A pod of namespace "ns"."""
    metadata: Object = {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": "1"}
    metadata["creationTimestamp"] = STAMP
    metadata["labels"] = labels or {}
    if owner is not None:
        metadata["ownerReferences"] = [owner]
    if deleted:
        metadata["deletionTimestamp"] = STAMP
    status: Object = {"phase": phase}
    if ready is not None:
        status["conditions"] = [{"type": "Ready", "status": str(ready), "lastTransitionTime": STAMP}]
    if ip:
        status.update(podIP=ip, podIPs=[{"ip": ip}])
    containers = spec.pop("containers", [{"name": "c", "image": "img:1"}])
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": containers, **({"nodeName": node} if node else {}), **spec},
        "status": status,
    }


def node(name: str, ready: str = "True", *, labels: dict[str, str] | None = None, **spec: Any) -> Object:
    """A node with room."""
    room = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    conditions = [{"type": "Ready", "status": ready, "lastHeartbeatTime": STAMP}] if ready else []
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": f"uid-{name}", "labels": labels or {}, "creationTimestamp": STAMP},
        "spec": spec,
        "status": {"allocatable": room, "conditions": conditions},
    }
