"""Structural schemas of custom resources: validation in kube-openapi's words, defaults, names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.apiextensions import naming
from fakekube.machinery.fielderrors import Path
from fakekube.machinery.structural import defaulting, listtypes, validation


def wrap(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": schema}}


@pytest.mark.parametrize(
    ("schema", "value", "texts"),
    [
        ({"type": "integer"}, 1, []),
        ({"type": "integer"}, 2.0, []),
        ({"type": "integer"}, "x", ['a: Invalid value: "string": a in body must be of type integer: "string"']),
        ({"type": "string"}, None, ['a: Invalid value: "null": a in body must be of type string: "null"']),
        ({"type": "string"}, "", ['a: Invalid value: "null": a in body must be of type string: "null"']),
        ({"type": "string", "nullable": True}, None, []),
        ({"type": "integer", "maximum": 7}, 8, ["a: Invalid value: 8: a in body should be less than or equal to 7"]),
        ({"type": "number", "maximum": 7.5, "exclusiveMaximum": True}, 7.5,
         ["a: Invalid value: 7.5: a in body should be less than 7.5"]),
        ({"type": "string", "enum": ["p"]}, "q", ['a: Unsupported value: "q": supported values: "p"']),
        ({"type": "string", "pattern": "^x$"}, "y", ["a: Invalid value: \"y\": a in body should match '^x$'"]),
        ({"type": "string", "format": "date"}, "2021-02-29",
         ['a: Invalid value: "2021-02-29": a in body must be of type date: "2021-02-29"']),
        ({"type": "array", "items": {"type": "integer"}}, [1, "x"],
         ['a: Invalid value: "string": a in body must be of type integer: "string"']),
        ({"type": "object", "required": ["b"]}, {}, ["a.b: Required value"]),
        ({"x-kubernetes-int-or-string": True}, True,
         ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"']),
        ({"anyOf": [{"minimum": 2}, {"minimum": 3}]}, 1,
         ['<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
          "a: Invalid value: 1: a in body should be greater than or equal to 2"]),
        ({"not": {"enum": [1]}}, 1, ['<nil>: Invalid value: "": "a" must not validate the schema (not)']),
    ],
)  # fmt: skip
def test_values_are_judged_in_the_real_words(schema: dict[str, Any], value: Any, texts: list[str]) -> None:
    assert [str(error) for error in validation.validate({"a": value}, wrap(schema))] == texts


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]),
            "nullable": st.booleans(),
            "minimum": st.integers(-5, 5),
            "multipleOf": st.floats(0.1, 5),
            "maxLength": st.integers(0, 5),
            "format": st.sampled_from(["date", "uuid", "byte", "unknown"]),
            "enum": st.lists(JSON, min_size=1, max_size=2),
            "default": JSON,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["object", "array"])},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "items": inner,
            "additionalProperties": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "required": st.lists(st.sampled_from("abc"), max_size=2),
        },
    ),
    max_leaves=6,
)


@given(schema=SCHEMAS, value=JSON)
def test_any_value_can_be_judged_by_any_schema(schema: dict[str, Any], value: Any) -> None:
    first = [str(error) for error in validation.validate({"a": value}, wrap(schema))]
    assert first == [str(error) for error in validation.validate({"a": value}, wrap(schema))]


@given(schema=SCHEMAS, value=JSON)
def test_defaults_come_once(schema: dict[str, Any], value: Any) -> None:
    obj = {"a": value}
    defaulting.drop_nulls(obj, wrap(schema))
    defaulting.default(obj, wrap(schema))
    again = {**obj}
    defaulting.default(again, wrap(schema))
    assert again == obj


def test_a_null_counts_as_missing() -> None:
    schema = {"properties": {"a": {"default": 1}, "b": {}, "c": {"nullable": True, "default": 2}}}
    obj: dict[str, Any] = {"a": None, "b": None, "c": None}
    defaulting.drop_nulls(obj, schema)
    defaulting.default(obj, schema)
    assert obj == {"a": 1, "c": None}


@pytest.mark.parametrize(
    ("schema", "value", "texts"),
    [
        ({"x-kubernetes-list-type": "set"}, ["a", "b", "a"], ['a[2]: Duplicate value: "a"']),
        ({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}, [{"k": 1}, None, 5, {"k": 1}],
         ["a[2]: Invalid value: 5: must be an object for an array of list-type map"]),
        ({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}, [{"k": 1}, {"k": 1, "v": 2}],
         ['a[1]: Duplicate value: map[string]interface {}{"k":1}']),
        ({}, ["a", "a"], []),
    ],
)  # fmt: skip
def test_no_item_stands_twice(schema: dict[str, Any], value: Any, texts: list[str]) -> None:
    assert [str(error) for error in listtypes.validate({"a": value}, wrap(schema), Path())] == texts


def definition(names: dict[str, Any], accepted: dict[str, Any] | None = None) -> dict[str, Any]:
    status: dict[str, Any] = {"acceptedNames": accepted or {}, "conditions": None}
    return {"metadata": {"name": "x"}, "spec": {"group": "g.io", "names": names}, "status": status}


WIDGETS = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}


def test_free_names_are_accepted_and_then_the_definition_is_established() -> None:
    named = naming.named(definition(WIDGETS), [], "now")
    assert named["status"]["acceptedNames"] == WIDGETS
    served = naming.established(named, "later")
    assert naming.is_true(served, "NamesAccepted")
    assert naming.is_true(served, "Established")


def test_a_taken_name_is_a_conflict() -> None:
    other = definition(WIDGETS, WIDGETS)
    named = naming.named(definition({**WIDGETS, "plural": "others"}), [other], "now")
    assert named["status"]["acceptedNames"] == {"plural": "others"}
    found = naming.find(named, "NamesAccepted")
    assert found is not None
    assert (found["reason"], found["message"]) == ("ListKindConflict", '"WidgetList" is already in use')
    assert not naming.is_true(named, "Established")
