"""Objects in the shape in which Go writes them."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.schema import load
from fakekube.machinery.completion import complete, in_alphabetical_order
from fakekube.machinery.openapi_schema import custom_resource

SCHEMA = load("1.20")
POD = SCHEMA.kind("", "v1", "Pod")
CRD = SCHEMA.kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")


def text(value) -> str:
    """JSON, whose order counts."""
    return json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize(
    ("kind", "given_", "expected"),
    [
        (
            ("", "v1", "Pod"),
            {"spec": {"containers": [{"image": "i", "name": "n"}]}, "metadata": {"name": "p"}, "kind": "Pod"},
            '{"kind":"Pod","metadata":{"name":"p","creationTimestamp":null},'
            '"spec":{"containers":[{"name":"n","image":"i","resources":{}}]},"status":{}}',
        ),
        (
            ("", "v1", "ConfigMap"),
            {"data": {"b": "", "a": "1"}, "binaryData": {}},
            '{"metadata":{"creationTimestamp":null},"data":{"a":"1","b":""}}',
        ),
        (
            ("apps", "v1", "Deployment"),
            {"metadata": {}, "spec": {"paused": False, "replicas": 0, "minReadySeconds": 0}},
            '{"metadata":{"creationTimestamp":null},"spec":{"replicas":0,"selector":null,"template":{"metadata":'
            '{"creationTimestamp":null},"spec":{"containers":null}},"strategy":{}},"status":{}}',
        ),
        (
            ("rbac.authorization.k8s.io", "v1", "Role"),
            {"rules": []},
            '{"metadata":{"creationTimestamp":null},"rules":[]}',
        ),
        (("rbac.authorization.k8s.io", "v1", "Role"), {}, '{"metadata":{"creationTimestamp":null},"rules":null}'),
        (
            ("networking.k8s.io", "v1", "NetworkPolicy"),
            {"spec": {"ingress": [{"from": [{"podSelector": {}}]}]}},  # an empty struct behind a pointer stays
            '{"metadata":{"creationTimestamp":null},"spec":{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}]}]}}',
        ),
        (("", "v1", "Secret"), {"unheard": 1}, '{"metadata":{"creationTimestamp":null}}'),
    ],
)
def test_fields_are_ordered_added_and_dropped_as_go_does(kind, given_, expected):
    before = copy.deepcopy(given_)
    assert text(complete(given_, SCHEMA.kind(*kind))) == expected
    assert given_ == before


def test_a_union_is_completed_as_what_it_is():
    schema = {"properties": {"b": {"type": "string"}, "a": {"items": {"type": "object"}}}, "type": "object"}
    more = {"additionalProperties": False, "allOf": [{"type": "object", "description": "d"}]}
    spec = {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema | more}}], "group": "g"}
    done = complete({"spec": spec}, CRD)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert text(done) == (
        '{"type":"object","allOf":[{"description":"d","type":"object"}],"properties":{"a":{"items":{"type":"object"}},'
        '"b":{"type":"string"}},"additionalProperties":false}'
    )


def test_custom_resources_are_alphabetical_and_keep_everything():
    type_ = custom_resource({"type": "object", "properties": {"spec": {"type": "object"}}}, POD.fields["metadata"].type)
    given_ = {"kind": "K", "spec": {"z": [{"b": 1, "a": None}]}, "metadata": {"name": "n"}, "apiVersion": "g/v1"}
    expected = '{"apiVersion":"g/v1","kind":"K","metadata":{"name":"n"},"spec":{"z":[{"a":null,"b":1}]}}'
    assert text(complete(given_, type_)) == expected


def values(type_, depth):
    """JSON of a type; fields come in any order."""
    if type_.fields:
        fields = {name: values(field.type, depth - 1) for name, field in type_.fields.items()} if depth else {}
        return st.fixed_dictionaries({}, optional=fields).map(lambda v: dict(reversed(v.items())))
    if type_.element is None:
        return st.sampled_from(["", "a", 0, 1, True, False, None])
    element = values(type_.element, depth - 1) if depth else st.nothing()
    keys = st.sampled_from(["b", "a", "c"])
    return st.lists(element, max_size=2) if type_.form.value == "list" else st.dictionaries(keys, element, max_size=2)


SERVICE = SCHEMA.kind("", "v1", "Service")
SERVICES = values(SERVICE, 4)


@given(SERVICES)
def test_completing_twice_changes_nothing(value):
    once = complete(value, SERVICE)
    assert text(complete(once, SERVICE)) == text(once)


@given(SERVICES)
def test_the_order_of_what_comes_in_does_not_matter(value):
    assert text(complete(in_alphabetical_order(value), SERVICE)) == text(complete(value, SERVICE))
