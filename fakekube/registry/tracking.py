"""managedFields: who set which field, kept up with every write. Follows apiserver's handlers/fieldmanager.

The tracking itself is machinery.apply; here it is given the kinds, their versions and the clock's time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fakekube.apis.catalog import Catalog
from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery.apply import Compiler, FieldManager
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Type
from fakekube.registry.codec import Codec
from fakekube.registry.scope import Scope


class Tracking:
    """Field managers by resource, version and whether a subresource is written; they share one compiler."""

    def __init__(self, codec: Codec, catalog: Catalog) -> None:
        self._codec = codec
        self._catalog = catalog
        self._compiler = Compiler()
        self._managers: dict[tuple[str, str, str, bool], tuple[Resource, FieldManager]] = {}

    def update(self, scope: Scope, live: Object | None, new: Object, time: str) -> None:
        """Set new's managedFields to what follows from this write. Objects are of the storage version."""
        resource, version = scope.resource, scope.version
        if not resource.tracked:
            return
        shown = self._codec.version_of(resource, version, new)
        before = self._codec.version_of(resource, version, live) if live is not None else None
        if resource.custom and not resource.deduced and not self._fits(resource, version, shown):
            new["metadata"].pop("managedFields", None)
            return
        if resource.deduced:  # what the metadata is read into has no empty fields
            kept = {name: value for name, value in shown["metadata"].items() if value or value is None}
            shown = {**shown, "metadata": kept}
        tracked = self._manager(scope).update(before, shown, scope.manager, time)
        _take_over(new, tracked)

    def _fits(self, resource: Resource, version: Version, obj: Object) -> bool:
        """Whether a custom resource has the shape of its schema, which is judged only later."""
        from fakekube.machinery.structural.conformity import conforms

        return conforms(obj, self._codec.type_of(resource.group, version.name, resource.kind))

    def apply(self, scope: Scope, live: Object | None, applied: Any, force: bool, time: str) -> Object:
        """The object, in the scope's version, as an applied configuration makes it. Raises StatusError."""
        before = self._codec.version_of(scope.resource, scope.version, live) if live is not None else None
        return self._manager(scope).apply(before, applied, scope.manager, force, time)

    def _manager(self, scope: Scope) -> FieldManager:
        resource, version = scope.resource, scope.version
        name = (resource.group, resource.plural, version.name, bool(scope.subresource))
        found = self._managers.get(name)
        if found is not None and found[0] is resource:
            return found[1]
        made = FieldManager(
            self._codec.type_of(resource.group, version.name, resource.kind),
            api_version(resource.group, version.name),
            resource.kind,
            compiler=self._compiler,
            convert=partial(self._convert, resource, version),
            type_of=partial(self._type_of, resource),
            subresource=bool(scope.subresource),
            deduced=resource.deduced,
        )
        self._managers[name] = (resource, made)
        return made

    def _convert(self, resource: Resource, _: Version, obj: Object, version: str) -> Object:
        """The object in another version of its kind. Raises LookupError."""
        source = self._named(resource, obj["apiVersion"])[1]
        stored = source.to_storage(obj) if source.to_storage else obj
        return self._codec.version_of(*self._named(resource, version), stored)

    def _type_of(self, resource: Resource, version: str, kind: str) -> Type:
        """The type of any kind; of this resource's own in the versions that it has. Raises LookupError."""
        group, _, name = version.rpartition("/")
        if kind == resource.kind:
            name = self._named(resource, version)[1].name
        return self._codec.type_of(group, name, kind)

    def _named(self, resource: Resource, name: str) -> tuple[Resource, Version]:
        """The version of that name of what serves the same objects, in this group or another. Raises LookupError."""
        group, _, version = name.rpartition("/")
        found = resource if group == resource.group else self._catalog.get(group, resource.plural)
        if found is None or found.stored_group != resource.stored_group:
            raise LookupError(name)
        return found, found.version(version)


def _take_over(obj: Object, tracked: Object) -> None:
    entries = tracked["metadata"].get("managedFields")
    if entries:
        obj["metadata"]["managedFields"] = entries
    else:
        obj["metadata"].pop("managedFields", None)
