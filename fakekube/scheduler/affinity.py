"""What pods want of one another: affinity and anti-affinity. Follows framework/plugins/interpodaffinity of v1.20."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from fakekube.scheduler.state import NodeInfo, PodInfo, Term, View

Place = tuple[str, str]
"""(topology key, value of the node's label)"""

HARD_WEIGHT = 1
"""What a required affinity of a pod that is there counts when nodes are compared."""


def _places(terms: Iterable[Term], pod: PodInfo, info: NodeInfo) -> Iterable[Place]:
    for term in terms:
        if term.topology in info.labels and term.matches(pod):
            yield term.topology, info.labels[term.topology]


class Affinity:
    """The counts that decide where a pod may go; of one pod in one view."""

    def __init__(self, pod: PodInfo, view: View) -> None:
        self._pod = pod
        self._wanted: Counter[Place] = Counter()
        """Where there are pods that match all of its affinity terms."""
        self._unwanted: Counter[Place] = Counter()
        """Where there are pods that it does not want near."""
        self._refusing: Counter[Place] = Counter()
        """Where there are pods that do not want it near."""
        if pod.affinity or pod.anti_affinity or view.terms:
            for info, other in view.pods():
                self._count(info, other)

    def _count(self, info: NodeInfo, other: PodInfo) -> None:
        pod = self._pod
        self._refusing.update(_places(other.anti_affinity, pod, info))
        self._unwanted.update(_places(pod.anti_affinity, other, info))
        if pod.affinity and all(term.matches(other) for term in pod.affinity):
            self._wanted.update(_places(pod.affinity, other, info))

    def is_near(self, info: NodeInfo) -> bool:
        """Whether what the pod wants near is there; the first of a group that wants itself may go anywhere."""
        terms = self._pod.affinity
        if any(term.topology not in info.labels for term in terms):
            return False
        if all(self._wanted[term.topology, info.labels[term.topology]] > 0 for term in terms):
            return True
        return not self._wanted and all(term.matches(self._pod) for term in terms)

    def is_away(self, info: NodeInfo) -> bool:
        """Whether nothing is near that the pod does not want."""
        places = ((term.topology, info.labels.get(term.topology)) for term in self._pod.anti_affinity)
        return not any(value is not None and self._unwanted[key, value] > 0 for key, value in places)

    def is_welcome(self, info: NodeInfo) -> bool:
        """Whether no pod is near that does not want this one."""
        return not self._refusing or not any(self._refusing[place] > 0 for place in info.labels.items())


def scores(pod: PodInfo, view: View, nodes: Sequence[NodeInfo]) -> list[int] | None:
    """0 to 100 for each node, by what the pod and those that are there prefer; None: nobody prefers anything."""
    if not view.terms and not pod.preferred and not pod.preferred_anti:
        return None
    weights: Counter[Place] = Counter()
    for info, other in view.pods():
        _weigh(weights, pod.preferred, other, info, 1)
        _weigh(weights, pod.preferred_anti, other, info, -1)
        _weigh(weights, other.affinity, pod, info, HARD_WEIGHT, fixed=True)
        _weigh(weights, other.preferred, pod, info, 1)
        _weigh(weights, other.preferred_anti, pod, info, -1)
    raw = [sum(weights[place] for place in info.labels.items()) for info in nodes]
    low, high = min(0, *raw), max(0, *raw)
    return [int(100 * ((score - low) / (high - low))) if high > low else 0 for score in raw]


def _weigh(
    weights: Counter[Place], terms: Iterable[Term], pod: PodInfo, info: NodeInfo, sign: int, fixed: bool = False
) -> None:
    for term in terms:
        if term.topology in info.labels and term.matches(pod):
            weights[term.topology, info.labels[term.topology]] += sign * (1 if fixed else term.weight)
