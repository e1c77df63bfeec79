"""Plans out of types. Follows kube-openapi's schemaconv, which reads a type's OpenAPI for server-side apply."""

from __future__ import annotations

from fakekube.machinery.apply.plans import (
    BOOLEAN,
    MISSING,
    NUMERIC,
    STRING,
    UNTYPED,
    Atomic,
    Deduced,
    ItemSet,
    KeyedList,
    Plan,
    Sequence,
    Struct,
)
from fakekube.machinery.schema import Form, Type

KEY_DEFAULTS = {("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP"}
"""The default of a key that is not its type's zero, by definition and field: v1.20 has but this one."""

SCALARS: dict[Form, Plan] = {
    Form.STRING: STRING,
    Form.BYTES: STRING,
    Form.QUANTITY: STRING,
    Form.INTEGER: NUMERIC,
    Form.NUMBER: NUMERIC,
    Form.BOOLEAN: BOOLEAN,
}
"""All other forms are untyped: times, for example, have a format, and int-or-string too."""

DEDUCED = Deduced()


class Compiler:
    """Makes the plan of each type once; keeps them as long as it lives."""

    def __init__(self) -> None:
        self._plans: dict[tuple[int, bool], tuple[Type, Plan]] = {}
        self._has_items: dict[int, bool] = {}

    def plan(self, type_: Type, preserve: bool = False) -> Plan:
        """The plan of a type. `preserve`: it stands inside of something that keeps unknown fields."""
        key = (id(type_), preserve)
        if key not in self._plans:
            self._plans[key] = (type_, self._compile(type_, preserve))  # with the type, so that its id stays its own
        return self._plans[key][1]

    def _compile(self, type_: Type, preserve: bool) -> Plan:
        if type_.form is Form.OBJECT:
            return self._object(type_, preserve or (type_.preserve_unknown and bool(type_.fields)))
        if type_.form is Form.MAP and type_.element is not None:
            parts = Struct(dict, self.plan(type_.element, preserve))
            return Atomic(parts, self.has_items(type_)) if type_.map_atomic else parts
        if type_.form is Form.LIST and type_.element is not None:
            return self._list(type_, type_.element, preserve)
        if type_.form is Form.ANY and preserve:
            return DEDUCED
        return SCALARS.get(type_.form, UNTYPED)

    def _object(self, type_: Type, preserve: bool) -> Plan:
        def fill() -> dict[str, Plan]:
            return {name: self.plan(field.type, preserve) for name, field in type_.fields.items()}

        def omitted(name: str) -> bool:
            field = type_.fields.get(name)
            return field is not None and field.drops_empty

        others = DEDUCED if preserve else None if type_.fields else UNTYPED
        parts = Struct(fill, others, omitted if type_.go else None)
        return Atomic(parts, self.has_items(type_)) if type_.map_atomic else parts

    def _list(self, type_: Type, element: Type, preserve: bool) -> Plan:
        inner = self.plan(element, preserve)
        if type_.list_type == "map":
            return KeyedList(inner, {key: _key_default(element, key) for key in type_.list_keys})
        if type_.list_type == "set":
            return ItemSet(inner)
        return Atomic(Sequence(inner), self.has_items(element))

    def has_items(self, type_: Type) -> bool:
        """Whether there are lists in it whose items are told apart."""
        known = self._has_items.get(id(type_))
        if known is None:
            self._has_items[id(type_)] = False  # for what refers to itself
            known = self._has_items[id(type_)] = self._look_for_items(type_)
        return known

    def _look_for_items(self, type_: Type) -> bool:
        if type_.form is Form.LIST and type_.list_type in ("map", "set"):
            return True
        if type_.form is Form.OBJECT:
            return any(self.has_items(field.type) for field in type_.fields.values())
        return type_.element is not None and type_.form is not Form.UNION and self.has_items(type_.element)


def _key_default(element: Type, key: str) -> object:
    field = element.fields.get(key) if element.form is Form.OBJECT else None
    if field is None or field.pointer or not field.always:
        return KEY_DEFAULTS.get((element.name, key), MISSING)
    return MISSING if field.zero is None else field.zero
