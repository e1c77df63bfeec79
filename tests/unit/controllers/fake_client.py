"""A small in-memory API server for controllers: objects, revisions, generations, finalizers, changes; no validation."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from fakekube.apis.resource import Resource, api_version
from fakekube.controllers.controller import Controller
from fakekube.controllers.manager import Manager
from fakekube.machinery import generate, status
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.times import format_time
from fakekube.runtime.clock import Clock

POLICY = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}


class FixedClock(Clock):
    """Begins at a fixed moment, so that a test's seconds do not depend on when it runs."""

    def __init__(self, start: float = 1_600_000_000.0) -> None:
        super().__init__()
        self._start = start - time.monotonic()

    def now(self) -> float:
        return self._start + time.monotonic() + self._offset


class FakeClient:
    """`registry.client.Client` and `registry.changes.Changes` in one."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.events: list[tuple[str, str, str, str]] = []
        """(name of the object, type, reason, message)."""
        self.refuse: Callable[[str, Resource, Object], Exception | None] = lambda verb, resource, obj: None
        self._objects: dict[tuple[str, str], dict[Key, Object]] = {}
        self._revisions = itertools.count(1)
        self._handlers: dict[tuple[str, str], list[Any]] = {}
        self._any: list[Any] = []

    def _all(self, resource: Resource) -> dict[Key, Object]:
        return self._objects.setdefault((resource.group, resource.plural), {})

    def get(self, resource: Resource, key: Key) -> Object | None:
        return self._all(resource).get(key)

    def list(self, resource: Resource, namespace: str = "", matches: Any = None) -> Sequence[Object]:
        found = sorted(self._all(resource).items())
        return [obj for key, obj in found if namespace in ("", key.namespace) and (matches is None or matches(obj))]

    def by(self, resource: Resource, value: Callable[[Object], Hashable], wanted: Hashable) -> Sequence[Object]:
        return self.list(resource, matches=lambda obj: value(obj) == wanted)

    def revision(self, resource: Resource) -> int:
        return max((int(obj["metadata"]["resourceVersion"]) for obj in self._all(resource).values()), default=0)

    async def create(self, resource: Resource, obj: Object) -> Object:
        self._may("create", resource, obj)
        obj = copy.deepcopy(obj)
        metadata = obj["metadata"]
        if "name" not in metadata:
            metadata["name"] = generate.name(metadata["generateName"])
        if key_of(obj) in self._all(resource):
            raise status.already_exists(resource.group, resource.plural, metadata["name"])
        version = api_version(resource.group, resource.storage_version.name)
        obj = {"apiVersion": version, "kind": resource.kind, **obj}
        metadata.setdefault("uid", generate.uid())
        metadata.setdefault("creationTimestamp", format_time(self.clock.now()))
        metadata["generation"] = 1
        return self._commit(resource, key_of(obj), obj)

    async def update(self, resource: Resource, obj: Object, subresource: str = "") -> Object:
        self._may("update", resource, obj)
        old = self._current(resource, key_of(obj))
        if obj["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]:
            raise status.modified(resource.group, resource.plural, key_of(obj).name)
        new = copy.deepcopy(obj)
        if subresource in ("status", "approval"):
            new["spec"] = old.get("spec", {})
        elif resource.subresource("status") and subresource != "finalize":
            new["status"] = old.get("status", {})
        if new.get("spec") != old.get("spec"):
            new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        return self._replace(resource, old, new)

    async def patch(self, resource: Resource, key: Key, merge: Object, subresource: str = "") -> Object:
        old = self._current(resource, key)
        new = _merged(copy.deepcopy(old), merge)
        if new["metadata"]["uid"] != old["metadata"]["uid"]:
            raise status.conflict(resource.group, resource.plural, key.name, "uid")
        return await self.update(resource, new, subresource)

    async def delete(
        self, resource: Resource, key: Key, *, uid: str = "", propagation: str = "", grace: int | None = None
    ) -> None:
        old = self._current(resource, key)
        if uid and uid != old["metadata"]["uid"]:
            raise status.conflict(resource.group, resource.plural, key.name, "uid")
        finalizers = [name for name in old["metadata"].get("finalizers", []) if name not in POLICY.values()]
        finalizers += [POLICY[propagation]] if propagation in POLICY else []
        held = resource.held is not None and resource.held(old)
        if not finalizers and not held:
            self._commit(resource, key, None)
        elif "deletionTimestamp" not in old["metadata"] or finalizers != old["metadata"].get("finalizers", []):
            marks = {"deletionTimestamp": format_time(self.clock.now()), "finalizers": finalizers}
            new = {**old, "metadata": {**old["metadata"], **marks}}
            if resource.mark_deleted:
                new = copy.deepcopy(new)
                resource.mark_deleted(new)
            self._commit(resource, key, new)

    async def record(self, about: Object, type_: str, reason: str, message: str) -> None:
        self.events.append((about["metadata"]["name"], type_, reason, message))

    def subscribe(self, resource: Resource, handler: Any) -> None:
        for obj in self.list(resource):
            handler(None, obj)
        self._handlers.setdefault((resource.group, resource.plural), []).append(handler)

    def subscribe_all(self, handler: Any) -> None:
        self._any.append(handler)

    def reasons(self) -> list[str]:
        """The reasons of the events so far."""
        return [event[2] for event in self.events]

    def _may(self, verb: str, resource: Resource, obj: Object) -> None:
        error = self.refuse(verb, resource, obj)
        if error is not None:
            raise error

    def _current(self, resource: Resource, key: Key) -> Object:
        found = self.get(resource, key)
        if found is None:
            raise status.not_found(resource.group, resource.plural, key.name)
        return found

    def _replace(self, resource: Resource, old: Object, new: Object) -> Object:
        key, metadata = key_of(old), new["metadata"]
        held = resource.held is not None and resource.held(new)
        if "deletionTimestamp" in old["metadata"] and not metadata.get("finalizers") and not held:
            self._commit(resource, key, None)
            return new
        return old if new == old else self._commit(resource, key, new)

    def _commit(self, resource: Resource, key: Key, new: Object | None) -> Any:
        objects = self._all(resource)
        old = objects.pop(key, None)
        if new is not None:
            new["metadata"]["resourceVersion"] = str(next(self._revisions))
            objects[key] = new
        for handler in self._handlers.get((resource.group, resource.plural), ()):
            handler(old, new)
        for handler in self._any:
            handler(resource, old, new)
        return new


def _merged(target: Object, patch: Object) -> Object:
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict):
            target[name] = _merged(target.get(name) or {}, value)
        else:
            target[name] = value
    return target


def manager(api: FakeClient, controllers: Iterable[Controller]) -> Manager:
    """A manager over the fake."""
    return Manager(controllers, api, lambda _: api, api.clock)
