"""Objects in kube-apiserver's protobuf form, read by the field numbers that the schema's types carry.

A body is the four bytes "k8s\\0" and a runtime.Unknown, whose `raw` is the object's message. What comes out is the
object as JSON would have brought it. Follows apimachinery's runtime/serializer/protobuf and the types that marshal
themselves (Time, Quantity, IntOrString, RawExtension).
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from fakekube.machinery import times
from fakekube.machinery.schema import Field, Form, Type
from fakekube.wire.varints import DELIMITED, FIXED32, FIXED64, VARINT

MAGIC = b"k8s\x00"
NO_MAGIC = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
MAX_DEPTH = 100
ENTRY = {"key": 1, "value": 2}


class ProtobufError(ValueError):
    """The bytes are no such message; says so in the words of Go's protobuf runtime."""


class Unknown(NamedTuple):
    """What stands around an object's message."""

    api_version: str
    kind: str
    raw: bytes


def unwrap(body: bytes) -> Unknown:
    """The envelope of a body. Raises ProtobufError."""
    if not body.startswith(MAGIC):
        raise ProtobufError(NO_MAGIC)
    outer = {number: value for number, _, value in _fields(body[len(MAGIC) :])}
    inner = {number: value for number, _, value in _fields(_bytes(outer.get(1, b"")))}
    return Unknown(_text(inner.get(1, b"")), _text(inner.get(2, b"")), _bytes(outer.get(2, b"")))


def decode(data: bytes, type_: Type, depth: int = 0) -> dict[str, Any]:
    """A message as the object that JSON makes of it. Raises ProtobufError."""
    if depth > MAX_DEPTH:
        raise ProtobufError("proto: nesting too deep")
    out: dict[str, Any] = {}
    if type_.wire is None:
        type_.wire = _plan(type_)
    _message(data, type_.wire, out, depth)
    return out


Plan = dict[int, Any]
"""Number -> the Field, or the Plan of a message whose fields JSON inlines."""


def _plan(type_: Type) -> Plan:
    plan: Plan = {}
    for field in type_.fields.values():
        inner = plan
        for number in field.numbers[:-1]:
            inner = inner.setdefault(number, {})
        if field.numbers:
            inner[field.numbers[-1]] = field
    return plan


def _message(data: bytes, plan: Plan, out: dict[str, Any], depth: int) -> None:
    for number, wire, value in _fields(data):
        entry = plan.get(number)
        if isinstance(entry, Field):
            _put(out, entry, wire, value, depth)
        elif entry is not None:
            _message(_bytes(value), entry, out, depth)


def _put(out: dict[str, Any], field: Field, wire: int, value: Any, depth: int) -> None:
    type_ = field.type
    if type_.form is Form.LIST and type_.go.startswith("[]"):
        out.setdefault(field.name, []).extend(_items(type_, wire, value, depth))
    elif type_.form is Form.MAP:
        key, item = _entry(type_, value, depth)
        out.setdefault(field.name, {})[key] = item
    else:
        found = _value(type_, value, depth)
        if found or not field.drops_empty:
            out[field.name] = found


def _items(type_: Type, wire: int, value: Any, depth: int) -> Iterator[Any]:
    element = _element(type_)
    if wire == DELIMITED and element.form in (Form.INTEGER, Form.BOOLEAN):
        offset = 0
        while offset < len(value):
            number, offset = _varint(value, offset)
            yield _value(element, number, depth)
    else:
        yield _value(element, value, depth)


def _entry(type_: Type, value: Any, depth: int) -> tuple[str, Any]:
    element = _element(type_)
    found = {number: item for number, _, item in _fields(_bytes(value))}
    default = 0 if element.form in (Form.INTEGER, Form.BOOLEAN) else b""
    return _text(found.get(ENTRY["key"], b"")), _value(element, found.get(ENTRY["value"], default), depth)


def _element(type_: Type) -> Type:
    assert type_.element is not None
    return type_.element


def _value(type_: Type, value: Any, depth: int) -> Any:
    if type_.form is Form.OBJECT:
        return decode(_bytes(value), type_, depth + 1)
    if type_.form is Form.LIST:  # a named slice is a message with `items`
        inner = (
            item
            for number, wire, found in _fields(_bytes(value))
            if number == 1
            for item in _items(type_, wire, found, depth)
        )
        return list(inner)
    if type_.form is Form.UNION:
        return _union(type_, _bytes(value), depth)
    return SCALARS[type_.form](value)


def _union(type_: Type, value: bytes, depth: int) -> Any:
    """JSONSchemaPropsOrArray, …OrBool and …OrStringArray of apiextensions."""
    element, alternative = _element(type_), type_.alternative
    assert alternative is not None
    found = list(_fields(value))
    if alternative.form is Form.BOOLEAN:
        schemas, others = [v for n, _, v in found if n == 2], [v for n, _, v in found if n == 1]
        return decode(_bytes(schemas[-1]), element, depth + 1) if schemas else bool(others and others[-1])
    if schemas := [v for n, _, v in found if n == 1]:
        return decode(_bytes(schemas[-1]), element, depth + 1)
    return [_value(_element(alternative), v, depth + 1) for n, _, v in found if n == 2]


def _text(value: Any) -> str:
    return _bytes(value).decode(errors="replace")


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ProtobufError("proto: wrong wireType")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int):
        raise ProtobufError("proto: wrong wireType")
    return value - 2**64 if value >= 2**63 else value


def _number(value: Any) -> float:
    number: float = struct.unpack("<d", struct.pack("<Q", _integer(value) % 2**64))[0]
    return number


def _base64(value: Any) -> str:
    return b64encode(_bytes(value)).decode()


def _moment(value: Any) -> tuple[int, int] | None:
    found = {number: item for number, _, item in _fields(_bytes(value))}
    seconds, nanos = _integer(found.get(1, 0)), _integer(found.get(2, 0))
    return (seconds, nanos) if found and (seconds or nanos) else None


def _time(value: Any) -> str | None:
    moment = _moment(value)
    return moment and _formatted(times.format_time, moment[0])


def _micro_time(value: Any) -> str | None:
    moment = _moment(value)
    return moment and _formatted(times.format_micro, moment[0] + moment[1] // 1000 / 1_000_000)


def _formatted(write: Callable[[float], str], seconds: float) -> str:
    try:
        return write(seconds)
    except (ValueError, OverflowError, OSError):
        raise ProtobufError("proto: year outside of range [0,9999]") from None


def _quantity(value: Any) -> str:
    return next((_text(item) for number, _, item in _fields(_bytes(value)) if number == 1), "0") or "0"


def _int_or_string(value: Any) -> int | str:
    found = {number: item for number, _, item in _fields(_bytes(value))}
    return _text(found.get(3, b"")) if found.get(1) else _integer(found.get(2, 0))


def _json(value: Any) -> Any:
    raw = next((_bytes(item) for number, _, item in _fields(_bytes(value)) if number == 1), b"")
    try:
        return orjson.loads(raw) if raw else None
    except ValueError:
        raise ProtobufError("invalid character in raw JSON") from None


SCALARS: dict[Form, Callable[[Any], Any]] = {
    Form.STRING: _text,
    Form.INTEGER: _integer,
    Form.NUMBER: _number,
    Form.BOOLEAN: bool,
    Form.BYTES: _base64,
    Form.TIME: _time,
    Form.MICRO_TIME: _micro_time,
    Form.QUANTITY: _quantity,
    Form.INT_OR_STRING: _int_or_string,
    Form.ANY: _json,
}


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """(number, wire type, an int or bytes) of each field of a message. Raises ProtobufError."""
    offset, end = 0, len(data)
    while offset < end:
        tag, offset = _varint(data, offset)
        number, wire = tag >> 3, tag & 7
        if number <= 0:
            raise ProtobufError(f"proto: illegal tag {number} (wire type {wire})")
        value: Any
        if wire == VARINT:
            value, offset = _varint(data, offset)
        else:
            size, offset = _size(data, offset, wire)
            value, offset = data[offset : offset + size], offset + size
            if offset > end:
                raise ProtobufError("unexpected EOF")
            if wire != DELIMITED:
                value = int.from_bytes(value, "little")
        yield number, wire, value


def _size(data: bytes, offset: int, wire: int) -> tuple[int, int]:
    if wire == DELIMITED:
        return _varint(data, offset)
    if wire in (FIXED64, FIXED32):
        return (8 if wire == FIXED64 else 4), offset
    raise ProtobufError(f"proto: illegal wireType {wire}")


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    number = shift = 0
    while offset < len(data):
        byte = data[offset]
        offset += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number % 2**64, offset
        shift += 7
        if shift > 63:
            raise ProtobufError("proto: integer overflow")
    raise ProtobufError("unexpected EOF")
