"""Objects in the shape in which the real server writes them.

Go writes the fields of a struct in their order and the keys of a map sorted; a field that is not omitted when empty is
there even if nobody gave it a value (`status: {}`, `creationTimestamp: null`), one that is omitted never shows an
empty one. Defaulting, admission and conversion care for none of that: `complete` brings it about in one walk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakekube.machinery.schema import Form, Type

Write = Callable[[Any], Any]
COLLECTIONS = (Form.LIST, Form.MAP)
REWRITTEN = (Form.BYTES, Form.QUANTITY)
"""Values whose text is made anew: null bytes are empty ones, and how a quantity was sent is forgotten."""


def complete(value: Any, type_: Type, protobuf: bool = False) -> Any:
    """The value as Go would write it, for a value of that type (see machinery.decoding). The argument stays as it is.

    What cannot differ (strings, lists of them, unknown JSON) is shared with the argument. Fields that the type does
    not know are left out, but for objects of custom resources, whose keys are all sorted and kept. `protobuf` says that
    the value has been written in that form and read again, which knows no empty lists and maps: they are null then.
    """
    return writer(type_, protobuf)(value)


def writer(type_: Type, protobuf: bool) -> Write:
    """The function that completes a value of the type; made when it is first asked for."""
    made = type_.writers[protobuf]
    if made is None:
        make = _MAKERS.get(type_.form) if not type_.plain else None
        made = type_.writers[protobuf] = make(type_, protobuf) if make is not None else _as_it_is
    return made


def _as_it_is(value: Any) -> Any:
    return value


def _make_struct(type_: Type, protobuf: bool) -> Write:
    if not type_.go:
        return in_alphabetical_order
    entries: dict[str, tuple[int, bool, Write | None]] = {}

    def fill() -> None:  # late, because types refer to themselves, and most are never met
        for rank, (name, field) in enumerate(type_.fields.items()):
            drops_empty = field.drops_empty or (protobuf and field.type.form in COLLECTIONS)
            entries[name] = rank, drops_empty, None if field.type.plain else writer(field.type, protobuf)

    def write(value: dict[str, Any]) -> dict[str, Any]:
        """Field by field of the value, which has few of those of its type, and mostly in order."""
        if not entries:
            fill()
        out: dict[str, Any] = {}
        last, ordered = -1, True
        for name, item in value.items():
            entry = entries.get(name)
            if entry is None or item is None:
                continue
            rank, drops_empty, write_item = entry
            if drops_empty and not item:
                continue
            out[name] = item if write_item is None else write_item(item)
            if rank < last:
                ordered = False
            last = rank
        for field in type_.always:
            if field.name not in out:
                out[field.name] = field.empty()
                ordered = False
        return out if ordered else {name: out[name] for name in sorted(out, key=type_.order.__getitem__)}

    return write


def _make_list(type_: Type, protobuf: bool) -> Write:
    assert type_.element is not None
    write_item = writer(type_.element, protobuf)
    return lambda value: [write_item(item) for item in value] if value else value


def _make_map(type_: Type, protobuf: bool) -> Write:
    element = type_.element
    if element is None:
        return _as_it_is
    if protobuf and element.form in REWRITTEN:
        return lambda value: {key: str(value[key] or "") for key in sorted(value)} if value else value
    if element.plain:
        return lambda value: dict(sorted(value.items())) if value and len(value) > 1 else value
    write_item = writer(element, protobuf)
    return lambda value: {key: write_item(value[key]) for key in sorted(value)} if value else value


def _make_union(type_: Type, protobuf: bool) -> Write:
    write_object, write_other = (
        writer(chosen, protobuf) if chosen is not None else _as_it_is for chosen in (type_.element, type_.alternative)
    )
    return lambda value: (write_object if isinstance(value, dict) else write_other)(value) if value else value


_MAKERS: dict[Form, Callable[[Type, bool], Write]] = {
    Form.OBJECT: _make_struct,
    Form.LIST: _make_list,
    Form.MAP: _make_map,
    Form.UNION: _make_union,
}


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
