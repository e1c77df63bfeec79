"""The pod garbage collector: pods whose node is gone, pods that were deleted before they had one, too many old ones.

Follows pkg/controller/podgc of v1.20, which looks every twenty seconds; this one comes then if there is reason to.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers.controller import Controller, Watch, gone
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import created, is_deleted, key, name_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

PERIOD = 20.0
QUARANTINE = 40.0
"""How long a node must be missing before its pods go."""
MOST_TERMINATED = 12500
TERMINATED = Key("", "terminated")
"""The key under which the number of pods that are over is looked at."""


def is_terminated(pod: Object) -> bool:
    """Whether the pod is over."""
    return podlib.phase_of(pod) not in ("Pending", "Running", "Unknown")


def until_look(now: float) -> float:
    """Seconds until the real controller's next look."""
    return PERIOD - now % PERIOD


def surplus(pods: Iterable[Object]) -> list[Object]:
    """Pods that are over and too many, the oldest first."""
    over = sorted(filter(is_terminated, pods), key=lambda pod: (created(pod), name_of(pod)))
    return over[: max(0, len(over) - MOST_TERMINATED)]


class PodGC:
    """The controller's memory: since when the nodes of pods are missing."""

    def __init__(self) -> None:
        self._missing: dict[Key, float] = {}

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Look at one pod, or at those that are over."""
        if name == TERMINATED:
            for old in surplus(api.list(PODS)):
                await _delete(key(old), api)
            return None
        pod, now = api.get(PODS, name), api.clock.now()
        if pod is None:
            self._missing.pop(name, None)
            return None
        node = podlib.node_of(pod)
        if not node:
            if is_deleted(pod):
                await _delete(name, api)
            return None
        if api.get(NODES, Key("", node)) is not None:
            self._missing.pop(name, None)
            return None
        since = self._missing.setdefault(name, now)
        if (wait := since + QUARANTINE - now) > 0:
            return wait + until_look(now + wait)
        await _delete(name, api)
        return None


async def _delete(name: Key, api: Client) -> None:
    try:
        await api.delete(PODS, name, grace=0)
    except StatusError as error:
        raise_unless(error, "NotFound", "Conflict")


def _at_next_look(_: Object | None, __: Object | None, ___: Key, now: float) -> float:
    return until_look(now)


def _is_unscheduled_and_deleted(_: Object | None, new: Object | None) -> bool:
    return new is not None and is_deleted(new) and not podlib.node_of(new)


def _is_newly_bound(old: Object | None, new: Object | None) -> bool:
    return bool(new is not None and podlib.node_of(new) and (old is None or not podlib.node_of(old)))


def _is_newly_over(old: Object | None, new: Object | None) -> bool:
    return new is not None and is_terminated(new) and (old is None or not is_terminated(old))


def of_missing_node(pod: Object, api: Reader) -> Iterable[Key]:
    """The pod, if its node does not exist."""
    return (key(pod),) if api.get(NODES, Key("", podlib.node_of(pod))) is None else ()


def of_node(node: Object, api: Reader) -> Iterable[Key]:
    """The pods of a node."""
    return [key(pod) for pod in api.list(PODS, matches=lambda pod: podlib.node_of(pod) == name_of(node))]


def controller() -> Controller:
    """A controller with a memory of its own."""
    return Controller(
        "pod-garbage-collector",
        (
            Watch(PODS, when=_is_unscheduled_and_deleted, delay=_at_next_look),
            Watch(PODS, of_missing_node, _is_newly_bound, _at_next_look),
            Watch(PODS, lambda _, __: (TERMINATED,), _is_newly_over, _at_next_look),
            Watch(NODES, of_node, gone, _at_next_look),
        ),
        PodGC().reconcile,
    )
