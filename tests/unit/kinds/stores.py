"""A registry of its own with every built-in kind, and valid objects to put into it."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from valid_objects import FIELDS

from fakekube.apis import schema
from fakekube.apis.catalog import builtin
from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery.objects import Object, UserInfo
from fakekube.registry.attributes import Attributes
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope
from fakekube.runtime.clock import Clock
from fakekube.storage.cache import Cache, Entry
from fakekube.storage.memory import Memory

USER = UserInfo("ann", "1", ("system:authenticated",), {})
CATALOG = builtin()
OWN_NAMES = {"APIService": "v1.example.com", "CSINode": "n", "CustomResourceDefinition": "widgets.example.com"}


class AllowAll:
    """No admission plugins."""

    async def mutate(self, attributes: Attributes) -> None:
        """Change nothing."""

    async def validate(self, attributes: Attributes) -> None:
        """Refuse nothing."""


@cache
def codec() -> Codec:
    return Codec(schema.load())


def document(resource: Resource, version: Version) -> Object:
    """A valid object of the kind."""
    metadata = {"name": OWN_NAMES.get(resource.kind, "x"), **({"namespace": "d"} if resource.namespaced else {})}
    fields = copy.deepcopy(FIELDS.get((resource.group, resource.kind), {}))
    made = {"apiVersion": api_version(resource.group, version.name), "kind": resource.kind, "metadata": metadata}
    return {**made, **fields}


def scope(resource: Resource, version: Version, name: str = "") -> Scope:
    return Scope(resource, version, USER, namespace="d" if resource.namespaced else "", name=name)


async def registry_of_its_own() -> Registry:
    cache = Cache(Memory())
    await cache.start()
    return Registry(CATALOG, cache, codec(), AllowAll(), Clock())


async def update(registry: Registry, resource: Resource, version: Version, name: str, sent: Object) -> Entry:
    """PUT the object, in that version. Raises DecodeError, StatusError."""
    again = codec().decode(resource, version, copy.deepcopy(sent))

    async def make(_: Any) -> Object:
        return again

    after, _ = await registry.store(resource).update(scope(resource, version, name), make)
    return after
