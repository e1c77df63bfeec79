"""What a node's conditions mean: its taints, and what to tell of a node that is heard of no more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.apis.core.pods.placement import NO_EXECUTE, NO_SCHEDULE, taints_of
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.objects import labels_of
from fakekube.machinery.objects import Object

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
TAINTS = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
"""(condition, its status) -> the taint that keeps new pods away."""
OWN = frozenset({*TAINTS.values(), UNSCHEDULABLE})
WATCHED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
"""Conditions that nobody knows of a node that is heard of no more."""
MIRRORED_LABELS = (("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch"))
PARTIAL = 0.55
"""The share of unready nodes from which on a zone is disrupted."""
ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
NORMAL, DISRUPTED, DOWN = "Normal", "PartialDisruption", "FullDisruption"


def ready_status(node: Object) -> str:
    """ "True", "False", "Unknown", or "" for a node without that condition."""
    condition = find(conditions_of(node), "Ready")
    return condition["status"] if condition is not None else ""


def wanted_taints(node: Object) -> list[str]:
    """Keys of the NoSchedule taints that the node should have."""
    keys = [TAINTS.get((condition["type"], condition["status"]), "") for condition in conditions_of(node)]
    if (node.get("spec") or {}).get("unschedulable"):
        keys.append(UNSCHEDULABLE)
    return [key for key in keys if key]


def with_condition_taints(node: Object, moment: str) -> list[Object]:
    """The node's taints with those of its conditions, each with the moment when it came."""
    wanted = wanted_taints(node)
    kept = [
        taint
        for taint in taints_of(node)
        if taint["effect"] != NO_SCHEDULE
        or taint["key"] not in OWN
        or (taint["key"] in wanted and not taint.get("value"))
    ]
    there = {taint["key"] for taint in kept if taint["effect"] == NO_SCHEDULE}
    new = [key for key in dict.fromkeys(wanted) if key not in there]
    return kept + [{"key": key, "effect": NO_SCHEDULE, "timeAdded": moment} for key in new]


def swapped(taints: Iterable[Object], add: str, drop: Iterable[str], moment: str) -> list[Object]:
    """The taints with one more for NoExecute ("": none), and without others."""
    gone = {*drop, add}
    kept = [taint for taint in taints if taint["effect"] != NO_EXECUTE or taint["key"] not in gone]
    return [*kept, {"key": add, "effect": NO_EXECUTE, "timeAdded": moment}] if add else kept


def has_taint(node: Object, key: str) -> bool:
    """Whether pods are driven from the node by that taint."""
    return any(taint["key"] == key and taint["effect"] == NO_EXECUTE for taint in taints_of(node))


def lost_conditions(node: Object, moment: str) -> list[Object]:
    """The conditions of a node that is heard of no more."""
    conditions = list(conditions_of(node))
    for type_ in WATCHED:
        old = find(conditions, type_)
        if old is None:
            conditions.append(
                {
                    "type": type_,
                    "status": "Unknown",
                    "lastHeartbeatTime": node["metadata"]["creationTimestamp"],
                    "lastTransitionTime": moment,
                    "reason": "NodeStatusNeverUpdated",
                    "message": "Kubelet never posted node status.",
                }
            )
        elif old["status"] != "Unknown":
            conditions[conditions.index(old)] = {
                **old,
                "status": "Unknown",
                "lastTransitionTime": moment,
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
            }
    return conditions


def mirrored_labels(node: Object) -> dict[str, str]:
    """Labels of an older name that the node lacks, or that say something else than those of today."""
    labels = labels_of(node)
    return {old: labels[new] for new, old in MIRRORED_LABELS if new in labels and labels.get(old) != labels[new]}


def zone_of(node: Object) -> str:
    """Region and zone, "" for nodes that have neither."""
    labels = labels_of(node)
    zone, region = (
        next((labels[name] for name in names if labels.get(name)), "") for names in (ZONE_LABELS, REGION_LABELS)
    )
    return f"{region}:\0:{zone}" if zone or region else ""


def zone_state(ready: Sequence[bool]) -> str:
    """How bad it is, from whether each node is ready."""
    bad = len(ready) - sum(ready)
    if bad == len(ready) and bad:
        return DOWN
    return DISRUPTED if bad > 2 and bad / len(ready) >= PARTIAL else NORMAL


def unready_pod(pod: Object, moment: str) -> list[Object] | None:
    """The conditions of a pod whose node is not ready; None if it is not ready already."""
    conditions = list(conditions_of(pod))
    old = find(conditions, "Ready")
    if old is None or old["status"] == "False":
        return None
    conditions[conditions.index(old)] = {**old, "status": "False", "lastTransitionTime": moment}
    return conditions
