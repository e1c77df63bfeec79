"""A Reader over objects that a test wrote down, and the Changes of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.registry.changes import Handler
from fakekube.registry.client import Matches


class ObjectsReader:
    """Objects by resource and key; `put` and `remove` count revisions and tell who has subscribed."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[Key, Object]] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0
        self._handlers: dict[str, list[Handler]] = {}

    def put(self, resource: Resource, *objects: Object) -> None:
        stored = self._objects.setdefault(resource.qualified, {})
        for obj in objects:
            old, stored[key_of(obj)] = stored.get(key_of(obj)), obj
            self._tell(resource, old, obj)
        self._count(resource)

    def remove(self, resource: Resource, key: Key) -> None:
        self._tell(resource, self._objects[resource.qualified].pop(key), None)
        self._count(resource)

    def subscribe(self, resource: Resource, handler: Handler) -> None:
        for obj in self.list(resource):
            handler(None, obj)
        self._handlers.setdefault(resource.qualified, []).append(handler)

    def _tell(self, resource: Resource, old: Object | None, new: Object | None) -> None:
        for handler in self._handlers.get(resource.qualified, ()):
            handler(old, new)

    def _count(self, resource: Resource) -> None:
        self._revision += 1
        self._revisions[resource.qualified] = self._revision

    def get(self, resource: Resource, key: Key) -> Object | None:
        return self._objects.get(resource.qualified, {}).get(key)

    def list(self, resource: Resource, namespace: str = "", matches: Matches | None = None) -> Sequence[Object]:
        found = sorted(self._objects.get(resource.qualified, {}).items())
        wanted = [obj for key, obj in found if namespace in ("", key.namespace)]
        return [obj for obj in wanted if matches is None or matches(obj)]

    def by(self, resource: Resource, value: Callable[[Object], Hashable], wanted: Hashable) -> Sequence[Object]:
        return self.list(resource, matches=lambda obj: value(obj) == wanted)

    def revision(self, resource: Resource) -> int:
        return self._revisions.get(resource.qualified, 0)
