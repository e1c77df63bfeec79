"""Which pods have to go for one of a higher priority. Follows framework/plugins/defaultpreemption of v1.20. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from fakekube.apis.policy.poddisruptionbudgets import RESOURCE as BUDGETS
from fakekube.machinery import selectors
from fakekube.machinery.objects import Object
from fakekube.machinery.times import parse_time
from fakekube.scheduler.filters import Attempt, Refusal, refusal_with_nominated
from fakekube.scheduler.state import NodeInfo, PodInfo, State, View

NEVER = "Never"


class Candidate(Struct, frozen=True):
    """A node that would do if these pods left it."""

    node: str
    victims: tuple[PodInfo, ...]
    """The most important first, those whose budget would be violated before the others."""
    violations: int


def may_preempt(pod: PodInfo, view: View, found: Mapping[str, Refusal | None]) -> bool:
    """Not if its policy forbids it, nor while pods that it has driven away are still leaving."""
    if pod.spec.get("preemptionPolicy") == NEVER:
        return False
    nominated = found.get(pod.nominated) if pod.nominated else None
    if not pod.nominated or (nominated is not None and nominated.final):
        return True
    info = view.nodes.get(pod.nominated)
    leaving = (other for other in (info.pods.values() if info else ()) if other.leaving)
    return not any(other.priority < pod.priority for other in leaving)


def importance(pod: PodInfo) -> tuple[int, float]:
    """Sort key: the highest priority first, then who has run for the longest time."""
    return -pod.priority, started(pod)


def started(pod: PodInfo) -> float:
    """When it began to run; the far future if it has not."""
    moment = (pod.obj.get("status") or {}).get("startTime")
    return parse_time(moment) if moment else float("inf")


def split_by_budgets(pods: Iterable[PodInfo], budgets: Sequence[Object]) -> tuple[list[PodInfo], list[PodInfo]]:
    """(those whose loss would violate a budget, the others)."""
    allowed = [(one.get("status") or {}).get("disruptionsAllowed", 0) for one in budgets]
    violating: list[PodInfo] = []
    others: list[PodInfo] = []
    for pod in pods:
        violated = False
        for index, budget in enumerate(budgets):
            if _concerns(budget, pod):
                allowed[index] -= 1
                violated = violated or allowed[index] < 0
        (violating if violated else others).append(pod)
    return violating, others


def _concerns(budget: Object, pod: PodInfo) -> bool:
    if not pod.labels or budget["metadata"].get("namespace") != pod.namespace:
        return False
    selector = selectors.from_object(budget["spec"].get("selector"))
    gone = (budget.get("status") or {}).get("disruptedPods") or {}
    return not selector.empty and selector.matches(pod.labels) and pod.name not in gone


def victims_on(attempt: Attempt, info: NodeInfo, state: State, budgets: Sequence[Object]) -> Candidate | None:
    """Who has to leave the node: all of lower priority, then those come back that can, the most important first."""
    trial = info.copy()
    lower = sorted((pod for pod in info.pods.values() if pod.priority < attempt.pod.priority), key=importance)
    for pod in lower:
        trial.remove(pod.uid)
    if not lower or not _fits(attempt, trial, state):
        return None
    violating, others = split_by_budgets(lower, budgets)
    victims: list[PodInfo] = []
    violations = 0
    for pod in (*violating, *others):
        trial.add(pod)
        if not _fits(attempt, trial, state):
            trial.remove(pod.uid)
            victims.append(pod)
            violations += pod in violating
    return Candidate(info.name, tuple(victims), violations)


def _fits(attempt: Attempt, trial: NodeInfo, state: State) -> bool:
    return refusal_with_nominated(attempt.in_view(attempt.view.having(trial)), trial, state) is None


def find(attempt: Attempt, state: State, found: Mapping[str, Refusal | None]) -> Candidate | None:
    """The node where the loss is the smallest; None if nobody's leaving would help."""
    if not may_preempt(attempt.pod, attempt.view, found):
        return None
    hopeful = [name for name, why in found.items() if why is not None and not why.final]
    budgets = attempt.api.list(BUDGETS) if hopeful else ()
    tries = (victims_on(attempt, attempt.view.nodes[name], state, budgets) for name in hopeful)
    candidates = [candidate for candidate in tries if candidate is not None]
    return min(candidates, key=loss, default=None)


def loss(candidate: Candidate) -> tuple[int, int, int, int, float, str]:
    """Sort key: fewest violated budgets, least important victims, fewest of them, the youngest."""
    victims = candidate.victims
    highest = max((pod.priority for pod in victims), default=-(2**31))
    ranks = [pod.priority + 2**31 for pod in victims]
    top = [pod for pod in victims if pod.priority == highest]
    earliest = min(map(started, top), default=0.0)
    return candidate.violations, highest, sum(ranks), len(victims), -earliest, candidate.node
