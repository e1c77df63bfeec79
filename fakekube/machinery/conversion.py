"""The functions that check and convert values, one made for each type: what machinery.decoding does on its quick way.

They raise Mismatch for whatever they do not like and leave it to others to find the words.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any

from fakekube.machinery.jsonvalues import go_number
from fakekube.machinery.quantity import QuantityError, Rewritten, canonical
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.times import TimeError, canonical_micro, canonical_time

Read = Callable[[Any], Any]

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_EXACT_FLOAT = 2.0**53


class Mismatch(Exception):
    """The quick way ends here."""


class Repeated(dict[str, Any]):
    """An object some of whose keys come more than once. Read as a plain dict the last value counts."""

    __slots__ = ("pairs",)
    pairs: list[tuple[str, Any]]


class Number(float):
    """A number with a fraction or exponent, and how it was written."""

    text: str


def number(text: str) -> Number:
    """For a JSON parser's numbers with a fraction."""
    number = Number(text)
    number.text = text
    return number


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For a JSON parser: its pairs as a dict, Repeated where a key came twice."""
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = Repeated(plain)
    repeated.pairs = pairs
    return repeated


def reader(type_: Type) -> Read:
    """The function that checks and converts a value of the type; made when it is first asked for."""
    if type_.reader is None:
        type_.reader = _MAKERS[type_.form](type_)
    return type_.reader


def _make_struct(type_: Type) -> Read:
    if not type_.go:
        from fakekube.machinery.pruning import prune

        return lambda value: prune(value, type_)
    entries: dict[str, tuple[type | None, Read, int, bool]] = {}
    ranks: dict[str, int] = {}
    always: list[tuple[str, Callable[[], Any]]] = []

    def fill() -> None:  # late, because types refer to themselves, and most are never met
        for rank, (name, field) in enumerate(type_.fields.items()):
            entries[name] = _CHECKED.get(field.type.form), reader(field.type), rank, field.drops_empty
        ranks.update(type_.order)
        always.extend((field.name, field.empty) for field in type_.always)

    def read(value: Any) -> dict[str, Any]:
        if not ranks:
            fill()
        out: dict[str, Any] = {}
        last, ordered = -1, True
        for name, item in (value if type(value) is dict else _members(value, type_)).items():
            entry = entries.get(name)
            if entry is None or item is None:
                continue
            wanted, convert_item, rank, drops_empty = entry
            if wanted is None:
                item = convert_item(item)
            elif type(item) is not wanted:
                raise Mismatch
            if drops_empty and not item and type(item) not in (list, dict):
                continue
            out[name] = item
            if rank < last:
                ordered = False
            last = rank
        for name, empty in always:
            if name not in out:
                out[name] = empty()
                ordered = False
        return out if ordered else {name: out[name] for name in sorted(out, key=ranks.__getitem__)}

    return read


_CHECKED = {Form.STRING: str, Form.BOOLEAN: bool}
"""Values that need no more than to be of a type of Python's."""


def _members(value: Any, type_: Type) -> dict[str, Any]:
    """The members of an object with keys that come twice: the later one is read into the earlier one, as by Go.

    Each of them has to fit.
    """
    if not isinstance(value, Repeated):
        raise Mismatch
    merged: dict[str, Any] = {}
    for name, item in value.pairs:
        field = type_.fields.get(name)
        if field is not None and item is not None:
            reader(field.type)(item)
        merged[name] = _merged(merged[name], item, field) if field is not None and name in merged else item
    return merged


_KEPT_BY_NULL = (Form.INTEGER, Form.NUMBER, Form.BOOLEAN)


def _merged(old: Any, new: Any, field: Field) -> Any:
    if new is None:
        return old if not field.pointer and (field.struct or field.type.form in _KEPT_BY_NULL) else None
    return _merged_values(old, new, field.type)


def _merged_values(old: Any, new: Any, type_: Type) -> Any:
    if isinstance(old, dict) and isinstance(new, dict) and type_.form in (Form.OBJECT, Form.MAP):
        return object_of([*getattr(old, "pairs", old.items()), *getattr(new, "pairs", new.items())])
    if isinstance(old, list) and isinstance(new, list) and type_.form is Form.LIST and type_.element is not None:
        element = type_.element
        both = [_merged_values(a, b, element) for a, b in zip(old, new, strict=False)]
        return both + new[len(both) :]
    return new


def zero_of(type_: Type) -> Callable[[], Any]:
    """What null stands for in a list or map."""
    if type_.form is Form.OBJECT and type_.go:
        return type_.empty
    zero = _ZEROES.get(type_.form)
    return lambda: zero


_ZEROES: dict[Form, Any] = {
    Form.STRING: "",
    Form.INTEGER: 0,
    Form.NUMBER: 0,
    Form.BOOLEAN: False,
    Form.QUANTITY: "0",
    Form.INT_OR_STRING: 0,
}


def _make_list(type_: Type) -> Read:
    element = type_.element or Type(Form.ANY)
    wanted, zero = _CHECKED.get(element.form), zero_of(element)

    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Mismatch
        convert_item = reader(element)
        return [zero() if item is None else convert_item(item) for item in value]

    def read_checked(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Mismatch
        for item in value:
            if type(item) is not wanted:
                return read(value)
        return value[:]

    return read if wanted is None else read_checked


def _make_map(type_: Type) -> Read:
    element = type_.element or Type(Form.ANY)
    wanted, zero = _CHECKED.get(element.form), zero_of(element)

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Mismatch
        convert_item = reader(element)
        for _, item in getattr(value, "pairs", ()):  # what a later one replaces has to fit, too
            if item is not None:
                convert_item(item)
        items = ((key, value[key]) for key in sorted(value))
        return {key: zero() if item is None else convert_item(item) for key, item in items}

    def read_checked(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            return read(value)
        for item in value.values():
            if type(item) is not wanted:
                return read(value)
        return dict(value) if len(value) < 2 else {key: value[key] for key in sorted(value)}

    return read if wanted is None else read_checked


def _make_union(type_: Type) -> Read:
    element, alternative = type_.element or Type(Form.ANY), type_.alternative or Type(Form.ANY)

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return reader(element)(value)
        if alternative.form is Form.LIST and (not value or not isinstance(value, list)):
            return None  # as the real one shows whatever else there is
        return reader(alternative)(value)

    return read


def _scalar(wanted: type) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise Mismatch
        return value

    return read


def _make_integer(type_: Type) -> Read:
    allowed = _INT32 if type_.bits == 32 else _INT64

    def read(value: Any) -> int:
        if type(value) is int and value in allowed:
            return value
        raise Mismatch

    return read


def _read_number(value: Any) -> int | float:
    """A float64, with the fewest digits that stand for it: 5.0 is written as 5."""
    if type(value) is int:
        return value if abs(value) < _EXACT_FLOAT else _read_number(float(value))
    if not isinstance(value, float) or value - value != 0:  # infinite
        raise Mismatch
    return go_number(float(value))


def _octet(value: Any) -> int:
    if value is None:
        return 0
    if type(value) is not int:
        raise Mismatch
    return value


def _read_bytes(value: Any) -> str:
    """Base64, written without line breaks."""
    try:
        if type(value) is str:
            data = binascii.a2b_base64(value.replace("\n", "").replace("\r", ""), strict_mode=True)
        elif type(value) is list:
            data = bytes(_octet(item) for item in value)
        else:
            raise Mismatch
        return binascii.b2a_base64(data, newline=False).decode()
    except (ValueError, TypeError):
        raise Mismatch from None


def _read_time(value: Any) -> str | None:
    try:
        if type(value) is str:
            return canonical_time(value)
    except TimeError:
        pass
    raise Mismatch


def _read_micro_time(value: Any) -> str | None:
    try:
        if type(value) is str:
            return canonical_micro(value)
    except TimeError:
        pass
    raise Mismatch


def _read_quantity(value: Any) -> str:
    try:
        if type(value) in (str, Rewritten):
            return canonical(value)
        if type(value) is int or isinstance(value, Number):
            return canonical(getattr(value, "text", None) or str(value))
    except QuantityError:
        pass
    raise Mismatch


def _read_int_or_string(value: Any) -> int | str:
    if type(value) is str or (type(value) is int and value in _INT32):
        return value
    raise Mismatch


def _as_it_is(value: Any) -> Any:
    return value


_MAKERS: dict[Form, Callable[[Type], Read]] = {
    Form.OBJECT: _make_struct,
    Form.MAP: _make_map,
    Form.LIST: _make_list,
    Form.UNION: _make_union,
    Form.STRING: lambda _: _scalar(str),
    Form.BOOLEAN: lambda _: _scalar(bool),
    Form.INTEGER: _make_integer,
    Form.NUMBER: lambda _: _read_number,
    Form.BYTES: lambda _: _read_bytes,
    Form.TIME: lambda _: _read_time,
    Form.MICRO_TIME: lambda _: _read_micro_time,
    Form.QUANTITY: lambda _: _read_quantity,
    Form.INT_OR_STRING: lambda _: _read_int_or_string,
    Form.ANY: lambda _: _as_it_is,
}
