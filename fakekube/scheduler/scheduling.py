"""Finds a node for each pod that has none, or says why there is none. Follows kube-scheduler's default profile.

It has a controller's shape: woken by pods and nodes, one key at a time, reading the world as it is.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods.binding import set_condition
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import SeriesRecorder
from fakekube.scheduler import fit

NAME = "default-scheduler"
Bind = Callable[[Key, str], Awaitable[None]]
"""(pod, node): give the pod its node. Raises StatusError."""
FINAL_PHASES = ("Succeeded", "Failed")


def is_waiting(pod: Object) -> bool:
    """Whether the pod is this scheduler's and has no node yet."""
    spec, metadata = pod["spec"], pod["metadata"]
    return (
        not spec.get("nodeName")
        and spec.get("schedulerName", NAME) == NAME
        and "deletionTimestamp" not in metadata
        and pod.get("status", {}).get("phase") not in FINAL_PHASES
    )


def pod_itself(pod: Object, _: Reader) -> Iterable[Key]:
    """The key of a pod that waits."""
    return (key_of(pod),) if is_waiting(pod) else ()


def all_waiting(_: Object, reader: Reader) -> Iterable[Key]:
    """A node that changes may be the one for any pod that waits."""
    return [key_of(pod) for pod in reader.list(PODS, matches=is_waiting)]


class Scheduler:
    """Schedules one pod at a time."""

    def __init__(self, bind: Bind) -> None:
        self._bind = bind
        self._recorder = SeriesRecorder(NAME, f"{NAME}-{socket.gethostname()}")

    async def reconcile(self, key: Key, api: Client) -> None:
        """Bind the pod to the emptiest node it fits on, or tell why it does not. Raises StatusError."""
        pod = api.get(PODS, key)
        if pod is None or not is_waiting(pod):
            return
        nodes = api.list(NODES)
        there = _by_node(api.list(PODS, matches=lambda other: bool(other["spec"].get("nodeName"))))
        reasons = [list(fit.obstacles(pod, node, there.get(node["metadata"]["name"], []))) for node in nodes]
        fitting = [node for node, why in zip(nodes, reasons, strict=True) if not why]
        if fitting:
            chosen = min(fitting, key=lambda node: len(there.get(node["metadata"]["name"], [])))
            await self._assign(pod, chosen["metadata"]["name"], api)
        else:
            await self._refuse(pod, fit.message(reasons), api)

    async def _assign(self, pod: Object, node: str, api: Client) -> None:
        await self._bind(key_of(pod), node)
        key = key_of(pod)
        text = f"Successfully assigned {key} to {node}"
        await self._recorder.record(api, pod, "Normal", "Scheduled", "Binding", text)

    async def _refuse(self, pod: Object, message: str, api: Client) -> None:
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": format_time(api.clock.now()),
            "reason": "Unschedulable",
            "message": message,
        }
        before = pod.get("status", {}).get("conditions") or ()
        after = set_condition(list(before), condition)
        await self._recorder.record(api, pod, "Warning", "FailedScheduling", "Scheduling", message)
        if after == list(before):
            return
        try:
            await api.patch(PODS, key_of(pod), {"status": {"conditions": after}}, "status")
        except StatusError as error:
            if error.reason != "NotFound":
                raise


def _by_node(pods: Sequence[Object]) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for pod in pods:
        if pod.get("status", {}).get("phase") not in FINAL_PHASES:
            found.setdefault(pod["spec"]["nodeName"], []).append(pod)
    return found
