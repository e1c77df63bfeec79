"""What controllers ask of pods, and how they make and delete them. Follows controller_utils.go and api/v1/pod."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.errors import is_terminating
from fakekube.controllers.shared.objects import created, fresh, is_deleted, key, name_of, namespace_of
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import parse_time
from fakekube.registry.client import Client

PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
LONGEST_NAME = 253


def phase_of(pod: Object) -> str:
    """status.phase."""
    phase: str = (pod.get("status") or {}).get("phase", "")
    return phase


def node_of(pod: Object) -> str:
    """spec.nodeName, "" while it is on none."""
    node: str = pod["spec"].get("nodeName", "")
    return node


def is_finished(pod: Object) -> bool:
    """Succeeded or Failed."""
    return phase_of(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Neither finished nor being deleted."""
    return not is_finished(pod) and not is_deleted(pod)


def ready_condition(pod: Object) -> Object | None:
    """The condition Ready, if it is True."""
    condition = find(conditions_of(pod), "Ready")
    return condition if condition is not None and condition["status"] == "True" else None


def is_ready(pod: Object) -> bool:
    """Whether the pod's condition Ready is True."""
    return ready_condition(pod) is not None


def ready_since(pod: Object) -> float | None:
    """The moment since which the pod is ready; None: it is not, or nobody knows."""
    condition = ready_condition(pod)
    moment = condition.get("lastTransitionTime") if condition is not None else None
    return parse_time(moment) if moment else None


def counted_differently(old: Object | None, new: Object | None) -> bool:
    """Whether a pod's change matters to those who count pods; to get a node does not."""
    return old is None or new is None or _counted(old) != _counted(new)


def _counted(pod: Object) -> tuple[object, ...]:
    metadata = pod["metadata"]
    names = ("labels", "ownerReferences", "deletionTimestamp")
    ready = find(conditions_of(pod), "Ready")
    since = ready and (ready["status"], ready.get("lastTransitionTime"))
    return phase_of(pod), since, restarts(pod), *(metadata.get(name) for name in names)


def is_available(pod: Object, min_ready: int, now: float) -> bool:
    """Whether the pod has been ready for that many seconds."""
    if not is_ready(pod):
        return False
    if not min_ready:
        return True
    since = ready_since(pod)
    return since is not None and since + min_ready < now


def next_available(pods: Iterable[Object], min_ready: int, now: float) -> float | None:
    """Seconds until the next of the ready pods becomes available."""
    if not min_ready:
        return None
    moments = (ready_since(pod) for pod in pods)
    waits = [since + min_ready - now for since in moments if since is not None and since + min_ready >= now]
    return min(waits) + 0.001 if waits else None


def restarts(pod: Object) -> int:
    """The highest restart count of its containers."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return max((status.get("restartCount", 0) for status in statuses), default=0)


def expendable(pod: Object, doubled: int = 0) -> Any:
    """Sort key: who goes first when there are too many. `doubled`: related pods on the same node.

    Unassigned, pending, unready, doubled up, ready for a short time, often restarted, young.
    """
    since = ready_since(pod)
    return (
        bool(node_of(pod)),
        PHASES.get(phase_of(pod), 0),
        is_ready(pod),
        -doubled,
        -(float("inf") if since is None else since),
        -restarts(pod),
        -created(pod),
    )


def to_delete(pods: Sequence[Object], related: Sequence[Object], count: int) -> list[Object]:
    """Which `count` of the pods to delete; `related` are those of all replica sets of the same owner."""
    if count >= len(pods):
        return list(pods)
    on_node: dict[str, int] = {}
    for pod in related:
        if is_active(pod):
            on_node[node_of(pod)] = on_node.get(node_of(pod), 0) + 1
    return sorted(pods, key=lambda pod: expendable(pod, on_node.get(node_of(pod), 0)))[:count]


def from_template(template: Object, parent: Object, owner: Object) -> Object:
    """A pod out of a pod template, named after its parent."""
    name = name_of(parent)
    metadata = template.get("metadata") or {}
    made = {
        "generateName": f"{name}-" if len(name) < LONGEST_NAME else name,
        "namespace": namespace_of(parent),
        **{field: fresh(metadata[field]) for field in ("labels", "annotations", "finalizers") if metadata.get(field)},
        "ownerReferences": [owner],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": fresh(template["spec"])}


class CreatedPods(Struct):
    """How many pods were created, and the first failure."""

    count: int = 0
    error: StatusError | None = None


async def create(pod: Object, parent: Object, api: Client, quiet: Callable[[StatusError], bool]) -> Object:
    """Create the pod and record it as an event of its parent. Raises StatusError; `quiet` ones are not recorded."""
    try:
        made = await api.create(PODS, pod)
    except StatusError as error:
        if not quiet(error):
            await api.record(parent, "Warning", "FailedCreate", f"Error creating: {error.message}")
        raise
    await api.record(parent, "Normal", "SuccessfulCreate", f"Created pod: {name_of(made)}")
    return made


async def delete(pod: Object, parent: Object, api: Client) -> None:
    """Delete the pod and record it as an event of its parent. Raises StatusError; one that is gone is no error."""
    try:
        await api.delete(PODS, key(pod))
    except StatusError as error:
        if error.reason == "NotFound":
            return
        await api.record(parent, "Warning", "FailedDelete", f"Error deleting: {error.message}")
        raise
    await api.record(parent, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")


async def create_many(template: Object, parent: Object, owner: Object, count: int, api: Client) -> CreatedPods:
    """So many pods from one template, as `create_each` does."""
    return await create_each([template] * count, parent, owner, api)


async def create_each(templates: Sequence[Object], parent: Object, owner: Object, api: Client) -> CreatedPods:
    """A pod from each template. Slow start: 1, 2, 4… until all are there or one of a batch fails.

    That the namespace is being deleted is no failure.
    """
    result = CreatedPods()
    start, size = 0, 1
    while start < len(templates) and result.error is None:
        for template in templates[start : start + size]:
            try:
                await create(from_template(template, parent, {**owner}), parent, api, is_terminating)
            except StatusError as error:
                if not is_terminating(error):
                    result.error = result.error or error
                    continue
            result.count += 1
        start, size = start + size, size * 2
    return result


async def delete_many(pods: Iterable[Object], parent: Object, api: Client) -> tuple[int, StatusError | None]:
    """Delete them all; how many could not be, and the first failure."""
    errors = []
    for pod in pods:
        try:
            await delete(pod, parent, api)
        except StatusError as error:
            errors.append(error)
    return len(errors), errors[0] if errors else None
