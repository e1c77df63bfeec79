"""Types of custom resources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.schema import load
from fakekube.machinery.openapi_schema import custom_resource, from_structural
from fakekube.machinery.schema import Form

META = load("1.20").definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
UNKNOWN = "x-kubernetes-preserve-unknown-fields"


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "string", "format": "date-time"}, Form.STRING),
        ({"type": "integer"}, Form.INTEGER),
        ({"type": "number"}, Form.NUMBER),
        ({"type": "boolean"}, Form.BOOLEAN),
        ({"x-kubernetes-int-or-string": True}, Form.INT_OR_STRING),
        ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, Form.INT_OR_STRING),
        ({UNKNOWN: True}, Form.ANY),
        ({"type": "array", "items": {"type": "string"}}, Form.LIST),
        ({"type": "array"}, Form.LIST),
        ({"type": "object"}, Form.OBJECT),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, Form.OBJECT),
        ({"type": "object", "additionalProperties": {"type": "string"}}, Form.MAP),
        ({"type": "object", "additionalProperties": True}, Form.MAP),
    ],
)
def test_form(schema, form):
    assert from_structural(schema, META).form is form


def test_object():
    schema = {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}
    found = from_structural(schema | {"x-kubernetes-map-type": "atomic", UNKNOWN: True, "nullable": True}, META)
    assert list(found.fields) == ["a", "b"]
    assert [field.required for field in found.fields.values()] == [False, True]
    assert (found.map_atomic, found.preserve_unknown, found.nullable, found.embedded) == (True, True, True, False)


def test_list_map():
    schema = {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}}}
    found = from_structural(schema | {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}, META)
    assert (found.list_type, found.list_keys) == ("map", ("k",))
    assert found.element is not None
    assert list(found.element.fields) == ["k"]


def test_embedded_resource_has_metadata():
    schema = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}}
    found = from_structural(schema, META)
    assert found.embedded
    assert list(found.fields) == ["apiVersion", "kind", "metadata", "spec"]
    assert found.fields["metadata"].type is META


@pytest.mark.parametrize(
    ("schema", "flag", "kept"),
    [(None, False, True), ({"type": "object"}, False, False), ({"type": "object"}, True, True)],
)
def test_root(schema, flag, kept):
    found = custom_resource(schema, META, preserve_unknown=flag)
    assert found.preserve_unknown is kept
    assert list(found.fields) == ["apiVersion", "kind", "metadata"]


def test_metadata_of_the_root_is_never_what_its_schema_says():
    schema = {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"name": {}}}}}
    assert custom_resource(schema, META).fields["metadata"].type is META


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "format": "int32"},
        {"type": "boolean"},
        {"type": "number", "nullable": True},
        {"x-kubernetes-int-or-string": True},
        {UNKNOWN: True},
        {"type": "object"},
    ]
)


def nodes(inner):
    properties = st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    flags = st.fixed_dictionaries({}, optional={UNKNOWN: st.just(True), "nullable": st.booleans()})
    objects = st.builds(lambda p, f: {"type": "object", "properties": p, **f}, properties, flags)
    maps = st.builds(lambda v: {"type": "object", "additionalProperties": v}, inner)
    return objects | maps | st.builds(lambda v: {"type": "array", "items": v}, inner)


def check(schema, type_):
    """The type says of the schema what pruning needs."""
    if type_.form is Form.OBJECT:
        assert list(type_.fields) == sorted(schema.get("properties", {}))
        assert type_.preserve_unknown == bool(schema.get(UNKNOWN))
        for name, field in type_.fields.items():
            check(schema["properties"][name], field.type)
    elif type_.form in (Form.MAP, Form.LIST):
        check(schema["items" if type_.form is Form.LIST else "additionalProperties"], type_.element)
    else:
        assert type_.element is None
    assert type_.nullable == bool(schema.get("nullable"))


@given(st.recursive(LEAVES, nodes, max_leaves=12))
def test_any_structural_schema(schema):
    check(schema, from_structural(schema, META))
