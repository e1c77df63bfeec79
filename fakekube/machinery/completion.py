"""Objects in the shape in which the real server writes them.

Go writes the fields of a struct in their order and the keys of a map sorted; a field that is not omitted when empty is
there even if nobody gave it a value (`status: {}`, `creationTimestamp: null`), one that is omitted never shows an
empty one. Defaulting, admission and conversion care for none of that: `complete` brings it about in one walk.
"""

from __future__ import annotations

from typing import Any

from fakekube.machinery.schema import Form, Type

COLLECTIONS = (Form.LIST, Form.MAP)
REWRITTEN = (Form.BYTES, Form.QUANTITY)
"""Values whose text is made anew: null bytes are empty ones, and how a quantity was sent is forgotten."""


def complete(value: Any, type_: Type, protobuf: bool = False) -> Any:
    """The value as Go would write it, for a value of that type (see machinery.decoding). The argument stays as it is.

    What cannot differ (strings, lists of them, unknown JSON) is shared with the argument. Fields that the type does
    not know are left out, but for objects of custom resources, whose keys are all sorted and kept. `protobuf` says that
    the value has been written in that form and read again, which knows no empty lists and maps: they are null then.
    """
    form = type_.form
    if form is Form.OBJECT:
        return _struct(value, type_, protobuf) if type_.go else in_alphabetical_order(value)
    if type_.element is None or not value:
        return value
    if form is Form.LIST:
        return value if type_.plain else [complete(item, type_.element, protobuf) for item in value]
    if form is Form.MAP:
        return _map(value, type_, protobuf)
    return _union(value, type_, protobuf)


def _struct(value: dict[str, Any], type_: Type, protobuf: bool) -> dict[str, Any]:
    """Field by field of the value, which has few of those of its type, and mostly in order."""
    fields, order = type_.fields, type_.order
    out: dict[str, Any] = {}
    last, ordered = -1, True
    for name, item in value.items():
        field = fields.get(name)
        if field is None or item is None:
            continue
        if not item and (field.drops_empty or (protobuf and field.type.form in COLLECTIONS)):
            continue
        out[name] = item if field.type.plain else complete(item, field.type, protobuf)
        rank = order[name]
        ordered = ordered and rank > last
        last = rank
    for field in type_.always:
        if field.name not in out:
            out[field.name] = field.empty()
            ordered = False
    return out if ordered else {name: out[name] for name in sorted(out, key=order.__getitem__)}


def _map(value: dict[str, Any], type_: Type, protobuf: bool) -> dict[str, Any]:
    element = type_.element
    if element is None or element.plain:
        if protobuf and element is not None and element.form in REWRITTEN:
            return {key: str(value[key] or "") for key in sorted(value)}
        return value if len(value) == 1 else dict(sorted(value.items()))
    return {key: complete(value[key], element, protobuf) for key in sorted(value)}


def _union(value: Any, type_: Type, protobuf: bool) -> Any:
    chosen = type_.element if isinstance(value, dict) else type_.alternative
    return value if chosen is None else complete(value, chosen, protobuf)


def has_empty(value: Any, type_: Type) -> bool:
    """Whether a list, a map or bytes anywhere in it are empty and yet there, as they are in nothing that was stored."""
    if value is None:
        return False
    if type_.form in (*COLLECTIONS, Form.BYTES) and not value:
        return True
    if type_.form is Form.OBJECT:
        fields = type_.fields
        return any(has_empty(item, fields[name].type) for name, item in value.items() if name in fields)
    if type_.element is None or type_.form not in COLLECTIONS:
        return False
    items = value if type_.form is Form.LIST else value.values()
    return any(has_empty(item, type_.element) for item in items)


def in_alphabetical_order(value: Any) -> Any:
    """JSON with the keys of every object sorted, as Go writes maps and so custom resources."""
    if isinstance(value, dict):
        return {key: in_alphabetical_order(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [in_alphabetical_order(item) for item in value]
    return value
