"""Even spreading: topology spread constraints, and pods of one service or workload.

Follows framework/plugins/podtopologyspread and selectorspread of v1.20.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.apis.core.pods import placement
from fakekube.apis.core.replicationcontrollers import RESOURCE as REPLICATIONCONTROLLERS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery import selectors
from fakekube.machinery.objects import Object
from fakekube.machinery.selectors import Selector
from fakekube.registry.client import Reader
from fakekube.scheduler.state import NodeInfo, PodInfo, View

HARD, SOFT = "DoNotSchedule", "ScheduleAnyway"
HOSTNAME = "kubernetes.io/hostname"
ZONE_WEIGHT = 2 / 3
DIFFERENT = "node(s) didn't match pod topology spread constraints"
UNLABELLED = f"{DIFFERENT} (missing required label)"


class Constraint(Struct, frozen=True):
    """One constraint of a pod."""

    topology: str
    max_skew: int
    selector: Selector


def constraints_of(pod: PodInfo, when: str) -> list[Constraint]:
    """The pod's constraints of that kind."""
    return [
        Constraint(one["topologyKey"], one["maxSkew"], selectors.from_object(one.get("labelSelector")))
        for one in pod.spec.get("topologySpreadConstraints") or ()
        if one["whenUnsatisfiable"] == when
    ]


def _labelled(info: NodeInfo, constraints: Iterable[Constraint]) -> bool:
    return all(constraint.topology in info.labels for constraint in constraints)


def count(pods: Iterable[PodInfo], selector: Selector, namespace: str) -> int:
    """How many of the pods are of the namespace, match and stay."""
    return sum(pod.namespace == namespace and not pod.leaving and selector.matches(pod.labels) for pod in pods)


class Spread:
    """How many matching pods each part of each topology has; of one pod in one view."""

    def __init__(self, pod: PodInfo, view: View) -> None:
        self._pod = pod
        self._constraints = constraints_of(pod, HARD)
        self._counts: dict[Constraint, Counter[str]] = {constraint: Counter() for constraint in self._constraints}
        nodes = view.nodes.values() if self._constraints else ()
        eligible = [
            info for info in nodes if _labelled(info, self._constraints) and placement.matches_node(pod.spec, info.node)
        ]
        for constraint, counts in self._counts.items():
            parts = {info.labels[constraint.topology] for info in eligible}
            counts.update(dict.fromkeys(parts, 0))
            for info in nodes:
                part = info.labels.get(constraint.topology)
                if part in parts:
                    counts[part] += count(info.pods.values(), constraint.selector, pod.namespace)

    def obstacle(self, info: NodeInfo) -> str:
        """Why the node would break a constraint, "" if it would not."""
        for constraint in self._constraints:
            part = info.labels.get(constraint.topology)
            if part is None:
                return UNLABELLED
            counts = self._counts[constraint]
            fewest = min(counts.values(), default=2**31 - 1)
            own = constraint.selector.matches(self._pod.labels)
            if counts[part] + own - fewest > constraint.max_skew:
                return DIFFERENT
        return ""


def scores(pod: PodInfo, view: View, nodes: Sequence[NodeInfo]) -> list[int] | None:
    """0 to 100 for each node, by the constraints that are only preferences; None: there are none."""
    constraints = constraints_of(pod, SOFT)
    good = [info for info in nodes if _labelled(info, constraints)]
    if not constraints or not good:
        return None
    totals: dict[str, float] = {info.name: 0.0 for info in good}
    for constraint in constraints:
        counts = _soft_counts(pod, view, good, constraints, constraint)
        size = len({info.labels[constraint.topology] for info in good})
        weight = math.log((len(good) if constraint.topology == HOSTNAME else size) + 2)
        for info in good:
            totals[info.name] += counts[info.name] * weight + constraint.max_skew - 1
    raw = {name: int(total) for name, total in totals.items()}
    low, high = min(raw.values()), max(raw.values())
    return [
        0 if info.name not in raw else 100 if high == 0 else 100 * (high + low - raw[info.name]) // high
        for info in nodes
    ]


def _soft_counts(
    pod: PodInfo, view: View, good: Sequence[NodeInfo], constraints: Sequence[Constraint], constraint: Constraint
) -> dict[str, int]:
    """node -> matching pods in its part of the topology."""
    key, selector = constraint.topology, constraint.selector
    if key == HOSTNAME:
        return {info.name: count(info.pods.values(), selector, pod.namespace) for info in good}
    parts: Counter[str] = Counter()
    for info in view.nodes.values():
        if _labelled(info, constraints) and placement.matches_node(pod.spec, info.node):
            parts[info.labels[key]] += count(info.pods.values(), selector, pod.namespace)
    return {info.name: parts[info.labels[key]] for info in good}


# Services and workloads


class Siblings(Struct):
    """What selects a pod: labels that all its siblings have, and selectors that are more than labels."""

    labels: dict[str, str] = field(default_factory=dict)
    selectors: list[Selector] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.labels or self.selectors)

    def take(self, selector: Object) -> None:
        """One selector more."""
        if selector.get("matchExpressions"):
            self.selectors.append(selectors.from_object(selector))
        else:
            self.labels.update(selector.get("matchLabels") or {})

    def count(self, info: NodeInfo, pod: PodInfo) -> int:
        """How many of them the node has."""
        wanted, namespace = self.labels.items(), pod.namespace
        if not self.selectors:
            return info.count((namespace, frozenset(wanted)))
        return sum(
            wanted <= other.labels.items()
            and other.namespace == namespace
            and not other.leaving
            and all(one.matches(other.labels) for one in self.selectors)
            for other in info.pods.values()
        )


def siblings(pod: PodInfo, api: Reader) -> Siblings:
    """By services, replication controllers, replica sets and stateful sets."""
    found = Siblings()
    if not pod.labels:
        return found
    for resource in (SERVICES, REPLICATIONCONTROLLERS):
        for one in api.list(resource, pod.namespace):
            wanted = one["spec"].get("selector") or {}
            if wanted and wanted.items() <= pod.labels.items():
                found.labels.update(wanted)
    for resource in (REPLICASETS, STATEFULSETS):
        for one in api.list(resource, pod.namespace):
            selector = one["spec"].get("selector")
            if selector and _selects(selector, pod):
                found.take(selector)
    return found


def _selects(selector: Object, pod: PodInfo) -> bool:
    """Whether the selector, which selects something in particular, selects the pod; most are no more than labels."""
    labels, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions")
    if not labels.items() <= pod.labels.items():
        return False
    return selectors.from_object(selector).matches(pod.labels) if expressions else bool(labels)


def sibling_scores(pod: PodInfo, nodes: Sequence[NodeInfo], api: Reader) -> list[int] | None:
    """0 to 100 for each node: the fewer pods of the same service or workload it and its zone have, the more.

    None: the pod has no siblings, or constraints that say more.
    """
    found = Siblings() if pod.spec.get("topologySpreadConstraints") else siblings(pod, api)
    if not found:
        return None
    counts = [found.count(info, pod) for info in nodes]
    zones: Counter[str] = Counter()
    for info, number in zip(nodes, counts, strict=True):
        if info.zone:
            zones[info.zone] += number
    most, most_in_zone = max(counts), max(zones.values(), default=0)
    result = []
    for info, number in zip(nodes, counts, strict=True):
        score = 100 * ((most - number) / most) if most else 100.0
        if info.zone:
            in_zone = 100 * ((most_in_zone - zones[info.zone]) / most_in_zone) if most_in_zone else 100.0
            score = score * (1 - ZONE_WEIGHT) + ZONE_WEIGHT * in_zone
        result.append(int(score))
    return result
