"""Which nodes a pod fits on, and why not on the others: the filters of the default profile, in their order. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from fakekube.apis.core.pods import placement
from fakekube.registry.client import Reader
from fakekube.scheduler import volumes
from fakekube.scheduler.affinity import Affinity
from fakekube.scheduler.spread import UNLABELLED, Spread
from fakekube.scheduler.state import ANY_ADDRESS, CPU, MEMORY, Amounts, NodeInfo, PodInfo, Port, State, View

NO_NODES = "no nodes available to schedule pods"
UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": placement.NO_SCHEDULE}
REFUSING = (placement.NO_SCHEDULE, placement.NO_EXECUTE)
COMMON = (CPU, MEMORY, "ephemeral-storage")
AFFINITY = "node(s) didn't match pod affinity/anti-affinity"
NOT_NEAR = "node(s) didn't match pod affinity rules"
NOT_AWAY = "node(s) didn't match pod anti-affinity rules"
NOT_WELCOME = "node(s) didn't satisfy existing pods anti-affinity rules"


class Refusal(Struct, frozen=True):
    """Why a node will not do. `final`: not even if pods were to leave it."""

    reasons: tuple[str, ...]
    final: bool = True


class Attempt:
    """One pod looking for a node in one view."""

    def __init__(self, pod: PodInfo, view: View, api: Reader) -> None:
        self.pod = pod
        self.view = view
        self.api = api

    def in_view(self, view: View) -> Attempt:
        """The same if things were so."""
        return Attempt(self.pod, view, self.api)

    @cached_property
    def affinity(self) -> Affinity:
        """What other pods mean for it."""
        return Affinity(self.pod, self.view)

    @cached_property
    def spread(self) -> Spread:
        """How pods like it are spread."""
        return Spread(self.pod, self.view)

    @cached_property
    def claims(self) -> volumes.Claims:
        """Its claims. Raises NoVolumes."""
        return volumes.claims_of(self.pod, self.api)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Those that may have something against a node; for most pods few of all. Raises NoVolumes."""
        return tuple(check for check, concerns in FILTERS if concerns is None or concerns(self))


Filter = Callable[[Attempt, NodeInfo], Refusal | None]


def _unschedulable(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    if not info.closed or placement.is_tolerated(UNSCHEDULABLE, attempt.pod.spec.get("tolerations") or ()):
        return None
    return Refusal(("node(s) were unschedulable",))


def _taints(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    for taint in placement.untolerated(attempt.pod.spec, info.taints, REFUSING) if info.taints else ():
        shown = f"{{{taint['key']}: {taint.get('value', '')}}}"
        return Refusal((f"node(s) had taint {shown}, that the pod didn't tolerate",))
    return None


def _node_affinity(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    matches = placement.matches_node(attempt.pod.spec, info.node)
    return None if matches else Refusal(("node(s) didn't match Pod's node affinity",))


def conflicts(wanted: Iterable[Port], taken: Iterable[Port]) -> bool:
    """Whether two sets of host ports share one; an address that stands for all conflicts with each."""
    there = set(taken)
    for address, protocol, number in wanted:
        for other, other_protocol, other_number in there:
            same = (protocol, number) == (other_protocol, other_number)
            if same and (address == other or ANY_ADDRESS in (address, other)):
                return True
    return False


def _ports(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    wanted = attempt.pod.ports
    if wanted and conflicts(wanted, (port for pod in info.pods.values() for port in pod.ports)):
        return Refusal(("node(s) didn't have free ports for the requested pod ports",), final=False)
    return None


def _resources(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    reasons = []
    if len(info.pods) + 1 > info.allocatable.get("pods", 0):
        reasons.append("Too many pods")
    wanted = attempt.pod.requests
    extended = [name for name in wanted if name not in COMMON]
    if extended or any(wanted.get(name) for name in COMMON):
        reasons += [f"Insufficient {name}" for name in (*COMMON, *extended) if _is_short(info, wanted, name)]
    return Refusal(tuple(reasons), final=False) if reasons else None


def _is_short(info: NodeInfo, wanted: Amounts, name: str) -> bool:
    return info.allocatable.get(name, 0) < wanted.get(name, 0) + info.requested.get(name, 0)


def _disks(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    conflict = volumes.disk_conflict(attempt.pod, info)
    return Refusal((volumes.DISK_CONFLICT,), final=False) if conflict else None


def _volumes(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    reasons = tuple(volumes.obstacles(attempt.claims, info, attempt.api))
    return Refusal(reasons) if reasons else None


def _zones(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    return Refusal((volumes.WRONG_ZONE,)) if volumes.wrong_zone(attempt.claims, info, attempt.api) else None


def _spread(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    obstacle = attempt.spread.obstacle(info)
    return Refusal((obstacle,), final=obstacle == UNLABELLED) if obstacle else None


def _pod_affinity(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    affinity = attempt.affinity
    if not affinity.is_near(info):
        return Refusal((AFFINITY, NOT_NEAR))
    if not affinity.is_away(info):
        return Refusal((AFFINITY, NOT_AWAY), final=False)
    if not affinity.is_welcome(info):
        return Refusal((AFFINITY, NOT_WELCOME), final=False)
    return None


Concerns = Callable[[Attempt], bool]
FILTERS: tuple[tuple[Filter, Concerns | None], ...] = (
    (_unschedulable, None),
    (_taints, None),
    (_node_affinity, lambda attempt: placement.is_choosy(attempt.pod.spec)),
    (_ports, lambda attempt: bool(attempt.pod.ports)),
    (_resources, None),
    (_disks, lambda attempt: bool(attempt.pod.spec.get("volumes"))),
    (_volumes, lambda attempt: bool(attempt.claims)),
    (_zones, lambda attempt: bool(attempt.claims)),
    (_spread, lambda attempt: bool(attempt.pod.spec.get("topologySpreadConstraints"))),
    (_pod_affinity, lambda attempt: bool(attempt.view.terms or attempt.pod.has_terms)),
)
"""In their order, and which pods each concerns; None: all."""


def refusal(attempt: Attempt, info: NodeInfo) -> Refusal | None:
    """What the first filter says that refuses the node."""
    for check in attempt.filters:
        found = check(attempt, info)
        if found is not None:
            return found
    return None


def refusal_with_nominated(attempt: Attempt, info: NodeInfo, state: State) -> Refusal | None:
    """The same, but the node must do even if pods come to which it has been promised, of no lower priority."""
    pod = attempt.pod
    promised = [one for one in state.nominated(info.name) if one.priority >= pod.priority and one.uid != pod.uid]
    if promised:
        crowded = info.copy()
        for other in promised:
            crowded.add(other)
        terms = attempt.view.terms + sum(other.has_terms for other in promised)
        view = View({**attempt.view.nodes, crowded.name: crowded}, terms)
        if (found := refusal(attempt.in_view(view), crowded)) is not None:
            return found
    return refusal(attempt, info)


def refusals(attempt: Attempt, state: State) -> dict[str, Refusal | None]:
    """node -> why not; None for those that will do."""
    nodes = attempt.view.nodes
    try:
        attempt.filters  # noqa: B018  asked once, before any node
    except volumes.NoVolumes as error:
        return dict.fromkeys(nodes, Refusal((str(error),)))
    if not state.any_nominated:
        return {name: refusal(attempt, info) for name, info in nodes.items()}
    return {name: refusal_with_nominated(attempt, info, state) for name, info in nodes.items()}


def message(found: Mapping[str, Refusal | None]) -> str:
    """What the condition and the event say: how many nodes there are and how many have which obstacle."""
    if not found:
        return NO_NODES
    counts = Counter(reason for one in found.values() if one is not None for reason in one.reasons)
    texts: Sequence[str] = sorted(f"{count} {reason}" for reason, count in counts.items())
    return f"0/{len(found)} nodes are available: {', '.join(texts)}."
