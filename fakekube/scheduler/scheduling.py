"""Finds a node for each pod that has none, or says why there is none. Follows kube-scheduler's default profile.

It has a controller's shape: one key at a time. A pod that fits nowhere is looked at again when something changes that
may help it: nodes, volumes, services, pods that leave, or pods that it wants to be near.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods.binding import set_condition
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.resource import Resource
from fakekube.apis.storage.storageclasses import RESOURCE as CLASSES
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import SeriesRecorder
from fakekube.scheduler import filters, preemption, scores, volumes
from fakekube.scheduler.filters import Attempt, Refusal
from fakekube.scheduler.state import FINAL_PHASES, NodeInfo, PodInfo, State

NAME = "default-scheduler"
Bind = Callable[[Key, str], Awaitable[None]]
"""(pod, node): give the pod its node. Raises StatusError."""
Waking = tuple[
    Resource, Callable[[Object, Reader], Iterable[Key]], Callable[[Object | None, Object | None], bool] | None
]
"""(resource, which pods its changes concern, which changes count; None: all)."""
BOOKKEEPING = ("resourceVersion", "managedFields", "generation")


def is_waiting(pod: Object) -> bool:
    """Whether the pod is this scheduler's and has no node yet."""
    spec, metadata = pod["spec"], pod["metadata"]
    return (
        not spec.get("nodeName")
        and spec.get("schedulerName", NAME) == NAME
        and "deletionTimestamp" not in metadata
        and _phase(pod) not in FINAL_PHASES
    )


def _phase(pod: Object) -> str:
    phase: str = (pod.get("status") or {}).get("phase", "")
    return phase


def pod_itself(pod: Object, _: Reader) -> Iterable[Key]:
    """The key of a pod that waits."""
    return (key_of(pod),) if is_waiting(pod) else ()


# Which changes may help a pod that waits


def pod_changed(old: Object | None, new: Object | None) -> bool:
    """What its own status says does not help it."""
    return old is None or new is None or _asked(old) != _asked(new)


def _asked(pod: Object) -> tuple[object, object]:
    return pod["spec"], {name: value for name, value in pod["metadata"].items() if name not in BOOKKEEPING}


def pod_left(old: Object | None, new: Object | None) -> bool:
    """A pod that had a node is gone or over."""
    had = old is not None and bool(old["spec"].get("nodeName")) and _phase(old) not in FINAL_PHASES
    return had and (new is None or _phase(new) in FINAL_PHASES)


def pod_arrived(old: Object | None, new: Object | None) -> bool:
    """A pod has got a node, or one that has it has other labels."""
    if new is None or not new["spec"].get("nodeName"):
        return False
    return old is None or not old["spec"].get("nodeName") or _labels(old) != _labels(new)


def _labels(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def node_changed(old: Object | None, new: Object | None) -> bool:
    """A node is there, or has other room, labels, taints or conditions."""
    return new is not None and (old is None or _offered(old) != _offered(new))


def _offered(node: Object) -> tuple[object, ...]:
    spec, status = node.get("spec") or {}, node.get("status") or {}
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or ()}
    return status.get("allocatable"), _labels(node), spec.get("taints"), bool(spec.get("unschedulable")), conditions


class Scheduler:
    """Schedules one pod at a time."""

    def __init__(self, bind: Bind) -> None:
        self._bind = bind
        self._recorder = SeriesRecorder(NAME, f"{NAME}-{socket.gethostname()}")
        self._state = State()
        self._stuck: dict[Key, PodInfo] = {}
        """Pods that were tried in vain, or wait for their volumes."""
        self.wakings: tuple[Waking, ...] = (
            (PODS, pod_itself, pod_changed),
            (PODS, self._all_stuck, pod_left),
            (PODS, self._drawn_to, pod_arrived),
            (NODES, self._all_stuck, node_changed),
            (CLAIMS, self._all_stuck, None),
            (VOLUMES, self._all_stuck, None),
            (SERVICES, self._all_stuck, None),
            (CLASSES, self._all_stuck, None),
        )

    def listen(self, changes: Changes, _: Callable[[Key], None]) -> None:
        """Follow pods and nodes."""
        changes.subscribe(NODES, self._state.take_node)
        changes.subscribe(PODS, self._take_pod)

    def _take_pod(self, old: Object | None, new: Object | None) -> None:
        self._state.take_pod(old, new)
        if old is not None and (new is None or not is_waiting(new)):
            self._stuck.pop(key_of(old), None)

    def _all_stuck(self, _: Object, __: Reader) -> Iterable[Key]:
        ordered = sorted(self._stuck.items(), key=lambda item: (-item[1].priority, _created(item[1]), item[0]))
        return [key for key, _ in ordered]

    def _drawn_to(self, pod: Object, _: Reader) -> Iterable[Key]:
        if not self._stuck:
            return ()
        there = PodInfo(pod)
        return [key for key, info in self._stuck.items() if any(term.matches(there) for term in info.affinity)]

    async def reconcile(self, key: Key, api: Client) -> None:
        """Bind the pod to the best node that it fits on, or tell why it does not. Raises StatusError."""
        pod = api.get(PODS, key)
        if pod is None or not is_waiting(pod):
            return
        attempt = Attempt(PodInfo(pod), self._state.view, api)
        found = filters.refusals(attempt, self._state)
        fitting = [attempt.view.nodes[name] for name, why in found.items() if why is None]
        if fitting:
            await self._assign(attempt, scores.best(attempt, fitting), api)
        else:
            self._stuck[key] = attempt.pod
            await self._refuse(attempt, found, api)

    async def _assign(self, attempt: Attempt, info: NodeInfo, api: Client) -> None:
        pod, node = attempt.pod.obj, info.name
        if not await volumes.bind(attempt.claims, info, api):
            self._stuck[key_of(pod)] = attempt.pod
            return
        await self._bind(key_of(pod), node)
        text = f"Successfully assigned {key_of(pod)} to {node}"
        await self._recorder.record(api, pod, "Normal", "Scheduled", "Binding", text)

    async def _refuse(self, attempt: Attempt, found: dict[str, Refusal | None], api: Client) -> None:
        pod, message = attempt.pod.obj, filters.message(found)
        nominated = await self._preempt(attempt, found, api) if found else ""
        await self._recorder.record(api, pod, "Warning", "FailedScheduling", "Scheduling", message)
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": format_time(api.clock.now()),
            "reason": "Unschedulable",
            "message": message,
        }
        before = (pod.get("status") or {}).get("conditions") or ()
        after = set_condition(list(before), condition)
        status: Object = {"conditions": after}
        if nominated:
            status["nominatedNodeName"] = nominated
        if after != list(before) or (nominated and nominated != attempt.pod.nominated):
            await _patch_status(key_of(pod), status, api)

    async def _preempt(self, attempt: Attempt, found: dict[str, Refusal | None], api: Client) -> str:
        """Send pods of lower priority away; gives the node that is promised to this one, "" for none."""
        pod = attempt.pod
        candidate = preemption.find(attempt, self._state, found)
        if candidate is None:
            if pod.nominated and all(why is not None and why.final for why in found.values()):
                await _patch_status(key_of(pod.obj), {"nominatedNodeName": None}, api)
            return ""
        for victim in candidate.victims:
            await self._send_away(victim, pod, candidate.node, api)
        for other in self._state.nominated(candidate.node):
            if other.priority < pod.priority and other.uid != pod.uid:
                await _patch_status(key_of(other.obj), {"nominatedNodeName": None}, api)
        return candidate.node

    async def _send_away(self, victim: PodInfo, pod: PodInfo, node: str, api: Client) -> None:
        try:
            await api.delete(PODS, key_of(victim.obj))
        except StatusError as error:
            if error.reason != "NotFound":
                raise
        text = f"Preempted by {key_of(pod.obj)} on node {node}"
        await self._recorder.record(api, victim.obj, "Normal", "Preempted", "Preempting", text, pod.obj)


def _created(pod: PodInfo) -> str:
    moment: str = pod.obj["metadata"]["creationTimestamp"]
    return moment


async def _patch_status(pod: Key, status: Object, api: Client) -> None:
    try:
        await api.patch(PODS, pod, {"status": status}, "status")
    except StatusError as error:
        if error.reason != "NotFound":
            raise
