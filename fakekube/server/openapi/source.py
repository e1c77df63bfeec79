"""The custom resource definitions of a registry, as the OpenAPI document takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object

if TYPE_CHECKING:
    from fakekube.registry.registry import Registry

GROUP, PLURAL, VERSION = "apiextensions.k8s.io", "customresourcedefinitions", "v1"


class StoredDefinitions:
    """A `service.Source` over a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        resource = registry.catalog.get(GROUP, PLURAL)
        if resource is None:
            raise LookupError(f"{PLURAL}.{GROUP} are not served")
        self._resource: Resource = resource

    def revision(self) -> int:
        """Of the last change of any of them."""
        return self._registry.store(self._resource).collection.revision

    def definitions(self) -> Iterator[Object]:
        """All of them in their v1 form."""
        version = self._resource.version(VERSION)
        for entry in self._registry.store(self._resource).collection.list(""):
            yield self._registry.codec.version_of(self._resource, version, entry.object)
