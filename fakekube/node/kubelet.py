"""One node: how it registers, keeps its lease and its status fresh, and what its pods are run with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Network

from msgspec import Struct

from fakekube.apis.coordination.leases import RESOURCE as LEASES
from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.resource import Resource
from fakekube.apis.storage.csinodes import RESOURCE as CSI_NODES
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_micro, parse_time
from fakekube.node import addresses, admitting, registration
from fakekube.node.environment import Place
from fakekube.node.lifecycle import Delays
from fakekube.node.pulling import Note, Puller
from fakekube.node.registration import Machine
from fakekube.node.serviceenv import ServiceVariables
from fakekube.node.starting import Starter
from fakekube.node.state import Failure, Run
from fakekube.node.volumes import Mounter, Storage, Token
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import Recorder
from fakekube.sandbox.containers import Runtime
from fakekube.sandbox.images import Images

RENEWAL = 10.0
"""Seconds between renewals of the lease: a quarter of its duration."""
REPORT = 300.0
"""Seconds between reports of a status that has not changed."""
Emit = Callable[[Client, Object], None]
"""Takes an observed event that is to be written by and by."""


class Shared(Struct, frozen=True):
    """What all nodes of a world have in common."""

    runtime: Runtime
    images: Images
    services: ServiceVariables
    storage: Storage
    delays: Delays
    emit: Emit
    token: Token | None = None


class Kubelet:
    """A node, as which `api` writes."""

    def __init__(self, machine: Machine, api: Client, shared: Shared) -> None:
        self.machine = machine
        self.name = machine.name
        self.address = machine.address
        self.api = api
        self.clock = api.clock
        self.delays = shared.delays
        self.addresses = addresses.Pool(addresses.pods_of_node(machine.number))
        self.mounter = Mounter(api, shared.storage, api.clock.now, shared.token)
        puller = Puller(shared.images, shared.delays)
        self.starter = Starter(puller, shared.runtime, shared.services, api, shared.delays.retry)
        self._recorder = Recorder("kubelet", machine.name)
        self._emit = shared.emit
        self._node_ref = {"kind": "Node", "metadata": {"name": machine.name, "uid": machine.name}}
        self._unschedulable = False

    @property
    def key(self) -> Key:
        """The Node's."""
        return Key("", self.name)

    def tell(self, pod: Object, note: Note, container: Object | None = None) -> None:
        """Record an event about a pod or one of its containers."""
        path = "" if container is None else _field_path(pod, container["name"])
        self._observe({**pod, "kind": "Pod", "apiVersion": "v1"}, note, path)

    def admit(self, pod: Object, others: Sequence[Object]) -> Failure | None:
        """Why the node does not take the pod, which is told; None if it does."""
        node = self.api.get(NODES, self.key) or registration.node(self.machine, self.clock.now())
        resources = (node.get("status") or {}).get("allocatable") or registration.RESOURCES
        refusal = admitting.refusal(pod, others, node, resources)
        if refusal is not None:
            self.tell(pod, Note("Warning", refusal.reason, refusal.message))
        return refusal

    def place(self, run: Run) -> Place:
        """What the pod may learn of where it runs."""
        return Place(run.ip, self.address, registration.RESOURCES)

    async def register(self) -> None:
        """Create the Node with what belongs to it, if it is not there yet. Raises StatusError."""
        node = self.api.get(NODES, self.key)
        if node is not None:
            self.adopt(node)
            return
        now = self.clock.now()
        self._tell_node("Starting", "Starting kubelet.")
        made = await self.api.create(NODES, registration.node(self.machine, now))
        await self._create(CSI_NODES, registration.csi_node(made))
        await self._create(LEASES, registration.lease(made, now))
        self._tell_statuses(registration.news([]))
        self.adopt(made)

    def adopt(self, node: Object) -> None:
        """Take notice of how the API server shows the node: where its pods live, whether it takes any."""
        spec = node.get("spec") or {}
        if spec.get("podCIDR") and spec["podCIDR"] != str(self.addresses.network):
            self.addresses = addresses.Pool(IPv4Network(spec["podCIDR"]))
        unschedulable = bool(spec.get("unschedulable"))
        if unschedulable != self._unschedulable:
            self._unschedulable = unschedulable
            self._tell_statuses(["NodeNotSchedulable" if unschedulable else "NodeSchedulable"])

    async def heartbeat(self) -> None:
        """Renew the lease, and report the status if it is not as it should be or is old. Raises StatusError."""
        node = self.api.get(NODES, self.key)
        if node is None:
            return
        await self._renew(node)
        status, now = node.get("status") or {}, self.clock.now()
        before = status.get("conditions") or []
        news, beats = registration.news(before), [one.get("lastHeartbeatTime") for one in before]
        changed = not registration.resources(status).items() <= status.items()
        if news or changed or any(beat and now - parse_time(beat) >= REPORT for beat in beats):
            fresh = {**status, **registration.status(self.machine, status, now)}
            await self.api.update(NODES, {**node, "status": fresh}, "status")
            self._tell_statuses(news)

    async def _renew(self, node: Object) -> None:
        lease = self.api.get(LEASES, Key("kube-node-lease", self.name))
        now = self.clock.now()
        if lease is None:
            await self._create(LEASES, registration.lease(node, now))
        else:
            spec = {**(lease.get("spec") or {}), "renewTime": format_micro(now)}
            await self.api.update(LEASES, {**lease, "spec": spec})

    async def _create(self, resource: Resource, obj: Object) -> None:
        try:
            await self.api.create(resource, obj)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise

    def _tell_statuses(self, reasons: list[str]) -> None:
        for reason in reasons:
            self._tell_node(reason, f"Node {self.name} status is now: {reason}")

    def _tell_node(self, reason: str, message: str) -> None:
        self._observe(self._node_ref, Note("Normal", reason, message), "")

    def _observe(self, about: Object, note: Note, path: str) -> None:
        event = self._recorder.observe(about, note.type, note.reason, note.message, self.clock.now(), path)
        if event is not None:
            self._emit(self.api, event)


def belongings(name: str, reader: Reader) -> Iterator[tuple[Resource, Key]]:
    """What there is of a node of that name, itself last."""
    for event in reader.list(EVENTS, "default"):
        about = event["involvedObject"]
        if (about.get("kind"), about.get("name")) == ("Node", name):
            yield EVENTS, key_of(event)
    yield LEASES, Key("kube-node-lease", name)
    yield CSI_NODES, Key("", name)
    yield NODES, Key("", name)


def _field_path(pod: Object, name: str) -> str:
    initial = any(one["name"] == name for one in pod["spec"].get("initContainers") or ())
    return f"spec.{'initContainers' if initial else 'containers'}{{{name}}}"
