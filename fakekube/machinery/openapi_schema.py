"""Types of custom resources, from the structural schemas of their definitions.

Follows apiextensions-apiserver's structural schemas, as pruning and server-side apply read them: what a schema does not
specify is not kept, x-kubernetes-preserve-unknown-fields keeps it. Rules about values (minimum, pattern, required...)
are validation and no part of a Type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekube.machinery.schema import Field, Form, Type

Structural = Mapping[str, Any]
"""A JSONSchemaProps object."""

SCALARS = {
    "string": Form.STRING,
    "integer": Form.INTEGER,
    "number": Form.NUMBER,
    "boolean": Form.BOOLEAN,
}


def custom_resource(schema: Structural | None, object_meta: Type, *, preserve_unknown: bool = False) -> Type:
    """The type of a custom resource: its openAPIV3Schema with apiVersion, kind and metadata.

    `preserve_unknown` is the definition's spec.preserveUnknownFields; without a schema everything is kept as well.
    """
    root = _object(schema or {}, object_meta)
    root.preserve_unknown = root.preserve_unknown or preserve_unknown or schema is None
    _add_object_fields(root, object_meta)
    return root


def from_structural(schema: Structural, object_meta: Type) -> Type:
    """The type of one node of a structural schema. `object_meta` is the type of embedded resources' metadata."""
    if schema.get("x-kubernetes-int-or-string"):
        new = Type(Form.INT_OR_STRING)
    elif schema.get("x-kubernetes-embedded-resource"):
        new = _embedded(schema, object_meta)
    elif schema.get("type") == "array":
        new = _array(schema, object_meta)
    elif schema.get("type") == "object":
        new = _object_or_map(schema, object_meta)
    else:
        new = Type(SCALARS.get(schema.get("type", ""), Form.ANY))
    new.nullable = bool(schema.get("nullable"))
    return new


def _object_or_map(schema: Structural, object_meta: Type) -> Type:
    values = schema.get("additionalProperties")
    if not values or schema.get("properties"):
        return _object(schema, object_meta)
    element = from_structural(values, object_meta) if isinstance(values, Mapping) else Type(Form.ANY)
    return Type(Form.MAP, element=element, map_atomic=schema.get("x-kubernetes-map-type") == "atomic")


def _object(schema: Structural, object_meta: Type) -> Type:
    required = frozenset(schema.get("required") or ())
    properties = schema.get("properties") or {}
    new = Type(Form.OBJECT, map_atomic=schema.get("x-kubernetes-map-type") == "atomic")
    new.preserve_unknown = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    names = sorted(properties)  # as Go writes maps
    types = (from_structural(properties[name], object_meta) for name in names)
    new.set_fields(
        {name: Field(name, type_, required=name in required) for name, type_ in zip(names, types, strict=True)}
    )
    return new


def _embedded(schema: Structural, object_meta: Type) -> Type:
    new = _object(schema, object_meta)
    new.embedded = True
    _add_object_fields(new, object_meta)
    return new


def _add_object_fields(new: Type, object_meta: Type) -> None:
    """What every API object has, whatever its schema says."""
    own = {
        "apiVersion": Field("apiVersion", Type(Form.STRING)),
        "kind": Field("kind", Type(Form.STRING)),
        "metadata": Field("metadata", object_meta),
    }
    fields = new.fields | own
    new.set_fields({name: fields[name] for name in sorted(fields)})


def _array(schema: Structural, object_meta: Type) -> Type:
    items = schema.get("items")
    element = from_structural(items, object_meta) if isinstance(items, Mapping) else Type(Form.ANY)
    new = Type(Form.LIST, element=element, list_type=schema.get("x-kubernetes-list-type") or "")
    new.list_keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
    return new
