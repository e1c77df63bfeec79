"""The garbage collector: deletes what has lost its owners, waits for dependents, orphans them.

Follows pkg/controller/garbagecollector of v1.20. The graph knows each object by its uid; everything else is read from
the cache when it is needed. The queue holds uids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field

from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import finalizers_of, is_deleted, key, owners_of, uid_of
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader

Lookup = Callable[[str, str], Resource | None]
"""(apiVersion, kind) -> the resource that is served under it."""

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
IGNORED = frozenset({("", "events"), ("events.k8s.io", "events")})


class Node(Struct):
    """An object that exists."""

    resource: Resource
    key: Key
    owners: dict[str, bool]
    """uid of each owner -> whether this object blocks the owner's foreground deletion."""
    reported: set[str] = field(default_factory=set)
    """Owners in another namespace about which an event has been recorded."""


class Graph:
    """Which objects exist and who depends on whom."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._dependents: dict[str, dict[str, None]] = {}

    def take(self, resource: Resource, old: Object | None, new: Object | None) -> Iterable[str]:
        """Follow one change; gives the uids that have to be looked at."""
        if new is None:
            return self._remove(uid_of(old)) if old is not None else ()
        uid, owners = uid_of(new), _owners(new)
        node = self.nodes.get(uid)
        if node is None:
            node = self.nodes[uid] = Node(resource, key(new), {})
            affected = list(self._dependents.get(uid, ()))
        else:
            affected = []
        if owners != node.owners:
            affected += self._connect(uid, node, owners)
        if _needs_work(old, new):
            affected.append(uid)
            affected += self._dependents.get(uid, ())
        return affected

    def dependents(self, uid: str) -> list[tuple[str, Node]]:
        """(uid, node) of the objects that name this owner."""
        return [(dependent, self.nodes[dependent]) for dependent in self._dependents.get(uid, ())]

    def blocking(self, uid: str) -> list[tuple[str, Node]]:
        """Those of the dependents for which a foreground deletion waits."""
        return [(dependent, node) for dependent, node in self.dependents(uid) if node.owners.get(uid)]

    def _connect(self, uid: str, node: Node, owners: dict[str, bool]) -> list[str]:
        for owner in node.owners.keys() - owners.keys():
            self._disconnect(owner, uid)
        for owner in owners:
            self._dependents.setdefault(owner, {})[uid] = None
        changed = [owner for owner in {**node.owners, **owners} if node.owners.get(owner) != owners.get(owner)]
        node.owners = owners
        return [uid, *changed]

    def _disconnect(self, owner: str, uid: str) -> None:
        dependents = self._dependents.get(owner)
        if dependents is not None:
            dependents.pop(uid, None)
            if not dependents:
                del self._dependents[owner]

    def _remove(self, uid: str) -> Iterable[str]:
        node = self.nodes.pop(uid, None)
        if node is None:
            return ()
        for owner in node.owners:
            self._disconnect(owner, uid)
        return [*node.owners, *self._dependents.get(uid, ())]


def _owners(obj: Object) -> dict[str, bool]:
    return {ref.get("uid", ""): bool(ref.get("blockOwnerDeletion")) for ref in owners_of(obj)}


def _needs_work(old: Object | None, new: Object) -> bool:
    """Whether a deletion that concerns dependents has just begun."""
    if not is_deleted(new):
        return False
    policy = [name for name in finalizers_of(new) if name in (ORPHAN, FOREGROUND)]
    before = finalizers_of(old) if old is not None and is_deleted(old) else []
    return any(name not in before for name in policy)


class References(Struct, frozen=True):
    """The owner references of an object, by the state of their owners."""

    solid: tuple[Object, ...]
    dangling: tuple[Object, ...]
    waiting: tuple[Object, ...]
    """The owner waits for the deletion of its dependents."""


class GarbageCollector:
    """Acts on the graph."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.graph = Graph()

    def listen(self, changes: Changes, add: Callable[[Key], None]) -> None:
        """Follow all resources."""

        def handle(resource: Resource, old: Object | None, new: Object | None) -> None:
            if (resource.group, resource.plural) not in IGNORED:
                for uid in self.graph.take(resource, old, new):
                    add(Key("", uid))

        changes.subscribe_all(handle)

    async def reconcile(self, key_: Key, api: Client) -> None:
        """Look at one object and at what it waits for."""
        uid = key_.name
        node = self.graph.nodes.get(uid)
        obj = api.get(node.resource, node.key) if node is not None else None
        if node is None or obj is None or uid_of(obj) != uid:
            return
        if not is_deleted(obj):
            await self._collect(uid, node, obj, api)
        elif ORPHAN in finalizers_of(obj):
            await self._orphan_dependents(uid, node, obj, api)
        elif FOREGROUND in finalizers_of(obj):
            await self._await_dependents(uid, node, obj, api)

    async def _collect(self, uid: str, node: Node, obj: Object, api: Client) -> None:
        """Delete the object if none of its owners is left."""
        if not owners_of(obj):
            return
        await self._report_strangers(node, obj, api)
        references = self._classify(node, obj, api)
        if references is None:
            return
        if references.solid:
            lost = [ref["uid"] for ref in (*references.dangling, *references.waiting)]
            if lost:
                await self._drop_owners(node, obj, lost, api)
        elif references.waiting and self.graph.dependents(uid):
            await self._break_circle(uid, node, obj, api)
            await self._delete(uid, node, "Foreground", api)
        else:
            await self._delete(uid, node, _policy(obj), api)

    async def _report_strangers(self, node: Node, obj: Object, api: Client) -> None:
        """An owner that lives in another namespace is none."""
        for ref in owners_of(obj):
            owner = self.graph.nodes.get(ref.get("uid", ""))
            if owner is None or not owner.key.namespace or owner.key.namespace == node.key.namespace:
                continue
            if ref["uid"] not in node.reported:
                node.reported.add(ref["uid"])
                await api.record(obj, "Warning", "OwnerRefInvalidNamespace", stranger_message(ref, node.key.namespace))

    def _classify(self, node: Node, obj: Object, api: Reader) -> References | None:
        """None: a cluster-scoped object names an owner of some namespace, and is left alone."""
        solid, dangling, waiting = [], [], []
        for ref in owners_of(obj):
            resource = self._lookup(ref["apiVersion"], ref["kind"])
            if resource is None:
                group = ref["apiVersion"].rpartition("/")[0]
                raise status.not_found(group, ref["kind"], ref["name"])
            if resource.namespaced and not node.key.namespace:
                return None
            owner = api.get(resource, Key(node.key.namespace if resource.namespaced else "", ref["name"]))
            if owner is None or uid_of(owner) != ref.get("uid"):
                dangling.append(ref)
            elif is_deleted(owner) and FOREGROUND in finalizers_of(owner):
                waiting.append(ref)
            else:
                solid.append(ref)
        return References(tuple(solid), tuple(dangling), tuple(waiting))

    async def _orphan_dependents(self, uid: str, node: Node, obj: Object, api: Client) -> None:
        for _, dependent in self.graph.dependents(uid):
            current = api.get(dependent.resource, dependent.key)
            if current is not None:
                try:
                    await self._drop_owners(dependent, current, [uid], api)
                except StatusError as error:
                    raise_unless(error, "NotFound")
        await _drop_finalizer(node, obj, ORPHAN, api)

    async def _await_dependents(self, uid: str, node: Node, obj: Object, api: Client) -> None:
        if not self.graph.blocking(uid):
            await _drop_finalizer(node, obj, FOREGROUND, api)

    async def _break_circle(self, uid: str, node: Node, obj: Object, api: Client) -> None:
        """Where a dependent waits itself, this object must not block its owners."""
        for _, dependent in self.graph.dependents(uid):
            current = api.get(dependent.resource, dependent.key)
            if current is not None and is_deleted(current) and FOREGROUND in finalizers_of(current):
                refs = [{**ref, "blockOwnerDeletion": False} for ref in owners_of(obj)]
                await _patch_metadata(node, obj, {"ownerReferences": refs}, api)
                return

    async def _drop_owners(self, node: Node, obj: Object, uids: list[str], api: Client) -> None:
        refs = [ref for ref in owners_of(obj) if ref.get("uid") not in uids]
        if len(refs) != len(owners_of(obj)):
            await _patch_metadata(node, obj, {"ownerReferences": refs or None}, api)

    async def _delete(self, uid: str, node: Node, policy: str, api: Client) -> None:
        try:
            await api.delete(node.resource, node.key, uid=uid, propagation=policy)
        except StatusError as error:
            raise_unless(error, "NotFound", "Conflict")


def _policy(obj: Object) -> str:
    """A finalizer that is there already is honoured."""
    finalizers = finalizers_of(obj)
    return "Orphan" if ORPHAN in finalizers else "Foreground" if FOREGROUND in finalizers else "Background"


async def _drop_finalizer(node: Node, obj: Object, finalizer: str, api: Client) -> None:
    finalizers = [name for name in finalizers_of(obj) if name != finalizer]
    try:
        await _patch_metadata(node, obj, {"finalizers": finalizers or None}, api)
    except StatusError as error:
        raise_unless(error, "NotFound")


async def _patch_metadata(node: Node, obj: Object, fields: Object, api: Client) -> None:
    """Change metadata if the object is still the same."""
    metadata = {"resourceVersion": obj["metadata"]["resourceVersion"], **fields}
    await api.patch(node.resource, node.key, {"metadata": metadata})


def stranger_message(ref: Object, namespace: str) -> str:
    """The text of the event about an owner in another namespace."""
    coordinates = f"{ref['apiVersion']}/{ref['kind']}, namespace: {namespace}, name: {ref['name']}, uid: {ref['uid']}"
    return f'ownerRef [{coordinates}] does not exist in namespace "{namespace}"'


def controller(lookup: Lookup) -> Controller:
    """The garbage collector; `lookup` knows what is served now."""
    collector = GarbageCollector(lookup)
    return Controller(
        "generic-garbage-collector",
        (),
        collector.reconcile,
        workers=5,
        listen=collector.listen,
        component="garbage-collector-controller",
    )
