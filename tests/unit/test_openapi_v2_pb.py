"""The protobuf form of the OpenAPI document, read back by a small reader."""

from __future__ import annotations

import struct

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fakekube.wire import openapi_v2_pb as pb
from fakekube.wire import varints


def read(data: bytes) -> dict[int, list]:
    """Field number -> its values: numbers, or the bytes of strings and messages."""
    found: dict[int, list] = {}
    at = 0
    while at < len(data):
        key, at = number(data, at)
        if key & 7 == pb.VARINT:
            value, at = number(data, at)
        elif key & 7 == pb.FIXED64:
            value, at = struct.unpack("<d", data[at : at + 8])[0], at + 8
        else:
            size, at = number(data, at)
            value, at = data[at : at + size], at + size
            assert len(value) == size
        found.setdefault(key >> 3, []).append(value)
    return found


def number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def at(data: bytes, *path: int) -> bytes:
    """The first value of each field on the path."""
    for field in path:
        data = read(data)[field][0]
    return data


DOCUMENT = {
    "swagger": "2.0",
    "info": {"title": "Kubernetes", "version": "v1.20.2"},
    "paths": {
        "/a/{name}": {
            "get": {
                "description": "d",
                "consumes": ["c"],
                "produces": ["p", "q"],
                "schemes": ["https"],
                "tags": ["t"],
                "operationId": "getA",
                "parameters": [
                    {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/A"}},
                    {"uniqueItems": True, "type": "string", "description": "x", "name": "q", "in": "query"},
                ],
                "responses": {"200": {"description": "OK", "schema": {"type": "string"}}, "401": {"description": "No"}},
                "x-kubernetes-action": "get",
                "x-kubernetes-group-version-kind": {"group": "", "kind": "A", "version": "v1"},
            },
            "parameters": [{"uniqueItems": True, "type": "string", "name": "name", "in": "path", "required": True}],
        }
    },
    "definitions": {
        "A": {
            "description": "an A",
            "type": "object",
            "required": ["x", "y"],
            "properties": {
                "x": {"type": "array", "items": {"type": "integer", "format": "int64", "enum": [1, 0]}},
                "y": {"type": "object", "additionalProperties": {"$ref": "#/definitions/A"}},
                "z": {"type": "number", "maximum": 1.5, "minLength": 300, "additionalProperties": True},
            },
            "x-kubernetes-group-version-kind": [{"group": "g", "kind": "A", "version": "v1"}],
        }
    },
    "securityDefinitions": {"T": {"type": "apiKey", "name": "authorization", "in": "header", "description": "b"}},
    "security": [{"T": []}],
}


@pytest.fixture(scope="module")
def data() -> bytes:
    return pb.document(DOCUMENT)


def test_document(data):
    assert set(read(data)) == {1, 2, 8, 9, 12, 13}
    assert (at(data, 1), at(data, 2, 1), at(data, 2, 2)) == (b"2.0", b"Kubernetes", b"v1.20.2")
    assert (at(data, 12, 1, 1), at(data, 13, 1, 1), at(data, 13, 1, 2, 2, 3)) == (b"T", b"T", b"header")


def test_operation(data):
    assert at(data, 8, 2, 1) == b"/a/{name}"
    operation = at(data, 8, 2, 2, 2)
    fields = read(operation)
    assert (fields[1], fields[3], fields[5], fields[6]) == ([b"t"], [b"d"], [b"getA"], [b"p", b"q"])
    assert (fields[7], fields[10]) == ([b"c"], [b"https"])
    body, query = (read(parameter) for parameter in fields[8])
    assert at(body[1][0], 1, 5, 1) == b"#/definitions/A"
    assert read(at(query[1][0], 2, 3)) == {2: [b"query"], 3: [b"x"], 4: [b"q"], 6: [b"string"], 20: [1]}
    first, second = read(fields[9][0])[1]
    assert (at(first, 1), at(first, 2, 1, 1), at(first, 2, 1, 2, 1, 22, 1)) == (b"200", b"OK", b"string")
    assert (at(second, 1), read(at(second, 2, 1))) == (b"401", {1: [b"No"]})
    action, kind = fields[13]
    assert (at(action, 1), at(action, 2, 2)) == (b"x-kubernetes-action", b"get\n")
    assert yaml.safe_load(at(kind, 2, 2)) == {"group": "", "kind": "A", "version": "v1"}


def test_path_parameter(data):
    parameter = at(data, 8, 2, 2, 9, 1, 2, 4)
    assert read(parameter) == {1: [1], 2: [b"path"], 4: [b"name"], 5: [b"string"], 19: [1]}


def test_schema(data):
    schema = at(data, 9, 1, 2)
    fields = read(schema)
    assert (fields[4], fields[19], at(schema, 22, 1)) == ([b"an A"], [b"x", b"y"], b"object")
    x, y, z = (read(entry) for entry in read(fields[25][0])[1])
    items = read(at(x[2][0], 23, 1))
    assert (items[2], [at(value, 2) for value in items[20]]) == ([b"int64"], [b"1\n", b"0\n"])
    assert at(y[2][0], 21, 1, 1) == b"#/definitions/A"
    numbers = read(z[2][0])
    assert (numbers[7], numbers[12], read(numbers[21][0])) == ([1.5], [300], {2: [1]})


def test_fields_are_in_the_order_of_their_numbers(data):
    for message in (data, at(data, 8, 2, 2, 2), at(data, 9, 1, 2)):
        assert list(read(message)) == sorted(read(message))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("get", "get\n"),
        ("", '""\n'),
        ("true", '"true"\n'),
        ("1", '"1"\n'),
        ("merge,retainKeys", "merge,retainKeys\n"),
        (["a", "b"], "- a\n- b\n"),
        ([{"group": "", "kind": "A"}], '- group: ""\n  kind: A\n'),
        ([{"m": {"a": "B"}, "l": ["x"]}], "- m:\n    a: B\n  l:\n  - x\n"),
        (True, "true\n"),
        ({}, "{}\n"),
        ([], "[]\n"),
    ],
)
def test_yaml(value, text):
    assert pb.yaml(value).decode() == text


WORDS = st.text(max_size=6) | st.sampled_from(
    ["true", "No", "null", "1e3", "a: b", "- a", "#", "~", "0x1", "2020-01-01"]
)
JSONS = st.recursive(
    WORDS | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(JSONS)
def test_yaml_means_what_the_json_did(value):
    assert yaml.safe_load(pb.yaml(value)) == value


@given(st.integers(0, 2**63 - 1))
def test_varint(value):
    assert number(varints.varint(value), 0) == (value, len(varints.varint(value)))


def test_negative_numbers_are_twos_complement():
    assert number(varints.varint(-1), 0)[0] == 2**64 - 1
