"""How the fields of a type take strategic merge patches. Follows the forked encoding/json of apimachinery."""

from __future__ import annotations

from msgspec import Struct

from fakekube.machinery.patch import errors
from fakekube.machinery.schema import Field, Form, Type


class Merging(Struct, frozen=True):
    """What a patch of a field meets there: of a list, `type` is that of its elements."""

    type: Type
    strategy: str = ""
    """ "merge", "replace" or "" (lists are replaced, objects are merged)."""
    merge_key: str = ""
    retain_keys: bool = False
    """A diff says $retainKeys there."""


def field_of(type_: Type, name: str) -> Merging:
    """Of a field that holds an object. Raises StatusError (500) where the type has none of that name."""
    if type_.form in _NO_STRUCTS:
        kind = _NO_STRUCTS[type_.form]
        raise errors.unreasonable(f"merging an object in json but data type is not struct, instead is: {kind}")
    field = type_.fields.get(name) or _by_folded_name(type_, name)
    if field is None:
        raise errors.unreasonable(
            f'unable to find api field in struct {_struct_name(type_)} for the json field "{name}"'
        )
    strategies = field.strategies - {"retainKeys"}
    return Merging(field.type, next(iter(strategies), ""), field.merge_key, "retainKeys" in field.strategies)


def list_field_of(type_: Type, name: str) -> Merging:
    """Of a field that holds a list. Raises StatusError (500)."""
    found = field_of(type_, name)
    if found.type.form is not Form.LIST or found.type.element is None:
        raise errors.unreasonable("expected slice or array type, but got: struct")
    return Merging(found.type.element, found.strategy, found.merge_key, found.retain_keys)


_NO_STRUCTS = {
    Form.MAP: "map",
    Form.LIST: "slice",
    Form.BYTES: "slice",
    Form.STRING: "string",
    Form.BOOLEAN: "bool",
    Form.INTEGER: "int64",
    Form.NUMBER: "float64",
}


def _by_folded_name(type_: Type, name: str) -> Field | None:
    folded = name.casefold()
    return next((field for field in type_.fields.values() if field.name.casefold() == folded), None)


def _struct_name(type_: Type) -> str:
    return (type_.go or type_.name).rpartition(".")[2]
