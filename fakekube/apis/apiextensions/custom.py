"""The Resource that a definition stands for: a CustomResourceDefinition builds at run time what kinds declare.

Follows apiextensions-apiserver's customresource_handler and registry/customresource of v1.20. Conversion by webhook is
not there yet: versions differ in their schemas only.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from fakekube.apis import meta
from fakekube.apis.apiextensions import customcolumns, embedded
from fakekube.apis.apiextensions.naming import is_true
from fakekube.apis.apiextensions.structural import is_structural, knows_int_or_string
from fakekube.apis.catalog import version_order
from fakekube.apis.resource import Convert, Mutate, Resource, Subresource, Validate, ValidateUpdate, Version
from fakekube.apis.statuses import keep_metadata_too
from fakekube.machinery import gotext, openapi_schema, pruning
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.jsonvalues import as_go_keeps_it
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Type
from fakekube.machinery.structural import defaulting, listtypes, validation

VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
SUBRESOURCE_VERBS = ("get", "patch", "update")
"""In the order in which discovery lists them."""
NEVER = "0.0"
"""The `until` of versions that are stored and not served."""
HIGHEST = 2**31 - 1


class Served(Struct, frozen=True):
    """A Resource and, by version, the types of its objects."""

    resource: Resource
    types: dict[str, Type]


def build(definition: Object, object_meta: Type) -> Served:
    """What an established definition (of v1) serves. `object_meta` is the type of ObjectMeta."""
    spec, names = definition["spec"], definition["status"]["acceptedNames"]
    shapes = [Shape(spec, version, object_meta) for version in spec["versions"]]
    stored = next(shape for shape in shapes if shape.stored)
    resource = Resource(
        group=spec["group"],
        plural=names["plural"],
        kind=names["kind"],
        list_kind=names.get("listKind", ""),
        singular=names.get("singular", ""),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        namespaced=spec["scope"] == "Namespaced",
        versions=tuple(shape.version(stored) for shape in shapes),
        subresources=tuple(sub for shape in shapes for sub in shape.subresources()),
        verbs=VERBS,
        selectable={"metadata.name": lambda obj: str(obj["metadata"]["name"])},
        custom=True,
        deduced=any(shape.deduced for shape in shapes),
        kept_as_json=True,
        generation=True,
        counted=_counted,
        unconditional_update=False,
        ending=is_true(definition, "Terminating"),
    )
    return Served(resource, {shape.name: shape.type for shape in shapes})


def _counted(obj: Object) -> Object:
    """All but the metadata; a status that has a subresource does not change here."""
    return {name: value for name, value in obj.items() if name not in ("metadata", "kind", "apiVersion")}


class Shape:
    """One version of a custom resource."""

    def __init__(self, spec: Object, version: Object, object_meta: Type) -> None:
        self.name: str = version["name"]
        self.stored = bool(version.get("storage"))
        self._others: list[Object] = spec["versions"]
        self._group, self._kind, self._version = spec["group"], spec["names"]["kind"], version
        self._schema: Object = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        self._subresources: Object = version.get("subresources") or {}
        loose = bool(spec.get("preserveUnknownFields"))
        self.deduced = knows_int_or_string(self._schema)
        """The real server of v1.20 makes no model for managedFields of such a schema, nor of the kind's others."""
        self.structural = self._schema if not loose and is_structural(self._schema) else {}
        self.type = openapi_schema.custom_resource(
            self.structural or None, object_meta, preserve_unknown=loose or not self.structural
        )

    def version(self, stored: Shape) -> Version:
        """As a Resource has it."""
        return Version(
            self.name,
            storage=self.stored,
            until="" if self._version.get("served") else NEVER,
            defaults=self._defaults(),
            to_storage=self._to_storage(stored),
            from_storage=self._from_storage(stored),
            deprecated=self._deprecated(),
            validate=self._validate(),
            validate_update=self._validate_update(),
            columns=customcolumns.columns(self._version.get("additionalPrinterColumns")),
        )

    def subresources(self) -> Iterator[Subresource]:
        """Those that this version has."""
        if self._subresources.get("status") is not None:
            yield Subresource(
                "status",
                SUBRESOURCE_VERBS,
                versions=(self.name,),
                prepare_update=keep_metadata_too,
                validate_update=self._validate_update(status=True),
            )
        if self._subresources.get("scale") is not None:
            yield Subresource("scale", SUBRESOURCE_VERBS, "autoscaling", "v1", "Scale", (self.name,))

    def _deprecated(self) -> str:
        if not self._version.get("deprecated"):
            return ""
        text: str | None = self._version.get("deprecationWarning")
        if text is not None:
            return text
        others = [one["name"] for one in self._others if one.get("served") and not one.get("deprecated")]
        best = min(others, key=version_order, default=self.name)
        usable = f"; use {self._group}/{best} {self._kind}" if version_order(best) < version_order(self.name) else ""
        return f"{self._group}/{self.name} {self._kind} is deprecated{usable}"

    def _defaults(self) -> Mutate:
        schema = self.structural

        def defaults(obj: Object) -> None:
            defaulting.drop_nulls(obj, schema)
            defaulting.default(obj, schema)

        return defaults

    def _to_storage(self, stored: Shape) -> Convert:
        """What is sent, without what the stored version does not know."""
        return lambda obj: obj if self.stored else stored.pruned(obj)

    def _from_storage(self, stored: Shape) -> Convert:
        """What is stored as that version has it today, without what this one does not know."""

        def shown(obj: Object) -> Object:
            found = stored.pruned(copy.deepcopy(obj))
            defaulting.default(found, stored.structural)
            return found if self.stored else self.pruned(found)

        return shown

    def pruned(self, obj: Object) -> Object:
        """The object without unknown fields, and without nulls where there may be none."""
        found: Object = pruning.prune(obj, self.type)
        defaulting.drop_nulls(found, self.structural)
        return found

    def _validate(self) -> Validate:
        def validate(obj: Object) -> Iterator[FieldError]:
            yield from validation.validate(obj, self._schema)
            yield from self._replicas(obj, ("specReplicasPath", "statusReplicasPath"))
            yield from embedded.validate(obj, self.structural, Path())
            yield from listtypes.validate(obj, self.structural, Path())

        return validate

    def _validate_update(self, *, status: bool = False) -> ValidateUpdate:
        paths = ("statusReplicasPath",) if status else ("specReplicasPath", "statusReplicasPath")

        def validate(new: Object, old: Object) -> Iterator[FieldError]:
            yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
            yield from validation.validate(new, self._schema)
            yield from self._replicas(new, paths)
            yield from embedded.validate(new, self.structural, Path())
            if not any(listtypes.validate(old, self.structural, Path())):
                yield from listtypes.validate(new, self.structural, Path())

        return validate

    def _replicas(self, obj: Object, names: tuple[str, ...]) -> Iterator[FieldError]:
        """What scale reads has to be a count."""
        scale = self._subresources.get("scale")
        for path in (scale[name] for name in names) if scale is not None else ():
            value = reach(obj, path, NOTHING)
            if (inner := _no_object(obj, path)) is not None:
                yield invalid(Path(path), 0, accessor_error(path, inner, "map[string]interface{}"))
            elif value is NOTHING:
                continue
            elif isinstance(value, bool) or not isinstance(value, int):
                yield invalid(Path(path), 0, accessor_error(path, value, "int64"))
            elif value < 0:
                yield invalid(Path(path), value, "should be a non-negative integer")
            elif value > HIGHEST:
                yield invalid(Path(path), value, f"should be less than or equal to {HIGHEST}")
        if scale is not None and (path := scale.get("labelSelectorPath")):
            value = reach(obj, path, NOTHING)
            if value is not NOTHING and not isinstance(value, str):
                yield invalid(Path(path), "", accessor_error(path, value, "string"))


NOTHING = object()
"""Stands for a field that is not there."""


def reach(obj: Any, path: str, nothing: Any = None) -> Any:
    """The value at a path of fields such as .spec.replicas; `nothing` where there is none."""
    for name in path.removeprefix(".").split("."):
        if not isinstance(obj, dict) or name not in obj:
            return nothing
        obj = obj[name]
    return obj


def _no_object(obj: Any, path: str) -> Any:
    """What stands on the way to a path and has no fields; None if nothing does."""
    for name in path.removeprefix(".").split("."):
        if obj is None or not isinstance(obj, dict):
            return obj
        obj = obj.get(name)
    return None


GO_TYPES = (
    (type(None), "<nil>"),
    (bool, "bool"),
    (str, "string"),
    (int, "int64"),
    (float, "float64"),
    (list, "[]interface {}"),
)


def accessor_error(path: str, value: Any, wanted: str) -> str:
    """How Go's accessors of unstructured objects complain about a type."""
    go = next((name for type_, name in GO_TYPES if isinstance(value, type_)), "map[string]interface {}")
    shown = gotext.text(as_go_keeps_it(value))
    return f".{path.removeprefix('.')} accessor error: {shown} is of the type {go}, expected {wanted}"
