"""JSON seen as Go values: structs with all their fields in order, nil and empty told apart.

A value of a struct is a tuple, one of a pointer None or what it points to, one of a slice None or a list, one of a map
None or a dict; a quantity is a Quantity, everything else what it is in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from fakekube.machinery.goformat import struct_fields, underlying
from fakekube.machinery.quantity import Quantity, parse


class Kind(Enum):
    """What reflect.Kind tells apart, as far as it matters here."""

    STRUCT = "struct"
    SLICE = "slice"
    MAP = "map"
    POINTER = "pointer"
    STRING = "string"
    BOOL = "bool"
    INT = "int"
    QUANTITY = "quantity"


class GoType(Struct, eq=False):
    """A Go type. `name` is as Go prints it: "core.PodSpec", "[]core.Volume", "*int64"."""

    kind: Kind
    name: str
    element: GoType | None = None
    fields: tuple[Member, ...] = ()
    text: Callable[[Any], str] | None = None
    """Of a POINTER: the String() method of what it points to."""
    key_prefix: str = ""
    """Of a MAP: "s" where its keys have a String() method."""


class Member(Struct, frozen=True):
    """A field of a struct; `key` is "" for an inlined struct, whose fields are those of the same JSON object."""

    name: str
    key: str
    type: GoType


STRING, BOOL = GoType(Kind.STRING, "string"), GoType(Kind.BOOL, "bool")
INT32, INT64 = GoType(Kind.INT, "int32"), GoType(Kind.INT, "int64")
INT_OR_STRING = GoType(
    Kind.STRUCT,
    "intstr.IntOrString",
    fields=(
        Member("Type", "type", GoType(Kind.INT, "intstr.Type")),
        Member("IntVal", "int", INT32),
        Member("StrVal", "str", STRING),
    ),
)
QUANTITY = GoType(Kind.QUANTITY, "resource.Quantity")
AMOUNT = GoType(
    Kind.STRUCT,
    "resource.int64Amount",
    fields=(Member("value", "value", INT64), Member("scale", "scale", GoType(Kind.INT, "resource.Scale"))),
)
QUANTITY_STRUCT = GoType(
    Kind.STRUCT,
    "resource.Quantity",
    fields=(
        Member("i", "i", AMOUNT),
        Member("s", "s", STRING),
        Member("Format", "Format", GoType(Kind.STRING, "resource.Format")),
    ),
)
"""What is printed of a quantity; the field d, for numbers beyond 64 bits, is left out as it mostly is empty."""

SCALARS = (Kind.STRING, Kind.BOOL, Kind.INT)
KINDS = {"string": Kind.STRING, "bool": Kind.BOOL}
STRINGERS = ("core.ResourceName",)
"""Types of keys that have a String() method."""
STRINGER_MAPS = ("core.ResourceList",)
"""Types of maps with such keys, of which the data does not tell."""
SPECIAL = {
    "intstr.IntOrString": INT_OR_STRING,
    "resource.Quantity": QUANTITY,
    "v1.Time": GoType(Kind.STRING, "v1.Time"),
    "v1.FieldsV1": GoType(Kind.STRING, "v1.FieldsV1"),
}


def pointer(to: GoType, text: Callable[[Any], str] | None = None) -> GoType:
    """The type of a pointer."""
    return GoType(Kind.POINTER, f"*{to.name}", to, text=text)


def quantity_parts(quantity: Quantity) -> tuple[Any, ...]:
    """The value of QUANTITY_STRUCT that a quantity is."""
    return (quantity.unscaled, quantity.exponent), quantity.text, quantity.format


class Types:
    """The types that the server holds values in, by their names (see machinery.goformat)."""

    def __init__(self, texts: Mapping[str, Callable[[Any], str]]) -> None:
        """`texts` has the String() methods of pointers to some structs."""
        self._texts = texts
        self._made: dict[str, GoType] = dict(SPECIAL)

    def __call__(self, name: str) -> GoType:
        """The type that Go calls so: "core.PodSpec", "[]string", "*int64"."""
        if (made := self._made.get(name)) is not None:
            return made
        if name.startswith("*"):
            return pointer(self(name[1:]), self._texts.get(name[1:]))
        if name.startswith("[]"):
            return GoType(Kind.SLICE, name, self(name[2:]))
        made_of = underlying(name)
        if made_of.startswith("map["):
            key, _, element = made_of.removeprefix("map[").partition("]")
            prefix = "s" if key in STRINGERS or name in STRINGER_MAPS else ""
            return GoType(Kind.MAP, name, self(element), key_prefix=prefix)
        fields = struct_fields(name)
        return GoType(KINDS.get(made_of, Kind.INT), name) if fields is None else self._struct(name, fields)

    def _struct(self, name: str, fields: Iterable[tuple[str, str, str]]) -> GoType:
        new = self._made[name] = GoType(Kind.STRUCT, name)
        new.fields = tuple(Member(field, key, self(type_)) for field, type_, key in fields)
        return new


def view(value: Any, type_: GoType) -> Any:
    """The JSON as a value of that type."""
    return _VIEWS.get(type_.kind, _scalar)(value, type_)


def zero(type_: GoType) -> Any:
    """The zero value of a type that is no struct."""
    return {Kind.STRING: "", Kind.BOOL: False, Kind.INT: 0}.get(type_.kind)


def _struct(value: Any, type_: GoType) -> tuple[Any, ...]:
    if type_ is INT_OR_STRING:
        return (1, 0, value) if isinstance(value, str) else (0, value or 0, "")
    value = value or {}
    return tuple(view(value.get(one.key) if one.key else value, one.type) for one in type_.fields)


def _slice(value: Any, type_: GoType) -> list[Any] | None:
    assert type_.element is not None
    return None if value is None else [view(item, type_.element) for item in value]


def _map(value: Any, type_: GoType) -> dict[str, Any] | None:
    assert type_.element is not None
    return None if value is None else {key: view(value[key], type_.element) for key in sorted(value)}


def _pointer(value: Any, type_: GoType) -> Any:
    assert type_.element is not None
    return None if value is None else view(value, type_.element)


def _quantity(value: Any, type_: GoType) -> Quantity:
    return Quantity(0, format="") if value is None else parse(value)


def _scalar(value: Any, type_: GoType) -> Any:
    return zero(type_) if value is None else value


_VIEWS: dict[Kind, Callable[[Any, GoType], Any]] = {
    Kind.STRUCT: _struct,
    Kind.SLICE: _slice,
    Kind.MAP: _map,
    Kind.POINTER: _pointer,
    Kind.QUANTITY: _quantity,
}


def is_zero(value: Any, type_: GoType) -> bool:
    """Whether Go calls it the zero value: nil, but not an empty list."""
    if type_.kind is Kind.STRUCT:
        return all(is_zero(item, one.type) for item, one in zip(value, type_.fields, strict=True))
    if type_.kind is Kind.QUANTITY:
        return is_zero(quantity_parts(value), QUANTITY_STRUCT)
    return value is None or (type_.kind in SCALARS and value == zero(type_))
