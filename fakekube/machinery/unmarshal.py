"""What Go's encoding/json says about bad JSON, and what types that read themselves (UnmarshalJSON) say about theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fakekube.machinery import times
from fakekube.machinery.goformat import quote
from fakekube.machinery.quantity import QuantityError
from fakekube.machinery.quantity import parse as parse_quantity
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.selectors import parse_int

MAX_DEPTH = 10000
INT32 = range(-(2**31), 2**31)
UNEXPECTED_END = "unexpected end of JSON input"

_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = frozenset(b"0123456789abcdefABCDEF")
_DIGITS = frozenset(b"0123456789")
_LITERALS = {0x74: b"true", 0x66: b"false", 0x6E: b"null"}


class _SyntaxError(Exception):
    """An invalid character."""

    def __init__(self, char: int, context: str) -> None:
        shown = {0x27: r"\'", 0x22: '"'}.get(char) or quote(chr(char))[1:-1]
        super().__init__(f"invalid character '{shown}' {context}")


def syntax_error(data: bytes) -> str | None:
    """The first thing that makes the text no JSON, as Go puts it; None if it is JSON."""
    try:
        # At the end Go looks for what a space would do, so that it complains about one in a half literal.
        position = _value(data + b" ")
    except _SyntaxError as error:
        return str(error)
    except IndexError:
        return UNEXPECTED_END
    rest = data[position:].lstrip(b" \t\r\n")
    return str(_SyntaxError(rest[0], "after top-level value")) if rest else None


def _value(data: bytes) -> int:
    """Where the value ends that begins at the start. IndexError is the end of the text."""
    position, stack = 0, bytearray()
    while True:
        position = _skip(data, position)
        position = _begin(data, position, stack)
        while stack and not _expects_value(stack):
            position = _skip(data, position)
            position = _after(data, position, stack)
        if not stack:
            return position


_ARRAY_START, _ARRAY_VALUE, _ARRAY_NEXT, _OBJECT_START, _KEY, _OBJECT_VALUE, _OBJECT_NEXT = range(7)
"""What an open array or object waits for."""


def _expects_value(stack: bytearray) -> bool:
    return stack[-1] in (_ARRAY_VALUE, _OBJECT_VALUE)


def _skip(data: bytes, position: int) -> int:
    match = _SPACE.match(data, position)
    return match.end() if match else position


def _begin(data: bytes, position: int, stack: bytearray) -> int:
    """A value: a scalar, or the bracket that opens one."""
    char = data[position]
    if stack:
        stack[-1] += 1  # the value is there, next comes what follows it
    if char in b"[{":
        stack.append(_ARRAY_START if char == 0x5B else _OBJECT_START)
        if len(stack) > MAX_DEPTH:
            raise _SyntaxError(char, "exceeded max depth")
        return position + 1
    if char == 0x22:
        return _string(data, position + 1)
    if char in _LITERALS:
        return _literal(data, position, _LITERALS[char])
    if char == 0x2D or char in _DIGITS:
        return _number(data, position)
    raise _SyntaxError(char, "looking for beginning of value")


def _after(data: bytes, position: int, stack: bytearray) -> int:
    """What stands between values: commas, keys, closing brackets."""
    state, char = stack[-1], data[position]
    if state == _ARRAY_START and char != 0x5D:
        stack[-1] = _ARRAY_VALUE
        return position
    if state in (_OBJECT_START, _KEY) and not (state == _OBJECT_START and char == 0x7D):
        return _key(data, position, stack)
    if state in (_ARRAY_NEXT, _OBJECT_NEXT) and char == 0x2C:
        stack[-1] = _ARRAY_VALUE if state == _ARRAY_NEXT else _KEY
        return position + 1
    if char == (0x5D if state in (_ARRAY_START, _ARRAY_NEXT) else 0x7D):
        stack.pop()
        return position + 1
    raise _SyntaxError(char, "after array element" if state == _ARRAY_NEXT else "after object key:value pair")


def _key(data: bytes, position: int, stack: bytearray) -> int:
    if data[position] != 0x22:
        raise _SyntaxError(data[position], "looking for beginning of object key string")
    position = _skip(data, _string(data, position + 1))
    if data[position] != 0x3A:
        raise _SyntaxError(data[position], "after object key")
    stack[-1] = _OBJECT_VALUE
    return position + 1


def _string(data: bytes, position: int) -> int:
    """Where the string ends whose quote stands before."""
    while True:
        match = _PLAIN.match(data, position)
        position = match.end() if match else position
        char = data[position]
        if char == 0x22:
            return position + 1
        if char != 0x5C:
            raise _SyntaxError(char, "in string literal")
        position = _escape(data, position + 1)


def _escape(data: bytes, position: int) -> int:
    char = data[position]
    if char != 0x75:
        if char not in b'bfnrt\\/"':
            raise _SyntaxError(char, "in string escape code")
        return position + 1
    for index in range(position + 1, position + 5):
        if data[index] not in _HEX:
            raise _SyntaxError(data[index], "in \\u hexadecimal character escape")
    return position + 5


def _literal(data: bytes, position: int, wanted: bytes) -> int:
    for offset, char in enumerate(wanted):
        if data[position + offset] != char:
            context = f"in literal {wanted.decode()} (expecting '{chr(char)}')"
            raise _SyntaxError(data[position + offset], context)
    return position + len(wanted)


def _number(data: bytes, position: int) -> int:
    if data[position] == 0x2D:
        position += 1
        if data[position] not in _DIGITS:
            raise _SyntaxError(data[position], "in numeric literal")
    position = position + 1 if data[position] == 0x30 else _digits(data, position, "")
    if data[position] == 0x2E:
        position = _digits(data, position + 1, "after decimal point in numeric literal")
    if data[position] in b"eE":
        position += 2 if data[position + 1] in b"+-" else 1
        position = _digits(data, position, "in exponent of numeric literal")
    return position


def _digits(data: bytes, position: int, context: str) -> int:
    if data[position] not in _DIGITS:
        raise _SyntaxError(data[position], context)
    while data[position] in _DIGITS:
        position += 1
    return position


# Values

KIND_NAMES: dict[type, str] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}


def type_error(value: Any, go: str, struct: str = "", path: str = "") -> str:
    """A value that cannot be held by the Go type, perhaps in a field of a struct."""
    where = f"struct field {struct}.{path}" if struct or path else "value"
    return f"json: cannot unmarshal {KIND_NAMES[type(value)]} into Go {where} of type {go}"


def unmarshal_error(data: bytes, type_: Type) -> str | None:
    """What the type's UnmarshalJSON says about the bytes of one JSON value; None if it takes them."""
    check = _CHECKS.get(type_.form)
    return check(data, type_) if check is not None and data != b"null" else None


def _time_error(data: bytes, type_: Type) -> str | None:
    value = _loads(data)
    if not isinstance(value, str):
        return type_error(value, "string")
    try:
        times.parse(value, times.LAYOUT if type_.form is Form.TIME else times.MICRO_LAYOUT)
    except times.TimeError as error:
        return str(error)
    return None


def _quantity_error(data: bytes, _: Type) -> str | None:
    quoted = len(data) >= 2 and data[:1] == b'"' == data[-1:]
    try:
        parse_quantity((data[1:-1] if quoted else data).decode("utf-8", "replace").strip())
    except QuantityError as error:
        return str(error)
    return None


def _int_or_string_error(data: bytes, _: Type) -> str | None:
    value = _loads(data)
    if isinstance(value, str):
        return None
    if type(value) not in (int, float):
        return type_error(value, "int32")
    text = data.decode("ascii", "replace")
    number = parse_int(text)
    if number is not None and number in INT32:
        return None
    return f"json: cannot unmarshal number {text} into Go value of type int32"


def _union_error(data: bytes, type_: Type) -> str | None:
    if data[:1] == b"{" and type_.element is not None:
        return struct_error(_loads(data), type_.element)
    alternative = type_.alternative
    if alternative is not None and alternative.form is Form.BOOLEAN:
        return None if data in (b"true", b"false") else "boolean or JSON schema expected"
    return struct_error(_loads(data), alternative) if data[:1] == b"[" and alternative is not None else None


_CHECKS = {
    Form.TIME: _time_error,
    Form.MICRO_TIME: _time_error,
    Form.QUANTITY: _quantity_error,
    Form.INT_OR_STRING: _int_or_string_error,
    Form.UNION: _union_error,
}


def _loads(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        import json

        return json.loads(text_of(data))


_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.")
_SURROGATE = re.compile("[\ud800-\udfff]")


def text_of(data: bytes) -> str:
    """JSON as text; bytes and escapes that stand for no character become U+FFFD, as they do for Go."""
    text = _SURROGATE.sub("\ufffd", data.decode("utf-8", "surrogateescape"))
    return _ESCAPE.sub(lambda match: r"\ufffd" if len(match[0]) == 6 else match[0], text)


_NATIVE: dict[Form, tuple[type, ...]] = {
    Form.STRING: (str,),
    Form.BOOLEAN: (bool,),
    Form.INTEGER: (int,),
    Form.NUMBER: (int, float),
    Form.OBJECT: (dict,),
    Form.MAP: (dict,),
    Form.LIST: (list,),
}


def struct_error(value: Any, type_: Type, struct: str = "", path: tuple[str, ...] = ()) -> str | None:
    """What encoding/json (not json-iterator) says about a value of that type; None if it fits."""
    if value is None:
        return None
    if type_.form is Form.UNION:
        return _nested_union_error(value, type_, struct, path)
    wanted = _NATIVE.get(type_.form)
    if wanted is None:
        return unmarshal_error(orjson.dumps(value), type_)
    if type(value) not in wanted:
        return type_error(value, type_.go, struct, ".".join(path))
    if type_.form is Form.OBJECT:
        return _fields_error(value, type_, path)
    return _items_error(value, type_, struct, path)


def _fields_error(value: Mapping[str, Any], type_: Type, path: tuple[str, ...]) -> str | None:
    name = type_.go.rpartition(".")[2]
    for key, item in value.items():
        field = find_field(type_.fields, key)
        if field is not None and (error := struct_error(item, field.type, name, (*path, field.name))):
            return error
    return None


def _items_error(value: Any, type_: Type, struct: str, path: tuple[str, ...]) -> str | None:
    if type_.element is None:
        return None
    items: Sequence[Any] = list(value.values()) if type_.form is Form.MAP else value
    if not isinstance(items, list):
        return None
    return next(filter(None, (struct_error(item, type_.element, struct, path) for item in items)), None)


def _nested_union_error(value: Any, type_: Type, struct: str, path: tuple[str, ...]) -> str | None:
    """An error from inside is told as one of the field that holds the union."""
    error = _union_error(orjson.dumps(value), type_)
    if error is None or not error.startswith("json: cannot unmarshal ") or not struct:
        return error
    head, _, tail = error.partition(" into Go ")
    return f"{head} into Go struct field {struct}.{'.'.join(path)} of type {tail.rpartition(' of type ')[2]}"


def find_field(fields: Mapping[str, Field], key: str) -> Field | None:
    """The field of that name, or else one whose name differs in case only, as encoding/json finds it."""
    found = fields.get(key)
    if found is not None:
        return found
    folded = key.lower()
    return next((field for name, field in fields.items() if name.lower() == folded), None)
