"""Custom resources as they are decoded: unknown fields go, metadata becomes a proper ObjectMeta, the rest is kept.

Follows apiextensions-apiserver's pruning and objectmeta coercion. What a schema says about values is validation, not
decoding: a string where a number should be passes here. Keys come out sorted, as Go writes maps.
"""

from __future__ import annotations

from typing import Any

from fakekube.machinery import decoding
from fakekube.machinery.fielderrors import Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.schema import Form, Type


def prune(value: Any, type_: Type) -> Any:
    """A fresh custom resource of that type. Raises DecodeError for metadata that is none."""
    if not isinstance(value, dict):
        return value
    out = _object(value, type_, Path())
    if "metadata" in out:
        out["metadata"] = _metadata(out["metadata"], type_)
    return out


def _metadata(value: Any, type_: Type) -> Any:
    field = type_.fields.get("metadata")
    if field is None or not field.type.go:
        return value
    metadata = decoding.convert(value, field.type)
    if metadata.get("creationTimestamp") is None:
        metadata.pop("creationTimestamp", None)
    return metadata


def _value(value: Any, type_: Type, path: Path) -> Any:
    if type_.form is Form.OBJECT and isinstance(value, dict):
        return _embedded(value, type_, path) if type_.embedded else _object(value, type_, path)
    if type_.form is Form.MAP and type_.element is not None and isinstance(value, dict):
        return {key: _value(value[key], type_.element, path @ key) for key in sorted(value)}
    if type_.form is Form.LIST and type_.element is not None and isinstance(value, list):
        return [_value(item, type_.element, path @ index) for index, item in enumerate(value)]
    return decoding.in_order(value)


def _object(value: dict[str, Any], type_: Type, path: Path) -> dict[str, Any]:
    out = {}
    for name in sorted(value):
        field = type_.fields.get(name)
        if field is not None and not field.type.go:
            out[name] = _value(value[name], field.type, path / name)
        elif field is not None or type_.preserve_unknown:
            out[name] = decoding.in_order(value[name])
    return out


def _embedded(value: dict[str, Any], type_: Type, path: Path) -> dict[str, Any]:
    """An object inside: its kind, apiVersion and metadata are checked like those of any other."""
    for name in ("apiVersion", "kind"):
        if name in value and not isinstance(value[name], str):
            raise decoding.DecodeError(str(invalid(path / name, _go(value[name]), "must be a string")))
    out = _object(value, type_, path)
    if "metadata" in out:
        try:
            out["metadata"] = _metadata(out["metadata"], type_)
        except decoding.DecodeError as error:
            raise decoding.DecodeError(str(invalid(path / "metadata", _go(value["metadata"]), str(error)))) from None
    return out


def _go(value: Any) -> Any:
    """Containers print with their Go types, numbers and strings as they are."""
    return Go(value, "interface {}") if isinstance(value, dict | list) else value
