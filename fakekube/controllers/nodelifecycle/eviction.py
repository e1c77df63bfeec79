"""The taint manager: deletes pods that do not tolerate their node's NoExecute taints, or not for any longer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods import placement
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import key, name_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

FOREVER = -1.0
"""The taints are tolerated without end."""


def taints_of(node: Object) -> list[Object]:
    """The node's taints that drive pods away."""
    return [taint for taint in placement.taints_of(node) if taint["effect"] == placement.NO_EXECUTE]


def tolerance(pod: Object, taints: Sequence[Object]) -> float | None:
    """For how many seconds the pod tolerates all of the taints; FOREVER without end, None: not at all."""
    tolerations = pod["spec"].get("tolerations") or ()
    used = []
    for taint in taints:
        match = next((toleration for toleration in tolerations if placement.tolerates(toleration, taint)), None)
        if match is None:
            return None
        used.append(match)
    limits = [float(one["tolerationSeconds"]) for one in used if one.get("tolerationSeconds") is not None]
    return max(0.0, min(limits)) if limits else FOREVER


class Eviction(Struct, frozen=True):
    """A deletion that is due."""

    due: float


class TaintManager:
    """The controller's memory: which pods are to go, and when. None: a pod has been told to go."""

    def __init__(self) -> None:
        self._due: dict[Key, Eviction | None] = {}

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Look at one pod; gives the seconds until its deletion is due."""
        pod = api.get(PODS, name)
        if pod is None:
            await self._cancel(name, api)
            return None
        node = api.get(NODES, Key("", podlib.node_of(pod)))
        if node is not None:
            await self._decide(name, pod, taints_of(node), api)
        eviction = self._due.get(name)
        if eviction is None:
            return None
        wait = eviction.due - api.clock.now()
        if wait > 0:
            return wait
        await self._evict(name, api)
        return None

    async def _decide(self, name: Key, pod: Object, taints: Sequence[Object], api: Client) -> None:
        if not taints:
            await self._cancel(name, api)
            return
        seconds = tolerance(pod, taints)
        if seconds in (None, FOREVER):
            await self._cancel(name, api)
        if seconds != FOREVER and name not in self._due:
            self._due[name] = Eviction(api.clock.now() + (seconds or 0.0))

    async def _cancel(self, name: Key, api: Client) -> None:
        if self._due.pop(name, None) is not None:
            text = f"Cancelling deletion of Pod {name}"
            await api.record(_reference(name), "Normal", "TaintManagerEviction", text)

    async def _evict(self, name: Key, api: Client) -> None:
        text = f"Marking for deletion Pod {name}"
        await api.record(_reference(name), "Normal", "TaintManagerEviction", text)
        self._due[name] = None
        try:
            await api.delete(PODS, name)
        except StatusError as error:
            raise_unless(error, "NotFound", "Conflict")


def _reference(name: Key) -> Object:
    return {"kind": "Pod", "metadata": {"name": name.name, "namespace": name.namespace}}


def _pod_matters(old: Object | None, new: Object | None) -> bool:
    return old is None or new is None or _placed(old) != _placed(new)


def _placed(pod: Object) -> tuple[str, object]:
    return podlib.node_of(pod), pod["spec"].get("tolerations")


def _taints_changed(old: Object | None, new: Object | None) -> bool:
    return (taints_of(old) if old else []) != (taints_of(new) if new else [])


def pods_on(node: Object, api: Reader) -> Iterable[Key]:
    """The pods of a node."""
    return [key(pod) for pod in api.list(PODS, matches=lambda pod: podlib.node_of(pod) == name_of(node))]


def bound(pod: Object, _: Reader) -> Iterable[Key]:
    """A pod that has a node."""
    return (key(pod),) if podlib.node_of(pod) else ()


def controller() -> Controller:
    """A controller with a memory of its own; it writes as the node controller."""
    watches = (Watch(PODS, bound, _pod_matters), Watch(NODES, pods_on, _taints_changed))
    return Controller("node-controller", watches, TaintManager().reconcile, workers=2, component="taint-controller")
