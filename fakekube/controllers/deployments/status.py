"""The status of a Deployment: counts, conditions, progress. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.controllers.deployments.plan import (
    counted,
    has_deadline,
    max_unavailable,
    replicas_of,
)
from fakekube.controllers.shared.conditions import conditions_of, find, made, without
from fakekube.controllers.shared.objects import name_of
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time, parse_time

PROGRESSING, AVAILABLE, FAILURE = "Progressing", "Available", "ReplicaFailure"
COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
TIMED_OUT = "ProgressDeadlineExceeded"
COMPLETE = "NewReplicaSetAvailable"


def condition(type_: str, status: str, reason: str, message: str, now: float) -> Object:
    """A new condition."""
    stamp = format_time(now)
    return made(type_, status, reason, message, lastUpdateTime=stamp, lastTransitionTime=stamp)


def put(conditions: Sequence[Object], new: Object) -> list[Object]:
    """Set a condition: one of the same status and reason stays as it is, a new reason keeps the transition time."""
    old = find(conditions, new["type"])
    if old is not None and old["status"] == new["status"]:
        if old.get("reason") == new.get("reason"):
            return list(conditions)
        new = {**new, "lastTransitionTime": old.get("lastTransitionTime")}
    return [*without(conditions, new["type"]), new]


def counts(deployment: Object, new: Object | None, all_sets: Iterable[Object]) -> Object:
    """The status without conditions; zeros are left out."""
    all_sets = list(all_sets)
    available = sum(counted(rs, "availableReplicas") for rs in all_sets)
    numbers = {
        "observedGeneration": deployment["metadata"].get("generation", 0),
        "replicas": sum(counted(rs, "replicas") for rs in all_sets),
        "updatedReplicas": counted(new, "replicas") if new is not None else 0,
        "readyReplicas": sum(counted(rs, "readyReplicas") for rs in all_sets),
        "availableReplicas": available,
        "unavailableReplicas": max(0, sum(map(replicas_of, all_sets)) - available),
    }
    status = {name: number for name, number in numbers.items() if number}
    collisions = (deployment.get("status") or {}).get("collisionCount")
    return status if collisions is None else {**status, "collisionCount": collisions}


def plan_status(deployment: Object, new: Object | None, all_sets: Iterable[Object], now: float) -> Object:
    """The status with its condition Available."""
    status = counts(deployment, new, all_sets)
    enough = status.get("availableReplicas", 0) >= replicas_of(deployment) - max_unavailable(deployment)
    if enough:
        text = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        text = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    status["conditions"] = put(conditions_of(deployment), condition(AVAILABLE, *text, now))
    return status


def is_complete(deployment: Object, status: Object) -> bool:
    """All pods are of the new template and available."""
    desired = replicas_of(deployment)
    numbers = {status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas")}
    generation = deployment["metadata"].get("generation", 0)
    return numbers == {desired} and bool(status.get("observedGeneration", 0) >= generation)


def has_progressed(old: Object, new: Object) -> bool:
    """Whether there are more new, ready or available pods, or fewer old ones."""
    growing = ("updatedReplicas", "readyReplicas", "availableReplicas")
    fewer = _old_replicas(new) < _old_replicas(old)
    return fewer or any(new.get(name, 0) > old.get(name, 0) for name in growing)


def _old_replicas(status: Object) -> int:
    number: int = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    return number


def has_timed_out(deployment: Object, status: Object, now: float) -> bool:
    """Whether nothing has moved for as long as the deadline says."""
    current = find(status.get("conditions", ()), PROGRESSING)
    if current is None or current.get("reason") == COMPLETE:
        return False
    if current.get("reason") == TIMED_OUT:
        return True
    return parse_time(current["lastUpdateTime"]) + float(deployment["spec"]["progressDeadlineSeconds"]) < now


def plan_rollout_status(deployment: Object, new: Object | None, all_sets: Iterable[Object], now: float) -> Object:
    """The status with all of its conditions."""
    all_sets = list(all_sets)
    status = plan_status(deployment, new, all_sets, now)
    if not has_deadline(deployment):
        status["conditions"] = without(status["conditions"], PROGRESSING)
    else:
        status["conditions"] = _progress(deployment, new, status, now)
    failure = replica_failure(new, all_sets)
    if failure is not None:
        status["conditions"] = put(status["conditions"], failure)
    else:
        status["conditions"] = without(status["conditions"], FAILURE)
    return status


def _progress(deployment: Object, new: Object | None, status: Object, now: float) -> list[Object]:
    """The conditions after looking at the progress since the last status."""
    old: Object = deployment.get("status") or {}
    conditions: list[Object] = status["conditions"]
    current = find(conditions_of(deployment), PROGRESSING)
    same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    if same and current is not None and current.get("reason") == COMPLETE:
        return conditions
    subject = f'ReplicaSet "{name_of(new)}"' if new is not None else f'Deployment "{name_of(deployment)}"'
    if is_complete(deployment, status):
        text = f"{subject} has successfully progressed."
        return put(conditions, condition(PROGRESSING, "True", COMPLETE, text, now))
    if has_progressed(old, status):
        moved = condition(PROGRESSING, "True", "ReplicaSetUpdated", f"{subject} is progressing.", now)
        if current is not None and current["status"] == "True":
            moved["lastTransitionTime"] = current.get("lastTransitionTime")
        return [*without(conditions, PROGRESSING), moved]
    if has_timed_out(deployment, status, now):
        text = f"{subject} has timed out progressing."
        return put(conditions, condition(PROGRESSING, "False", TIMED_OUT, text, now))
    return conditions


def replica_failure(new: Object | None, all_sets: Iterable[Object]) -> Object | None:
    """The condition ReplicaFailure, taken from the new ReplicaSet or else from any."""
    for rs in (*([new] if new is not None else []), *all_sets):
        failure = find(conditions_of(rs), FAILURE)
        if failure is not None:
            return {**failure, "lastUpdateTime": failure.get("lastTransitionTime")}
    return None


def progress_check(deployment: Object, status: Object, now: float) -> float | None:
    """Seconds until the deadline has to be looked at again; None: not at all."""
    current = find(conditions_of(deployment), PROGRESSING)
    if not has_deadline(deployment) or current is None:
        return None
    if is_complete(deployment, status) or current.get("reason") == TIMED_OUT:
        return None
    after = parse_time(current["lastUpdateTime"]) + float(deployment["spec"]["progressDeadlineSeconds"]) - now
    return max(after, 0) + (1.0 if after >= 1 else 0.01)
