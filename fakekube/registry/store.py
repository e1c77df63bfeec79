"""The generic store: for any Resource, the order of the steps between a decoded object and the storage.

Follows apiserver's registry/generic/registry and registry/rest. A kind supplies only how it differs.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterable

from msgspec.structs import replace

from fakekube.apis import meta
from fakekube.apis.resource import Resource
from fakekube.apis.statuses import keep_all_but_status
from fakekube.machinery import generate, status
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import format_time
from fakekube.registry import deletion, revisions
from fakekube.registry.attributes import CREATE, DELETE, UPDATE, Admission, Attributes
from fakekube.registry.codec import Codec
from fakekube.registry.owners import AFTER_ADMISSION, drop_duplicates
from fakekube.registry.scope import Scope
from fakekube.registry.tracking import Tracking
from fakekube.runtime.clock import Clock
from fakekube.storage.cache import Cache, Collection, Entry
from fakekube.storage.interface import Conflict

Make = Callable[[Object | None], Awaitable[Object]]
"""Gives the new object for the current one (read-only; None: absent). Called anew after a lost race."""

NAMESPACE_MISMATCH = "the namespace of the provided object does not match the namespace sent on the request"


class Store:
    """One resource's objects."""

    def __init__(
        self, resource: Resource, cache: Cache, codec: Codec, admission: Admission, clock: Clock, tracking: Tracking
    ) -> None:
        self.resource = resource
        self.prefix = prefix_of(resource)
        self._cache = cache
        self._codec = codec
        self._admission = admission
        self._clock = clock
        self._tracking = tracking

    @property
    def collection(self) -> Collection:
        """The cached objects."""
        return self._cache.collection(self.prefix)

    def get(self, scope: Scope) -> Entry:
        """The object that the scope names. Raises NotFound (404)."""
        entry = self.collection.get(scope.key)
        if entry is None:
            raise status.not_found(self.resource.group, self.resource.plural, scope.name)
        return entry

    def export(self, scope: Scope, *, exact: bool) -> Entry:
        """The object as it would be created anew; `exact` keeps more of it. Raises NotFound (404)."""
        obj: Object = copy.deepcopy(self.get(scope).object)
        metadata = obj["metadata"]
        dropped = ["uid", "deletionTimestamp", "resourceVersion", "selfLink"]
        if not exact:
            dropped += ["namespace", *(["name"] if metadata.get("generateName") else ())]
        obj["metadata"] = {name: value for name, value in metadata.items() if name not in dropped}
        if self.resource.custom:
            del obj["metadata"]["creationTimestamp"]
        else:
            obj["metadata"]["creationTimestamp"] = None
        self._prepare_create(scope, obj)
        if self.resource.export:
            self.resource.export(obj, exact)
        return Entry(scope.key, self._codec.finish(self.resource, obj), 0, 0)

    async def create(self, scope: Scope, obj: Object) -> Entry:
        """Store a new object (decoded, of the storage version, the store's from now on).

        Raises BadRequest (400), Forbidden (403), AlreadyExists (409), Invalid (422).
        """
        attributes = await self._mutate_new(scope, obj)
        sent = _sent_revision(obj["metadata"])
        await self._admit_new(scope, obj, attributes)
        if sent and not scope.dry_run:
            raise status.unexpected("resourceVersion should not be set on objects to be created")
        return await self._insert(scope, obj)

    async def _mutate_new(self, scope: Scope, obj: Object) -> Attributes:
        if not scope.applied:
            self._track(scope, None, obj)
        attributes = attributes_of(CREATE, scope, obj)
        await self._mutate(scope, attributes)
        drop_duplicates(obj, scope.warnings, AFTER_ADMISSION)
        return attributes

    async def _admit_new(self, scope: Scope, obj: Object, attributes: Attributes) -> None:
        """All that stands between mutating admission and the storage."""
        if scope.judge is not None:
            await scope.judge(obj, None)
        self._before_create(scope, obj)
        if scope.may_create is not None:
            await scope.may_create()
        attributes.name = attributes.name or obj["metadata"]["name"]
        await self._validate(scope, attributes)

    async def update(self, scope: Scope, make: Make) -> tuple[Entry, bool]:
        """Replace the object by what `make` gives; the flag says whether that created it.

        Raises NotFound (404), Conflict (409), Invalid (422) and what `make` raises.
        """
        while True:
            entry = self.collection.get(scope.key)
            self._check_uid(scope, entry)
            if entry is None:
                return await self._create_on_update(scope, make), True
            try:
                return await self._replace(scope, entry, await make(entry.object)), False
            except Conflict:
                continue

    async def delete(self, scope: Scope, expected: Entry | None = None) -> tuple[Object, bool]:
        """Delete by the scope's options. Gives the last state and whether the object is gone for good.

        Raises NotFound (404), Conflict (409).
        """
        while True:
            entry = self.get(scope)
            plan = deletion.plan(self.resource, entry.object, scope.options, self._clock.now())
            if not plan.write and not plan.remove:
                return entry.object, False
            attributes = attributes_of(DELETE, scope, None, entry.object)
            if scope.collective:
                attributes.name = ""
            await self._mutate(scope, attributes)
            await self._validate(scope, attributes)
            if scope.dry_run:
                return plan.object, plan.remove
            try:
                return await self._carry_out(entry, plan)
            except Conflict:
                continue

    async def delete_collection(self, scope: Scope, entries: Iterable[Entry]) -> None:
        """Delete each of them; those that vanish meanwhile are no error."""
        for entry in entries:
            one = replace(scope, namespace=entry.key.namespace, name=entry.key.name, subresource="", collective=True)
            try:
                await self.delete(one)
            except status.StatusError as error:
                if error.reason != "NotFound":
                    raise

    async def _carry_out(self, entry: Entry, plan: deletion.Plan) -> tuple[Object, bool]:
        revision, obj = entry.revision, plan.object
        if plan.write and plan.object != entry.object:
            written = await self._cache.commit(self.prefix, entry.key, _fresh(plan.object), revision)
            assert written is not None
            revision, obj = written.revision, written.object
        if plan.remove:
            await self._cache.commit(self.prefix, entry.key, None, revision)
        return obj, plan.remove

    async def _create_on_update(self, scope: Scope, make: Make) -> Entry:
        if not (self.resource.create_on_update or scope.applied) or scope.subresource:
            raise status.not_found(self.resource.group, self.resource.plural, scope.name)
        obj = await make(None)
        attributes = await self._mutate_new(scope, obj)
        revisions.of_object(obj["metadata"])
        await self._admit_new(scope, obj, attributes)
        return await self._insert(scope, obj)

    def _before_create(self, scope: Scope, obj: Object) -> None:
        """rest.BeforeCreate: what the system sets, then validation."""
        resource = self.resource
        metadata = obj["metadata"]
        self._check_namespace(scope, metadata)
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "clusterName", "selfLink"):
            metadata.pop(name, None)
        metadata["creationTimestamp"] = format_time(self._clock.now())
        self._prepare_create(scope, obj)
        metadata["uid"] = generate.uid()
        if metadata.get("generateName") and not metadata.get("name"):
            metadata["name"] = generate.name(metadata["generateName"])
        validate = scope.version.validate or resource.validate
        own = list(validate(obj)) if validate else []
        if not (resource.metadata_last and own):
            own = [*self._validate_meta(metadata), *own]
        self._raise_invalid(metadata.get("name", ""), own)
        if not scope.dry_run:  # which shows what was sent
            metadata["resourceVersion"] = "0"  # the cache writes the real one in its place
        obj["metadata"] = meta.ordered(metadata)

    def _prepare_create(self, scope: Scope, obj: Object) -> None:
        """What a new object cannot say of itself."""
        resource = self.resource
        if resource.subresource("status", scope.version.name) and not resource.create_keeps_status:
            obj.pop("status", None)
        if resource.generation:
            obj["metadata"]["generation"] = 1
        if resource.prepare_create:
            resource.prepare_create(obj)
        if resource.sign:
            resource.sign(obj, scope.user)

    def _check_namespace(self, scope: Scope, metadata: Object) -> None:
        if not self.resource.namespaced:
            metadata.pop("namespace", None)
            return
        if metadata.setdefault("namespace", scope.namespace) != scope.namespace:
            raise status.bad_request(NAMESPACE_MISMATCH)

    def _validate_meta(self, metadata: Object) -> Iterable[FieldError]:
        return meta.validate_object_meta(
            metadata, self.resource.namespaced, self.resource.validate_name, Path("metadata")
        )

    def _raise_invalid(self, name: str, errors: list[FieldError]) -> None:
        if errors:
            raise status.invalid(self.resource.type_group, self.resource.kind, name, errors)

    async def _insert(self, scope: Scope, obj: Object) -> Entry:
        obj = self._codec.finish(self.resource, obj)
        metadata = obj["metadata"]
        key = Key(metadata.get("namespace", ""), metadata["name"])
        if scope.dry_run:
            if self.collection.get(key):
                raise self._exists(key, metadata)
            return Entry(key, obj, 0, 0)
        try:
            entry = await self._cache.commit(self.prefix, key, obj, 0)
        except Conflict:
            raise self._exists(key, metadata) from None
        assert entry is not None
        return entry

    def _exists(self, key: Key, metadata: Object) -> status.StatusError:
        resource = self.resource
        if metadata.get("generateName"):
            return status.server_timeout(resource.group, resource.kind, "POST")
        there = self.collection.get(key)
        dying = there is not None and "deletionTimestamp" in there.object["metadata"]
        return status.already_exists(resource.group, resource.plural, key.name, dying=dying)

    async def _replace(self, scope: Scope, entry: Entry, obj: Object) -> Entry:
        """One attempt at an update. Raises storage's Conflict after a lost race."""
        old = entry.object
        if not scope.applied:
            self._track(scope, old, obj)
        attributes = attributes_of(UPDATE, scope, obj, old)
        await self._mutate(scope, attributes)
        drop_duplicates(obj, scope.warnings, AFTER_ADMISSION)
        if scope.judge is not None:
            await scope.judge(obj, old)
        self._check_revision(obj["metadata"], entry, scope.name)
        self._before_update(scope, obj, old)
        await self._validate(scope, attributes)
        if self._last_finalizer_gone(obj, old):
            return await self._remove(scope, entry, obj)
        obj = self._codec.finish(self.resource, obj)
        if scope.dry_run:
            if self.resource.read_over is not None:
                obj = self._codec.settled(self.resource, self.resource.read_over(obj, old))
            return Entry(entry.key, obj, entry.revision, entry.created)
        if obj == old:
            return entry
        written = await self._cache.commit(self.prefix, entry.key, obj, entry.revision)
        assert written is not None
        return written

    async def _remove(self, scope: Scope, entry: Entry, obj: Object) -> Entry:
        if not scope.dry_run:
            await self._cache.commit(self.prefix, entry.key, None, entry.revision)
        return Entry(entry.key, obj, entry.revision, entry.created)

    def _last_finalizer_gone(self, obj: Object, old: Object) -> bool:
        """ShouldDeleteDuringUpdate: nothing holds a deleted object any more."""
        before = old["metadata"]
        return (
            "deletionTimestamp" in before
            and not obj["metadata"].get("finalizers")
            and not before.get("deletionGracePeriodSeconds")
            and not (self.resource.held and self.resource.held(obj))
        )

    def _check_uid(self, scope: Scope, entry: Entry | None) -> None:
        """Raises Conflict (409) for an object that was deleted, and perhaps made anew."""
        uid = entry.object["metadata"]["uid"] if entry is not None else ""
        if scope.uid not in ("", uid):
            resource = self.resource
            why = (
                f"StorageError: invalid object, Code: 4, Key: {storage_key(resource, scope.key)}, ResourceVersion: 0, "
                f"AdditionalErrorMsg: Precondition failed: UID in precondition: {scope.uid}, UID in object meta: {uid}"
            )
            raise status.conflict(resource.group, resource.plural, scope.name, why)

    def _check_revision(self, metadata: Object, entry: Entry, name: str) -> None:
        """The optimistic lock. Raises Conflict (409), Invalid (422), 500 for what is no number."""
        resource = self.resource
        revision = revisions.of_object(metadata)
        if revision == 0:
            if not resource.unconditional_update:
                error = invalid(
                    Path("metadata") / "resourceVersion", Go(0, "uint64"), "must be specified for an update"
                )
                raise status.invalid(resource.group, resource.plural, name, [error])
        elif revision != entry.revision:
            raise status.modified(resource.group, resource.plural, name)
        metadata["resourceVersion"] = str(entry.revision)

    def _before_update(self, scope: Scope, obj: Object, old: Object) -> None:
        """rest.BeforeUpdate: what a client cannot change is taken from the old object, then validation."""
        metadata, before = obj["metadata"], old["metadata"]
        self._check_namespace(scope, metadata)
        if "generation" in before:
            metadata["generation"] = before["generation"]
        else:
            metadata.pop("generation", None)
        errors = list(self._prepare_update(scope, obj, old))
        metadata = obj["metadata"]
        _keep_system_fields(metadata, before)
        common = [
            *meta.validate_object_meta(metadata, self.resource.namespaced, path_segment),
            *meta.validate_object_meta_update(metadata, before),
        ]
        self._raise_invalid(metadata.get("name", ""), common + errors + list(self._validate_update(scope, obj, old)))
        obj["metadata"] = meta.ordered(metadata)

    def _prepare_update(self, scope: Scope, obj: Object, old: Object) -> Iterable[FieldError]:
        resource = self.resource
        sub = resource.subresource(scope.subresource, scope.version.name) if scope.subresource else None
        if sub is not None:
            (sub.prepare_update or keep_all_but_status)(obj, old)
            if sub.stamp:
                sub.stamp(obj, old, self._clock.now())
            return ()
        if resource.subresource("status", scope.version.name):
            _take(obj, old, "status")
        if resource.prepare_update:
            resource.prepare_update(obj, old)
        if resource.generation and self._counts(obj, old):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        return ()

    def _counts(self, obj: Object, old: Object) -> bool:
        """Whether the update makes another generation."""
        resource = self.resource
        if resource.counts_empty and self._codec.has_empty(resource, obj):
            return True
        if resource.counted(obj) == resource.counted(old):
            return False
        settled = obj if resource.custom else self._codec.settled(resource, obj)
        return bool(resource.counted(settled) != resource.counted(old))

    def _validate_update(self, scope: Scope, obj: Object, old: Object) -> Iterable[FieldError]:
        sub = self.resource.subresource(scope.subresource, scope.version.name) if scope.subresource else None
        if sub is not None:
            return sub.validate_update(obj, old) if sub.validate_update else ()
        validate = scope.version.validate_update or self.resource.validate_update
        return validate(obj, old) if validate else ()

    def _track(self, scope: Scope, live: Object | None, obj: Object) -> None:
        self._tracking.update(scope, live, obj, format_time(self._clock.now()))

    async def _mutate(self, scope: Scope, attributes: Attributes) -> None:
        if not scope.admitted:
            await self._admission.mutate(attributes)

    async def _validate(self, scope: Scope, attributes: Attributes) -> None:
        if not scope.admitted:
            await self._admission.validate(attributes)


def attributes_of(operation: str, scope: Scope, obj: Object | None, old: Object | None = None) -> Attributes:
    """What admission sees of that operation; a new object's name is known only if it was given."""
    name = scope.name or (str((obj or {}).get("metadata", {}).get("name") or "") if operation == CREATE else "")
    return Attributes(
        operation, scope.resource, scope.version.name, scope.subresource, scope.namespace, name, scope.user,
        obj, old, scope.dry_run, scope.options, scope.annotations, scope.warnings, scope.findings,
        scope.explained,
    )  # fmt: skip


def _sent_revision(metadata: Object) -> int:
    """The resourceVersion of an object to be created; what is no number counts as none."""
    try:
        return revisions.parse_uint(metadata.get("resourceVersion") or "0")
    except ValueError:
        return 0


def prefix_of(resource: Resource) -> str:
    """Where the cache keeps the resource's objects: "core/pods", "apps/deployments"."""
    return f"{resource.stored_group or 'core'}/{resource.plural}"


PLACES = {
    "endpoints": "services/endpoints",
    "ingresses": "ingress",
    "nodes": "minions",
    "podsecuritypolicies": "podsecuritypolicy",
    "replicationcontrollers": "controllers",
    "services": "services/specs",
}
"""Where the real server keeps resources that it names otherwise."""
GROUPED = ("apiextensions.k8s.io", "apiregistration.k8s.io")


def storage_key(resource: Resource, key: Key) -> str:
    """Where the real server keeps the object, which messages tell."""
    place = PLACES.get(resource.plural, resource.plural)
    if resource.group in GROUPED or ("." in resource.group and not resource.group.endswith(".k8s.io")):
        place = f"{resource.group}/{resource.plural}"
    return "/".join(("/registry", place, *filter(None, key)))


def _keep_system_fields(metadata: Object, before: Object) -> None:
    metadata.pop("clusterName", None)
    metadata.pop("selfLink", None)
    if not metadata.get("uid"):
        metadata["uid"] = before["uid"]
    metadata["creationTimestamp"] = before["creationTimestamp"]
    if "deletionTimestamp" in before:
        metadata["deletionTimestamp"] = before["deletionTimestamp"]
    if "deletionGracePeriodSeconds" in before:
        metadata.setdefault("deletionGracePeriodSeconds", before["deletionGracePeriodSeconds"])


def _take(obj: Object, old: Object, name: str) -> None:
    if name in old:
        obj[name] = old[name]
    else:
        obj.pop(name, None)


def _fresh(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"]}}
