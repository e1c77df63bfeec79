"""All stores of one world, and clients of them for whoever lives in the same process."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Sequence

import orjson

from fakekube.apis.catalog import Catalog
from fakekube.apis.resource import Resource, Version
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object, UserInfo, key_of
from fakekube.machinery.patch import merge_patch
from fakekube.machinery.times import format_time
from fakekube.registry.attributes import Admission, Attributes
from fakekube.registry.changes import AnyHandler, Handler
from fakekube.registry.client import Matches
from fakekube.registry.codec import Codec
from fakekube.registry.events import Recorder
from fakekube.registry.scope import Scope
from fakekube.registry.store import Store, attributes_of
from fakekube.registry.tracking import Tracking
from fakekube.runtime.clock import Clock
from fakekube.runtime.turns import Turns
from fakekube.storage.cache import Cache


class Registry:
    """The stores of a catalog's resources; each is made when first asked for."""

    def __init__(self, catalog: Catalog, cache: Cache, codec: Codec, admission: Admission, clock: Clock) -> None:
        self.catalog = catalog
        self.cache = cache
        self.codec = codec
        self.clock = clock
        self.turns = Turns()
        self.tracking = Tracking(codec, catalog)
        self._admission = admission
        self._stores: dict[tuple[str, str], Store] = {}
        self._subscribers: list[AnyHandler] = []
        self._joined: set[tuple[str, str]] = set()

    def store(self, resource: Resource) -> Store:
        """The resource's store."""
        name = (resource.group, resource.plural)
        found = self._stores.get(name)
        if found is None or found.resource is not resource:
            found = self._stores[name] = Store(
                resource, self.cache, self.codec, self._admission, self.clock, self.tracking
            )
        return found

    async def admit(self, operation: str, scope: Scope, obj: Object | None, old: Object | None = None) -> Attributes:
        """Let the mutating plugins change what an endpoint is about to do; `judge` ends it. Raises StatusError."""
        attributes = attributes_of(operation, scope, obj, old)
        await self._admission.mutate(attributes)
        return attributes

    async def judge(self, attributes: Attributes) -> None:
        """Let the validating plugins judge what `admit` gave. Raises StatusError."""
        await self._admission.validate(attributes)

    def now(self) -> str:
        """The time that writes are stamped with, RFC 3339."""
        return format_time(self.clock.now())

    def subscribe(self, resource: Resource, handler: Handler) -> None:
        """`changes.Changes`: hear of the objects of one resource."""
        self.store(resource).collection.subscribe(handler)

    def subscribe_all(self, handler: AnyHandler) -> None:
        """`changes.Changes`: hear of the objects of all stored resources, also of later ones."""
        self._subscribers.append(handler)
        for resource in self.catalog.resources:
            self._join(resource, handler)

    def serve(self, resource: Resource) -> None:
        """Add a resource to the catalog, or change how it is served."""
        self.catalog.add(resource)
        for entry in self.store(resource).collection.list():
            entry.encoded.clear()  # which showed it as it was served before
        if (resource.group, resource.plural) not in self._joined:
            for handler in self._subscribers:
                self._join(resource, handler)

    def withdraw(self, resource: Resource) -> None:
        """Take a resource out of the catalog."""
        self.catalog.remove(resource.group, resource.plural)

    def _join(self, resource: Resource, handler: AnyHandler) -> None:
        name = resource.group, resource.plural
        self._joined.add(name)

        def tell(old: Object | None, new: Object | None) -> None:
            handler(self.catalog.get(*name) or resource, old, new)

        if resource.stored and resource.stored_under is None:
            self.subscribe(resource, tell)

    def client(self, user: UserInfo, manager: str, component: str = "") -> InProcessClient:
        """Reads, and writes as that user under that field manager; `component` is the source of its events."""
        return InProcessClient(self, user, manager, component)


class InProcessClient:
    """`registry.client.Client` over the registry: what a request does, without HTTP and authorization.

    It never waits, so writes take turns with what else the event loop has to do.
    """

    def __init__(self, registry: Registry, user: UserInfo, manager: str, component: str = "") -> None:
        self._recorder = Recorder(component or manager)
        self._registry = registry
        self._user = user
        self._manager = manager
        self.clock = registry.clock

    def get(self, resource: Resource, key: Key) -> Object | None:
        """The object as it is now."""
        entry = self._registry.store(resource).collection.get(key)
        return entry.object if entry else None

    def list(self, resource: Resource, namespace: str = "", matches: Matches | None = None) -> Sequence[Object]:
        """All objects in key order."""
        entries = self._registry.store(resource).collection.list(namespace)
        return [entry.object for entry in entries if matches is None or matches(entry.object)]

    def by(self, resource: Resource, value: Callable[[Object], Hashable], wanted: Hashable) -> Sequence[Object]:
        """The objects for which the function gives what is wanted."""
        return [entry.object for entry in self._registry.store(resource).collection.by(value, wanted)]

    def revision(self, resource: Resource) -> int:
        """Of the last change of any object of this resource."""
        return self._registry.store(resource).collection.revision

    async def create(self, resource: Resource, obj: Object) -> Object:
        """Create it. Raises StatusError."""
        await self._registry.turns.take()
        decoded = self._decode(resource, resource.storage_version, obj)
        scope = self._scope(resource, Key(decoded["metadata"].get("namespace", ""), ""))
        return (await self._registry.store(resource).create(scope, decoded)).object

    async def update(self, resource: Resource, obj: Object, subresource: str = "") -> Object:
        """Write it if its resourceVersion is current. Raises StatusError."""

        async def make(_: Object | None) -> Object:
            return self._decode(resource, version, obj)

        await self._registry.turns.take()
        version = resource.version(resource.written_in) if resource.written_in else resource.storage_version
        scope = self._scope(resource, key_of(obj), subresource)
        scope.version = version
        scope.uid = obj["metadata"].get("uid", "")
        return (await self._registry.store(resource).update(scope, make))[0].object

    async def patch(self, resource: Resource, key: Key, merge: Object, subresource: str = "") -> Object:
        """Apply a JSON merge patch to whatever is there. Raises StatusError."""

        async def make(current: Object | None) -> Object:
            if current is None:
                raise status.not_found(resource.group, resource.plural, key.name)
            return self._decode(resource, resource.storage_version, merge_patch.apply(current, merge))

        await self._registry.turns.take()
        scope = self._scope(resource, key, subresource)
        return (await self._registry.store(resource).update(scope, make))[0].object

    async def delete(
        self, resource: Resource, key: Key, *, uid: str = "", propagation: str = "", grace: int | None = None
    ) -> None:
        """Delete it. Raises StatusError."""
        await self._registry.turns.take()
        scope = self._scope(resource, key)
        if uid:
            scope.options["preconditions"] = {"uid": uid}
        if propagation:
            scope.options["propagationPolicy"] = propagation
        if grace is not None:
            scope.options["gracePeriodSeconds"] = grace
        await self._registry.store(resource).delete(scope)

    async def record(self, about: Object, type_: str, reason: str, message: str) -> None:
        """Record an Event about an object."""
        await self._recorder.record(self, about, type_, reason, message)

    def _scope(self, resource: Resource, key: Key, subresource: str = "") -> Scope:
        return Scope(
            resource,
            resource.storage_version,
            self._user,
            namespace=key.namespace,
            name=key.name,
            subresource=subresource,
            manager=self._manager,
        )

    def _decode(self, resource: Resource, version: Version, obj: Object) -> Object:
        """The object, which is of the storage version, as if a client of that version had sent it."""
        codec = self._registry.codec
        return codec.decode(resource, version, _fresh(codec.version_of(resource, version, obj)))


def _fresh(obj: Object) -> Object:
    """A copy that shares nothing; by way of JSON, which is many times as fast as copying piece by piece."""
    try:
        copied: Object = orjson.loads(orjson.dumps(obj))
    except TypeError:  # a number that JSON has and orjson has not
        return copy.deepcopy(obj)
    return copied
