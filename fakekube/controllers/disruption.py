"""The disruption controller: how many pods of a PodDisruptionBudget may go. Follows pkg/controller/disruption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.replicationcontrollers import RESOURCE as REPLICATIONCONTROLLERS
from fakekube.apis.policy.poddisruptionbudgets import RESOURCE as BUDGETS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.amounts import scaled
from fakekube.controllers.shared.objects import (
    controller_of,
    is_deleted,
    key,
    labels_of,
    name_of,
    namespace_of,
    revised,
    uid_of,
)
from fakekube.controllers.shared.parents import label_selector
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import parse_time
from fakekube.registry.client import Client, Reader

DELETION_TIMEOUT = 120.0
"""How long an evicted pod counts as gone before it really is."""
SCALED = {
    "ReplicaSet": (("apps", "extensions"), REPLICASETS),
    "ReplicationController": (("",), REPLICATIONCONTROLLERS),
    "StatefulSet": (("apps",), STATEFULSETS),
}
"""kind -> (its groups, the resource) of controllers of pods that have a size."""


class Incalculable(ValueError):
    """How many pods there should be cannot be found out; `reason` is that of its own event, "" for none."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def pods_of(budget: Object, api: Reader) -> list[Object]:
    """The pods that the budget selects; an empty selector selects none."""
    selector = label_selector(budget)
    if selector.empty:
        return []
    return [pod for pod in api.list(PODS, namespace_of(budget)) if selector.matches(labels_of(pod))]


def scale_of(ref: Object, namespace: str, api: Reader) -> tuple[str, int] | None:
    """(uid, size) of the workload above a pod; of a Deployment rather than its ReplicaSet. None: there is none."""
    groups, resource = SCALED.get(ref["kind"], ((), None))
    if resource is None or ref["apiVersion"].rpartition("/")[0] not in groups:
        return None
    parent = api.get(resource, Key(namespace, ref["name"]))
    if parent is None or uid_of(parent) != ref["uid"]:
        return None
    above = controller_of(parent) if resource is REPLICASETS else None
    if above is not None and above["kind"] == "Deployment":
        parent = api.get(DEPLOYMENTS, Key(namespace, above["name"]))
        if parent is None or uid_of(parent) != above["uid"]:
            return None
    return uid_of(parent), int(parent["spec"].get("replicas", 1))


def expected_scale(pods: Iterable[Object], api: Reader) -> int:
    """The sum of the sizes of all workloads above the pods. Raises Incalculable."""
    sizes: dict[str, int] = {}
    for pod in pods:
        ref = controller_of(pod)
        if ref is None:
            raise Incalculable("NoControllerRef", f'found no controller ref for pod "{name_of(pod)}"')
        if ref["uid"] in sizes:
            continue
        found = scale_of(ref, namespace_of(pod), api)
        if found is None:
            raise Incalculable("NoControllers", f'found no controllers for pod "{name_of(pod)}"')
        sizes[found[0]] = found[1]
    return sum(sizes.values())


def expected(budget: Object, pods: Sequence[Object], api: Reader) -> tuple[int, int]:
    """(how many pods there should be, how many of them healthy). Raises Incalculable."""
    spec = budget["spec"]
    most, least = spec.get("maxUnavailable"), spec.get("minAvailable")
    try:
        if most is not None:
            total = expected_scale(pods, api)
            return total, max(0, total - scaled(most, total, up=True))
        if isinstance(least, str):
            total = expected_scale(pods, api)
            return total, scaled(least, total, up=True)
    except Incalculable:
        raise
    except ValueError as error:
        raise Incalculable("", str(error)) from None
    return (len(pods), least) if least is not None else (0, 0)


class Disrupted(Struct):
    """Pods that were evicted and are still there."""

    pods: dict[str, str] = field(default_factory=dict)
    """name -> moment of the eviction."""
    recheck: float | None = None
    """Seconds until the first of them counts again."""
    overdue: list[Object] = field(default_factory=list)
    """Pods that should have been gone."""


def disrupted(budget: Object, pods: Iterable[Object], now: float) -> Disrupted:
    """What of status.disruptedPods still holds."""
    result = Disrupted()
    before = (budget.get("status") or {}).get("disruptedPods") or {}
    for pod in pods:
        if is_deleted(pod) or name_of(pod) not in before:
            continue
        wait = parse_time(before[name_of(pod)]) + DELETION_TIMEOUT - now
        if wait < 0:
            result.overdue.append(pod)
            continue
        result.pods[name_of(pod)] = before[name_of(pod)]
        result.recheck = wait if result.recheck is None else min(wait, result.recheck)
    return result


def healthy(pods: Iterable[Object], gone: Disrupted) -> int:
    """How many pods are ready and stay."""
    return sum(podlib.is_ready(pod) for pod in pods if not is_deleted(pod) and name_of(pod) not in gone.pods)


def plan_status(budget: Object, current: int, desired: int, total: int, gone: Disrupted) -> Object:
    """The status; all counts are written."""
    status = {
        "currentHealthy": current,
        "desiredHealthy": desired,
        "disruptionsAllowed": max(0, current - desired) if total > 0 else 0,
        "expectedPods": total,
        "observedGeneration": budget["metadata"].get("generation", 0),
    }
    return {**status, "disruptedPods": gone.pods} if gone.pods else status


async def reconcile(name: Key, api: Client) -> float | None:
    """Count the pods of one budget. Raises StatusError."""
    budget = api.get(BUDGETS, name)
    if budget is None:
        return None
    pods, now = pods_of(budget, api), api.clock.now()
    if not pods:
        await api.record(budget, "Normal", "NoPods", "No matching pods found")
    try:
        total, desired = expected(budget, pods, api)
    except Incalculable as error:
        await _fail_safe(budget, error, api)
        return None
    gone = disrupted(budget, pods, now)
    for pod in gone.overdue:
        place = f"{name.namespace}/{name.namespace}"  # sic: the real one says the namespace twice
        text = f"Pod was expected by PDB {place} to be deleted but it wasn't"
        await api.record(pod, "Warning", "NotDeleted", text)
    status = plan_status(budget, healthy(pods, gone), desired, total, gone)
    if status != (budget.get("status") or {}):
        await api.update(BUDGETS, revised(budget, status=status), "status")
    return gone.recheck


async def _fail_safe(budget: Object, error: Incalculable, api: Client) -> None:
    """Nothing may go as long as nobody knows how much there should be."""
    if error.reason:
        await api.record(budget, "Warning", error.reason, str(error))
    text = f"Failed to calculate the number of expected pods: {error}"
    await api.record(budget, "Warning", "CalculateExpectedPodCountFailed", text)
    before = budget.get("status") or {}
    if before.get("disruptionsAllowed"):
        await api.update(BUDGETS, revised(budget, status={**before, "disruptionsAllowed": 0}), "status")


def of_pod(pod: Object, api: Reader) -> Iterable[Key]:
    """The budgets that select the pod."""
    labels = labels_of(pod)
    budgets = api.list(BUDGETS, namespace_of(pod)) if labels else ()
    return [key(one) for one in budgets if not label_selector(one).empty and label_selector(one).matches(labels)]


CONTROLLER = Controller(
    "disruption-controller",
    (Watch(BUDGETS), Watch(PODS, of_pod)),
    reconcile,
    component="controllermanager",
)
