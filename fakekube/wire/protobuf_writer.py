"""Objects in kube-apiserver's protobuf form, written by the field numbers that the schema's types carry.

The counterpart of wire.protobuf. What JSON leaves out is left out here too; readers take zero values for it.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from fakekube.machinery import times
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Field, Form, Type
from fakekube.wire.protobuf import MAGIC
from fakekube.wire.varints import FIXED64, VARINT, tagged, varint


def body(api_version: str, kind: str, raw: bytes) -> bytes:
    """An object's message in its envelope, as the body of an answer."""
    meta = tagged(1, api_version.encode()) + tagged(2, kind.encode())
    return MAGIC + tagged(1, meta) + tagged(2, raw) + tagged(3, b"") + tagged(4, b"")


def event(type_: str, shown: bytes) -> bytes:
    """A watch event around an object's body, as a frame of the stream."""
    data = tagged(1, type_.encode()) + tagged(2, tagged(1, shown))
    return len(data).to_bytes(4, "big") + data


def encode(value: Object, type_: Type) -> bytes:
    """The message of an object of that type."""
    parts: dict[tuple[int, ...], bytes] = {}
    for name, item in value.items():
        field = type_.fields.get(name)
        if field is not None and field.numbers and item is not None:
            outer, number = field.numbers[:-1], field.numbers[-1]
            parts[outer] = parts.get(outer, b"") + _field(number, item, field)
    return parts.pop((), b"") + b"".join(_inlined(path, data) for path, data in parts.items())


def metadata_only(value: Object, metadata: Type) -> bytes:
    """The message of a PartialObjectMetadata."""
    return tagged(1, encode(value["metadata"], metadata))


def metadata_list(value: Object, items: Iterable[bytes], metadata: Type) -> bytes:
    """The message of a list whose items are encoded already."""
    return tagged(1, encode(value["metadata"], metadata)) + b"".join(tagged(2, item) for item in items)


def _inlined(path: tuple[int, ...], data: bytes) -> bytes:
    for number in reversed(path):
        data = tagged(number, data)
    return data


def _field(number: int, value: Any, field: Field) -> bytes:
    type_ = field.type
    if type_.form is Form.LIST and type_.go.startswith("[]"):
        return b"".join(_one(number, item, _element(type_)) for item in value)
    if type_.form is Form.MAP:
        return b"".join(tagged(number, _entry(key, value[key], type_)) for key in sorted(value))
    return _one(number, value, type_)


def _entry(key: str, value: Any, type_: Type) -> bytes:
    return tagged(1, key.encode()) + (b"" if value is None else _one(2, value, _element(type_)))


def _one(number: int, value: Any, type_: Type) -> bytes:
    if type_.form in NUMBERS:
        return varint(number << 3 | VARINT) + varint(int(value))
    if type_.form is Form.NUMBER:
        return varint(number << 3 | FIXED64) + struct.pack("<d", value)
    return tagged(number, _bytes(value, type_))


def _bytes(value: Any, type_: Type) -> bytes:
    if value is None:
        return b""
    if type_.form is Form.OBJECT:
        return encode(value, type_)
    if type_.form is Form.LIST:  # a named slice is a message with `items`
        return b"".join(_one(1, item, _element(type_)) for item in value)
    if type_.form is Form.UNION:
        return _union(value, type_)
    return SCALARS[type_.form](value)


def _union(value: Any, type_: Type) -> bytes:
    """JSONSchemaPropsOrArray, …OrBool and …OrStringArray of apiextensions."""
    alternative = type_.alternative
    assert alternative is not None
    if alternative.form is Form.BOOLEAN:
        allows = varint(1 << 3 | VARINT) + varint(value is not False)
        return allows + (tagged(2, encode(value, _element(type_))) if isinstance(value, dict) else b"")
    if isinstance(value, dict):
        return tagged(1, encode(value, _element(type_)))
    return b"".join(tagged(2, _bytes(item, _element(alternative))) for item in value)


def _element(type_: Type) -> Type:
    assert type_.element is not None
    return type_.element


def _moment(text: str) -> bytes:
    seconds = times.parse_time(text)
    whole = int(seconds // 1)
    nanos = round((seconds - whole) * 1_000_000) * 1000
    return varint(1 << 3 | VARINT) + varint(whole) + varint(2 << 3 | VARINT) + varint(nanos)


def _int_or_string(value: int | str) -> bytes:
    if isinstance(value, str):
        return varint(1 << 3 | VARINT) + varint(1) + tagged(3, value.encode())
    return varint(1 << 3 | VARINT) + varint(0) + varint(2 << 3 | VARINT) + varint(value)


NUMBERS = (Form.INTEGER, Form.BOOLEAN)
SCALARS: dict[Form, Callable[[Any], bytes]] = {
    Form.STRING: str.encode,
    Form.BYTES: b64decode,
    Form.TIME: _moment,
    Form.MICRO_TIME: _moment,
    Form.QUANTITY: lambda value: tagged(1, str(value).encode()),
    Form.INT_OR_STRING: _int_or_string,
    Form.ANY: lambda value: tagged(1, orjson.dumps(value)),
}
