"""Whether a pod fits on a node, and why not: pure functions of (pod, node, pods there). Follows the default filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fakekube.apis.core.pods import placement
from fakekube.machinery import quantity
from fakekube.machinery.objects import Object

NO_NODES = "no nodes available to schedule pods"
UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
MASKED_EFFECTS = ("NoSchedule", "NoExecute")


def requests(pod: Object) -> dict[str, quantity.Quantity]:
    """What the pod asks for: the sum of its containers, or the largest of its init containers if that is more."""
    total: dict[str, quantity.Quantity] = {}
    for container in pod["spec"]["containers"]:
        for name, amount in _asked(container):
            total[name] = total[name] + amount if name in total else amount
    for container in pod["spec"].get("initContainers", ()):
        for name, amount in _asked(container):
            if name not in total or total[name] < amount:
                total[name] = amount
    return total


def _asked(container: Object) -> Iterator[tuple[str, quantity.Quantity]]:
    for name, amount in container.get("resources", {}).get("requests", {}).items():
        yield name, quantity.parse(amount)


def obstacles(pod: Object, node: Object, others: Sequence[Object]) -> Iterator[str]:
    """Why the pod cannot run on the node, in the words of the scheduler's plugins; nothing if it can."""
    spec, node_spec = pod["spec"], node.get("spec", {})
    if node_spec.get("unschedulable") and not placement.is_tolerated(UNSCHEDULABLE, spec.get("tolerations") or ()):
        yield "node(s) were unschedulable"
        return
    if spec.get("nodeName") and spec["nodeName"] != node["metadata"]["name"]:
        yield "node(s) didn't match the requested hostname"
        return
    for taint in placement.untolerated(spec, placement.taints_of(node), MASKED_EFFECTS):
        yield f"node(s) had taint {{{taint['key']}: {taint.get('value', '')}}}, that the pod didn't tolerate"
        return
    if not placement.matches_node(spec, node):
        yield "node(s) didn't match Pod's node affinity"
        return
    yield from _short_of(pod, node, others)


def _short_of(pod: Object, node: Object, others: Sequence[Object]) -> Iterator[str]:
    allocatable = node.get("status", {}).get("allocatable", {})
    if len(others) + 1 > int(allocatable.get("pods", 0)):
        yield "Too many pods"
    used: dict[str, quantity.Quantity] = {}
    for other in others:
        for name, amount in requests(other).items():
            used[name] = used[name] + amount if name in used else amount
    for name, amount in requests(pod).items():
        if amount.sign == 0:
            continue
        wanted = used[name] + amount if name in used else amount
        if name not in allocatable or quantity.parse(allocatable[name]) < wanted:
            yield f"Insufficient {name}"


def message(reasons: Sequence[Sequence[str]]) -> str:
    """What the condition and the event say: how many nodes there are and how many have which obstacle."""
    if not reasons:
        return NO_NODES
    counts = Counter(reason for node in reasons for reason in node)
    texts = sorted(f"{count} {reason}" for reason, count in counts.items())
    return f"0/{len(reasons)} nodes are available: {', '.join(texts)}."
