"""JSON seen as Go values: structs with all their fields in order, nil and empty told apart.

A value of a struct is a tuple, one of a pointer None or what it points to, one of a slice None or a list, one of a map
None or a dict; a quantity is a Quantity, everything else what it is in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from fakekube.machinery.quantity import Quantity, parse
from fakekube.machinery.schema import Field, Form, Type


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


@dataclass(slots=True, eq=False)
class GoType:
    """A Go type. `name` is as Go prints it: "core.PodSpec", "[]core.Volume", "*int64"."""

    kind: Kind
    name: str
    element: GoType | None = None
    fields: tuple[Member, ...] = ()
    text: Callable[[Any], str] | None = None
    """Of a POINTER: the String() method of what it points to."""
    key_prefix: str = ""
    """Of a MAP: "s" where its keys have a String() method."""


@dataclass(frozen=True, slots=True)
class Member:
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

SCALARS = {Form.STRING: Kind.STRING, Form.BOOLEAN: Kind.BOOL, Form.INTEGER: Kind.INT}


def pointer(to: GoType, text: Callable[[Any], str] | None = None) -> GoType:
    """The type of a pointer."""
    return GoType(Kind.POINTER, f"*{to.name}", to, text=text)


def quantity_parts(quantity: Quantity) -> tuple[Any, ...]:
    """The value of QUANTITY_STRUCT that a quantity is."""
    return (quantity.unscaled, quantity.exponent), quantity.text, quantity.format


@dataclass(slots=True)
class Builder:
    """Makes GoTypes of the schema's Types, which are the public ones; the server holds values in internal ones."""

    packages: Mapping[str, str]
    """How a definition's prefix is printed: {"io.k8s.api.core.v1.": "core."}."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where the internal struct has another order of its fields."""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that the internal struct holds by value and the public one by pointer."""
    extras: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    """Fields that only the internal struct has."""
    key_prefixes: Mapping[str, str] = field(default_factory=dict)
    """The key_prefix of named map types."""
    texts: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """String() methods of pointers to these structs."""
    _made: dict[str, GoType] = field(default_factory=dict)

    def type(self, public: Type) -> GoType:
        """The type that the server holds values of a public one in."""
        if public.form is Form.OBJECT:
            return self._struct(public)
        if public.form in (Form.LIST, Form.MAP) and public.element is not None:
            return self._collection(public, self.type(public.element))
        if public.form is Form.QUANTITY:
            return QUANTITY
        if public.form in (Form.INT_OR_STRING, Form.UNION):
            return INT_OR_STRING
        return GoType(SCALARS.get(public.form, Kind.STRING), self._renamed(public.go))

    def _renamed(self, name: str) -> str:
        return name.replace("v1.", self.packages["v1."]) if name.startswith("v1.") else name

    def _collection(self, public: Type, element: GoType) -> GoType:
        if public.form is Form.LIST:
            return GoType(Kind.SLICE, f"[]{element.name}", element)
        named = "" if public.go.startswith("map[") else self._renamed(public.go)
        prefix = self.key_prefixes.get(named, "")
        return GoType(Kind.MAP, named or f"map[string]{element.name}", element, key_prefix=prefix)

    def _struct(self, public: Type) -> GoType:
        if (made := self._made.get(public.name)) is not None:
            return made
        short = public.name.rpartition(".")[2]
        package = next((to for start, to in self.packages.items() if public.name.startswith(start)), "v1.")
        new = self._made[public.name] = GoType(Kind.STRUCT, package + short)
        members = [
            (one.go.split("."), one.name, self._member(short, one))
            for one in public.fields.values()
        ]  # fmt: skip
        new.fields = self._arranged(new.name, self._nested(members, package))
        return new

    def _member(self, owner: str, one: Field) -> GoType:
        to = self.type(one.type)
        by_pointer = one.pointer and one.go not in self.values.get(owner, ())
        return pointer(to, self.texts.get(to.name)) if by_pointer else to

    def _nested(self, members: list[tuple[list[str], str, GoType]], package: str) -> list[Member]:
        """Inlined structs become members of their own, where the first of their fields stands."""
        found: dict[str, Member | list[tuple[list[str], str, GoType]]] = {}
        for names, key, type_ in members:
            if len(names) == 1:
                found[names[0]] = Member(names[0], key, type_)
            else:
                inlined = found.setdefault(names[0], [])
                assert isinstance(inlined, list)
                inlined.append((names[1:], key, type_))
        return [
            item if isinstance(item, Member) else Member(name, "", self._inlined(package + name, item, package))
            for name, item in found.items()
        ]

    def _inlined(self, name: str, members: list[tuple[list[str], str, GoType]], package: str) -> GoType:
        return GoType(Kind.STRUCT, name, fields=self._arranged(name, self._nested(members, package)))

    def _arranged(self, name: str, members: list[Member]) -> tuple[Member, ...]:
        short = name.rpartition(".")[2]
        members = [*self.extras.get(short, ()), *members]
        order = self.orders.get(short)
        if order is None:
            return tuple(members)
        by_name = {member.name: member for member in members}
        return tuple(by_name[one] for one in order if one in by_name)


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
    return value is None or (type_.kind in SCALARS.values() and value == zero(type_))
