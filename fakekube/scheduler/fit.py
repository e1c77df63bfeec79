"""Whether a pod fits on a node, and why not: pure functions of (pod, node, pods there). Follows the default filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fakekube.machinery import quantity, selectors
from fakekube.machinery.objects import Object

NO_NODES = "no nodes available to schedule pods"
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
    if node_spec.get("unschedulable") and not _tolerated(spec, {"key": "node.kubernetes.io/unschedulable"}):
        yield "node(s) were unschedulable"
        return
    if spec.get("nodeName") and spec["nodeName"] != node["metadata"]["name"]:
        yield "node(s) didn't match the requested hostname"
        return
    for taint in node_spec.get("taints", ()):
        if taint["effect"] in MASKED_EFFECTS and not _tolerated(spec, taint):
            yield f"node(s) had taint {{{taint['key']}: {taint.get('value', '')}}}, that the pod didn't tolerate"
            return
    if not _selected(spec, node):
        yield "node(s) didn't match Pod's node affinity"
        return
    yield from _short_of(pod, node, others)


def _tolerated(spec: Object, taint: Object) -> bool:
    effect = taint.get("effect", "NoSchedule")
    return any(_tolerates(toleration, taint, effect) for toleration in spec.get("tolerations", ()))


def _tolerates(toleration: Object, taint: Object, effect: str) -> bool:
    if toleration.get("effect", effect) not in ("", effect):
        return False
    if toleration.get("key", "") and toleration["key"] != taint["key"]:
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("value", "") == taint.get("value", ""))


def _selected(spec: Object, node: Object) -> bool:
    labels: Mapping[str, str] = node["metadata"].get("labels", {})
    if any(labels.get(key) != value for key, value in spec.get("nodeSelector", {}).items()):
        return False
    required = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    return any(_term_matches(term, node, labels) for term in required.get("nodeSelectorTerms", ()))


def _term_matches(term: Object, node: Object, labels: Mapping[str, str]) -> bool:
    fields = {"metadata.name": node["metadata"]["name"]}
    expressions, on_fields = term.get("matchExpressions", ()), term.get("matchFields", ())
    if not expressions and not on_fields:
        return False
    return selectors.from_node_expressions(expressions).matches(labels) and selectors.from_node_expressions(
        on_fields
    ).matches(fields)


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
