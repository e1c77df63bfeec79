"""Custom resources come and go with their definitions: the catalog, the types and the endpoints follow those.

Follows apiextensions-apiserver's customresource_handler: what is established is served, and a change of the definition
ends the watches of its objects. Imported when the first definition comes.
"""

from __future__ import annotations

from collections.abc import MutableMapping

from fakekube.apis.apiextensions.custom import build, reach
from fakekube.apis.apiextensions.customresourcedefinitions import RESOURCE as DEFINITIONS
from fakekube.apis.apiextensions.naming import is_true
from fakekube.apis.resource import Resource
from fakekube.endpoints import scale
from fakekube.endpoints.endpoint import Endpoint
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.registry import Registry

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class CustomResources:
    """Serves what the definitions of a registry say."""

    def __init__(self, registry: Registry, endpoints: MutableMapping[tuple[str, str, str], Endpoint]) -> None:
        self._registry, self._endpoints = registry, endpoints

    def follow(self, old: Object | None, new: Object | None) -> None:
        """A definition has changed (both of the storage version)."""
        if _shape(old) == _shape(new):
            return
        resource = self._served(old) if old is not None else None
        renewed = _kept(old) != _kept(new)
        if renewed and resource is not None:
            self._registry.store(resource).collection.interrupt()
        if new is not None and is_true(new, "Established"):
            self._serve(new, renewed=renewed)
        elif resource is not None:
            self._registry.withdraw(resource)
            self._endpoints.pop((resource.group, resource.plural, "scale"), None)

    def _served(self, definition: Object) -> Resource | None:
        """What is served of a definition."""
        spec = definition["spec"]
        found = self._registry.catalog.get(spec["group"], spec["names"]["plural"])
        return found if found is not None and found.custom else None

    def _serve(self, stored: Object, *, renewed: bool) -> None:
        codec = self._registry.codec
        definition = codec.version_of(DEFINITIONS, DEFINITIONS.version("v1"), stored)
        served = build(definition, codec.schema.definition(OBJECT_META))
        resource = served.resource
        known = self._registry.catalog.get(resource.group, resource.plural)
        if known is not None and not known.custom:
            return  # the built-in kind wins
        for version, type_ in served.types.items():
            codec.add(resource.group, version, resource.kind, type_)
        self._registry.serve(resource)
        if renewed:
            self._registry.store(resource).collection.begin(self._registry.cache.revision)
        self._endpoints.pop((resource.group, resource.plural, "scale"), None)
        scales = ((version.get("subresources") or {}).get("scale") for version in definition["spec"]["versions"])
        if (paths := next(filter(None, scales), None)) is not None:  # versions are scaled alike
            made = _scale(resource, paths)
            self._endpoints[made.key] = made


def _shape(definition: Object | None) -> object:
    """What serving depends on."""
    return _kept(definition), definition is not None and is_true(definition, "Terminating")


def _kept(definition: Object | None) -> object:
    """What the objects' storage depends on: watches do not outlive it."""
    if definition is None or not is_true(definition, "Established"):
        return None
    return definition["metadata"]["uid"], definition["spec"], definition["status"].get("acceptedNames")


def _scale(resource: Resource, paths: Object) -> Endpoint:
    replicas, counted = paths["specReplicasPath"], paths["statusReplicasPath"]
    chosen = paths.get("labelSelectorPath") or ""

    def shown(obj: Object) -> Object:
        wanted = {"spec": {"replicas": reach(obj, replicas) or 0}, "status": {"replicas": reach(obj, counted) or 0}}
        return scale.scale_of({**wanted, "metadata": obj["metadata"]}, (reach(obj, chosen) or "") if chosen else "")

    def scaled(obj: Object, count: int) -> Object:
        return _with(obj, replicas.removeprefix(".").split("."), count)

    def read(obj: Object) -> Object:
        if reach(obj, replicas) is None:
            raise status.internal_error(f'the spec replicas field "{replicas}" does not exist')
        return shown(obj)

    return scale.endpoint(resource, shown, scaled, read)


def _with(obj: Object, path: list[str], value: int) -> Object:
    """A copy with another value at the path."""
    name, *rest = path
    return {**obj, name: _with(obj.get(name) or {}, rest, value) if rest else value}
