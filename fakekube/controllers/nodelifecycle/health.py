"""Watches over nodes: registers them, taints them by their conditions, and notices those that fall silent.

The real one looks every five seconds; this one comes when something has changed or a node has been silent for too long.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from fakekube.apis.coordination.leases import RESOURCE as LEASES
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods.placement import taints_of
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.nodelifecycle import plan
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import created, key, name_of, namespace_of, revised, uid_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader

LEASE_NAMESPACE = "kube-node-lease"
GRACE, STARTUP_GRACE = 40.0, 60.0
SECOND_LOOK = 1.0
"""A silent node is looked at twice: a clock that was moved on lets its kubelet speak first."""
TAINT_INTERVAL = 10.0
"""Seconds between two nodes of one zone from which pods begin to be driven."""


class Health(Struct):
    """What is known of one node."""

    uid: str
    probe: float
    """When it was last heard of."""
    beat: object
    """Its last heartbeat, or None while it has no condition Ready."""
    lease: object = None
    """When its lease was last renewed."""
    suspected: bool = False


class NodeHealth:
    """The controller's memory."""

    def __init__(self) -> None:
        self._known: dict[str, Health] = {}
        self._next_taint: dict[str, float] = {}
        self._all_down = True
        """Whether no zone had a ready node when somebody last looked."""

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Look at one node; gives the seconds after which silence would be too long."""
        node = api.get(NODES, name)
        known = self._known.get(name.name)
        if known is not None and (node is None or known.uid != uid_of(node)):
            del self._known[name.name]
            await _tell(api, name.name, known.uid, "RemovingNode", f"Removing Node {name.name} from Controller")
        if node is None:
            return None
        if name.name not in self._known:
            node = await self._register(node, api)
        silence = self._observe(node, api)
        if silence is not None and silence <= 0:
            if self._known[name.name].suspected:
                node = await self._lose(node, api)
            silence = SECOND_LOOK
            self._known[name.name].suspected = True
        await _label(node, api)
        await _taint_by_conditions(node, api)
        wait = await self._taint_by_health(name, api)
        return min((delay for delay in (silence, wait) if delay is not None), default=None)

    async def _register(self, node: Object, api: Client) -> Object:
        ready = find(conditions_of(node), "Ready")
        since = api.clock.now() if ready is not None else created(node)
        self._known[name_of(node)] = Health(uid_of(node), since, ready and ready.get("lastHeartbeatTime"))
        text = f"Registered Node {name_of(node)} in Controller"
        await _tell(api, name_of(node), uid_of(node), "RegisteredNode", text)
        return await _set_taints(node, plan.swapped(taints_of(node), "", (plan.NOT_READY, plan.UNREACHABLE), ""), api)

    def _observe(self, node: Object, api: Client) -> float | None:
        """Note what has been heard; seconds until silence is too long, None if nobody expects a word any more."""
        known, now = self._known[name_of(node)], api.clock.now()
        ready = find(conditions_of(node), "Ready")
        beat = (ready.get("lastHeartbeatTime") or "") if ready is not None else None
        lease = api.get(LEASES, Key(LEASE_NAMESPACE, name_of(node)))
        renewed = (lease["spec"].get("renewTime") if lease is not None else None) or known.lease
        if (beat, renewed) != (known.beat, known.lease):
            known.beat, known.lease, known.probe, known.suspected = beat, renewed, now, False
        if ready is not None and all(
            (found := find(conditions_of(node), type_)) is not None and found["status"] == "Unknown"
            for type_ in plan.WATCHED
        ):
            return None
        return known.probe + (GRACE if ready is not None else STARTUP_GRACE) - now

    async def _lose(self, node: Object, api: Client) -> Object:
        """Nobody knows the node's conditions any more."""
        was_ready = plan.ready_status(node) == "True"
        moment = format_time(api.clock.now())
        status = {**(node.get("status") or {}), "conditions": plan.lost_conditions(node, moment)}
        node = await api.update(NODES, revised(node, status=status), "status")
        ready = find(conditions_of(node), "Ready") or {}
        self._known[name_of(node)].beat = ready.get("lastHeartbeatTime") or ""
        if was_ready:
            text = f"Node {name_of(node)} status is now: NodeNotReady"
            await api.record(_node_reference(name_of(node), uid_of(node)), "Normal", "NodeNotReady", text)
            for pod in api.list(PODS, matches=lambda pod: podlib.node_of(pod) == name_of(node)):
                await _mark_unready(pod, moment, api)
        return node

    async def _taint_by_health(self, name: Key, api: Client) -> float | None:
        """Begin or end to drive pods from the node; gives the seconds to wait before that may begin."""
        node = api.get(NODES, name)
        status = plan.ready_status(node) if node is not None else ""
        if node is None or not status:
            return None
        moment = format_time(api.clock.now())
        if status == "True":
            await _set_taints(node, plan.swapped(taints_of(node), "", (plan.NOT_READY, plan.UNREACHABLE), ""), api)
            return None
        add, drop = (plan.NOT_READY, plan.UNREACHABLE) if status == "False" else (plan.UNREACHABLE, plan.NOT_READY)
        states = zone_states(api)
        if self._is_all_down(states, api):
            await _set_taints(node, plan.swapped(taints_of(node), "", (add, drop), ""), api)
            return None
        if plan.has_taint(node, add) and not plan.has_taint(node, drop):
            return None
        if not plan.has_taint(node, drop):
            if states[plan.zone_of(node)] == plan.DISRUPTED:
                return None
            if (wait := self._wait_for_zone(plan.zone_of(node), api.clock.now())) > 0:
                return wait
        await _set_taints(node, plan.swapped(taints_of(node), add, (drop,), moment), api)
        return None

    def _is_all_down(self, states: dict[str, str], api: Client) -> bool:
        """Where no zone has a ready node the fault is rather ours; when that ends, all nodes get their grace anew."""
        was, self._all_down = self._all_down, all(state == plan.DOWN for state in states.values())
        if was and not self._all_down:
            now = api.clock.now()
            for known in self._known.values():
                known.probe = max(known.probe, now)
        return self._all_down

    def _wait_for_zone(self, zone: str, now: float) -> float:
        wait = self._next_taint.get(zone, 0.0) - now
        if wait <= 0:
            self._next_taint[zone] = now + TAINT_INTERVAL
        return wait


def zone_states(api: Reader) -> dict[str, str]:
    """How each zone is."""
    zones: dict[str, list[bool]] = {}
    for node in api.list(NODES):
        zones.setdefault(plan.zone_of(node), []).append(plan.ready_status(node) == "True")
    return {zone: plan.zone_state(ready) for zone, ready in zones.items()}


def _node_reference(name: str, uid: str) -> Object:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": uid}}


async def _tell(api: Client, name: str, uid: str, reason: str, text: str) -> None:
    await api.record(_node_reference(name, uid), "Normal", reason, f"Node {name} event: {text}")


async def _mark_unready(pod: Object, moment: str, api: Client) -> None:
    conditions = plan.unready_pod(pod, moment)
    if conditions is None:
        return
    try:
        await api.patch(PODS, key(pod), {"status": {"conditions": conditions}}, "status")
    except StatusError as error:
        raise_unless(error, "NotFound")
        return
    await api.record(pod, "Warning", "NodeNotReady", "Node is not ready")


async def _label(node: Object, api: Client) -> None:
    if missing := plan.mirrored_labels(node):
        await api.patch(NODES, key(node), {"metadata": {"labels": missing}})


async def _taint_by_conditions(node: Object, api: Client) -> None:
    await _set_taints(node, plan.with_condition_taints(node, format_time(api.clock.now())), api)


async def _set_taints(node: Object, taints: list[Object], api: Client) -> Object:
    """The node with these taints; it is written only if they differ."""
    if taints == taints_of(node):
        return node
    return await api.patch(NODES, key(node), {"spec": {"taints": taints or None}})


def _of_lease(lease: Object, _: Reader) -> Iterable[Key]:
    return (Key("", name_of(lease)),) if namespace_of(lease) == LEASE_NAMESPACE else ()


def _unready(_: Object, api: Reader) -> Iterable[Key]:
    return [key(node) for node in api.list(NODES, matches=lambda node: plan.ready_status(node) not in ("True", ""))]


def _readiness_changed(old: Object | None, new: Object | None) -> bool:
    return (old is None or plan.ready_status(old)) != (new is None or plan.ready_status(new))


def controller() -> Controller:
    """A controller with a memory of its own."""
    watches = (Watch(NODES), Watch(NODES, _unready, _readiness_changed), Watch(LEASES, _of_lease))
    return Controller("node-controller", watches, NodeHealth().reconcile)
