"""The protobuf form of an OpenAPI v2 document, as kubectl reads it. Field numbers follow gnostic's OpenAPIv2.proto.

MESSAGES says for each message which field a key of the JSON becomes; fields are written in the order of their numbers.
Only what a Kubernetes document holds is there; other keys are left out. What has no fixed shape (x-... extensions, the
values of an enum) travels as YAML text.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from fakekube.wire.varints import FIXED64, VARINT, tagged, varint

Json = dict[str, Any]
Encode = Callable[[Any], bytes]
"""JSON -> the payload of one field."""

PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./,*{}-]*")
"""What YAML reads as a string without quotes, unless it is one of WORDS."""
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON has as it is and YAML does not."""
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def yaml(value: Any) -> bytes:
    """The value as a YAML document."""
    return ("\n".join(_yaml_lines(value)) + "\n").encode()


def _yaml_lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            nested = isinstance(item, dict | list) and item
            first, *more = _yaml_lines(item)
            if nested and isinstance(item, dict):
                yield from (f"{_scalar(key)}:", f"  {first}", *(f"  {line}" for line in more))
            elif nested:
                yield from (f"{_scalar(key)}:", first, *more)
            else:
                yield f"{_scalar(key)}: {first}"
    elif isinstance(value, list) and value:
        for item in value:
            first, *more = _yaml_lines(item)
            yield from (f"- {first}", *(f"  {line}" for line in more))
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    """One line; JSON is YAML too, so whatever is not plainly a word is written as JSON."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    import orjson

    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(value).decode())


def _any(value: Any) -> bytes:
    return tagged(2, yaml(value))


def _named(name: str, payload: bytes) -> bytes:
    return tagged(1, name.encode()) + tagged(2, payload)


def string(number: int) -> Encode:
    """A string field; an empty one is not written."""
    return lambda value: tagged(number, value.encode()) if value else b""


def strings(number: int) -> Encode:
    """A repeated string field."""
    return lambda values: b"".join(tagged(number, value.encode()) for value in values)


def integer(number: int) -> Encode:
    """An int64 or bool field; zero is not written."""
    return lambda value: varint(number << 3 | VARINT) + varint(int(value)) if value else b""


def double(number: int) -> Encode:
    """A double field; zero is not written."""
    return lambda value: varint(number << 3 | FIXED64) + struct.pack("<d", value) if value else b""


def anys(number: int) -> Encode:
    """A repeated field of any values."""
    return lambda values: b"".join(tagged(number, _any(value)) for value in values)


def message(number: int, name: str) -> Encode:
    """A field of a message of MESSAGES."""
    return lambda value: tagged(number, encode(name, value))


def mapping(number: int, name: str) -> Encode:
    """A message that stands for a JSON object: named messages in its first field."""

    def encoded(values: Mapping[str, Any]) -> bytes:
        return tagged(number, b"".join(tagged(1, _named(key, encode(name, value))) for key, value in values.items()))

    return encoded


def _type(value: str | list[str]) -> bytes:
    return tagged(22, b"".join(tagged(1, name.encode()) for name in ([value] if isinstance(value, str) else value)))


def _additional(value: bool | Json) -> bytes:
    return tagged(21, varint(2 << 3) + varint(value) if isinstance(value, bool) else tagged(1, encode("Schema", value)))


def _parameters(number: int) -> Encode:
    return lambda values: b"".join(tagged(number, tagged(1, _parameter(value))) for value in values)


PARAMETERS = {"query": ("QueryParameter", 3), "path": ("PathParameter", 4)}


def _parameter(value: Json) -> bytes:
    if value["in"] == "body":
        return tagged(1, encode("BodyParameter", value))
    return _flat_parameter(tuple(value.items()))


@lru_cache(maxsize=512)
def _flat_parameter(items: tuple[tuple[str, Any], ...]) -> bytes:
    """A parameter that is no body has scalars only, and a document repeats the same few hundred all the time."""
    value = dict(items)
    name, number = PARAMETERS[value["in"]]
    return tagged(2, tagged(number, encode(name, value)))


def _responses(values: Json) -> bytes:
    return tagged(9, b"".join(tagged(1, _named(code, tagged(1, encode("Response", r)))) for code, r in values.items()))


def _security(number: int) -> Encode:
    def requirement(value: Json) -> bytes:
        return b"".join(tagged(1, _named(name, strings(1)(scopes))) for name, scopes in value.items())

    return lambda values: b"".join(tagged(number, requirement(value)) for value in values)


def _security_definitions(values: Json) -> bytes:
    return tagged(
        13,
        b"".join(tagged(1, _named(name, tagged(2, encode("ApiKeySecurity", v)))) for name, v in values.items()),
    )


MESSAGES: Mapping[str, Mapping[str, Encode]] = {
    "Document": {
        "swagger": string(1),
        "info": message(2, "Info"),
        "paths": lambda entries: tagged(8, b"".join(entries)),
        "definitions": lambda entries: tagged(9, b"".join(entries)),
        "security": _security(12),
        "securityDefinitions": _security_definitions,
    },
    "Info": {"title": string(1), "version": string(2), "description": string(3)},
    "PathItem": {
        "get": message(2, "Operation"),
        "put": message(3, "Operation"),
        "post": message(4, "Operation"),
        "delete": message(5, "Operation"),
        "options": message(6, "Operation"),
        "head": message(7, "Operation"),
        "patch": message(8, "Operation"),
        "parameters": _parameters(9),
    },
    "Operation": {
        "tags": strings(1),
        "description": string(3),
        "operationId": string(5),
        "produces": strings(6),
        "consumes": strings(7),
        "parameters": _parameters(8),
        "responses": _responses,
        "schemes": strings(10),
        "x-": lambda value: tagged(13, value),
    },
    "BodyParameter": {
        "description": string(1),
        "name": string(2),
        "in": string(3),
        "required": integer(4),
        "schema": message(5, "Schema"),
    },
    "QueryParameter": {
        "required": integer(1),
        "in": string(2),
        "description": string(3),
        "name": string(4),
        "type": string(6),
        "format": string(7),
        "uniqueItems": integer(20),
    },
    "PathParameter": {
        "required": integer(1),
        "in": string(2),
        "description": string(3),
        "name": string(4),
        "type": string(5),
        "format": string(6),
        "uniqueItems": integer(19),
    },
    "Response": {"description": string(1), "schema": lambda value: tagged(2, tagged(1, encode("Schema", value)))},
    "Schema": {
        "$ref": string(1),
        "format": string(2),
        "title": string(3),
        "description": string(4),
        "default": lambda value: tagged(5, _any(value)),
        "multipleOf": double(6),
        "maximum": double(7),
        "exclusiveMaximum": integer(8),
        "minimum": double(9),
        "exclusiveMinimum": integer(10),
        "maxLength": integer(11),
        "minLength": integer(12),
        "pattern": string(13),
        "maxItems": integer(14),
        "minItems": integer(15),
        "uniqueItems": integer(16),
        "maxProperties": integer(17),
        "minProperties": integer(18),
        "required": strings(19),
        "enum": anys(20),
        "additionalProperties": _additional,
        "type": _type,
        "items": lambda value: tagged(23, tagged(1, encode("Schema", value))),
        "properties": mapping(25, "Schema"),
        "x-": lambda value: tagged(31, value),
    },
    "ApiKeySecurity": {"type": string(1), "name": string(2), "in": string(3), "description": string(4)},
}
"""Message -> key -> how its field is written; "x-" writes each extension."""


def encode(name: str, value: Mapping[str, Any]) -> bytes:
    """The payload of a message: what `value` has of its fields, then the extensions."""
    fields = MESSAGES[name]
    known = [key for key in value if key in fields]
    known.sort(key=RANKS[name].__getitem__)
    parts = [fields[key](value[key]) for key in known]
    if len(known) < len(value) and "x-" in fields:
        extension = fields["x-"]
        parts += [extension(_named(key, _any(item))) for key, item in value.items() if key[:2] == "x-"]
    return b"".join(parts)


RANKS = {name: {key: rank for rank, key in enumerate(fields)} for name, fields in MESSAGES.items()}


def document(value: Json) -> bytes:
    """The whole document."""
    paths = (path_entry(name, item) for name, item in value["paths"].items())
    definitions = (definition_entry(name, schema) for name, schema in value["definitions"].items())
    return assemble(value, paths, definitions)


def path_entry(path: str, item: Json) -> bytes:
    """One path for `assemble`."""
    return tagged(2, _named(path, encode("PathItem", item)))


def definition_entry(name: str, schema: Json) -> bytes:
    """One definition for `assemble`."""
    return tagged(1, _named(name, encode("Schema", schema)))


def assemble(frame: Json, paths: Iterable[bytes], definitions: Iterable[bytes]) -> bytes:
    """A document of the frame's other keys, path entries and definition entries."""
    own = {"paths": paths, "definitions": definitions}
    return encode("Document", frame | own)
