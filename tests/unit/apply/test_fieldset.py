from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery.apply import fieldset
from fakekube.machinery.apply.fieldset import difference, intersection, union

elements = st.sampled_from(
    [
        "f:a",
        "f:b",
        "f:a b",
        'k:{"name":"a"}',
        'k:{"name":"b","port":10}',
        'k:{"name":"b","port":9}',
        'v:"x"',
        "v:2",
        "i:0",
    ]
)
paths = st.lists(elements, min_size=1, max_size=4).map(tuple)
path_sets = st.sets(paths, max_size=6)


def make(members: Any) -> fieldset.Node:
    """A set out of its paths, built the slow way."""
    root: fieldset.Node = {}
    for path in members:
        node = root
        for element in path:
            node = node.setdefault(element, {"": {}})
        node["."] = {}
    return fieldset.in_order(clean(root))


def clean(node: fieldset.Node) -> fieldset.Node:
    children = {name: clean(child) for name, child in node.items() if name not in ("", ".")}
    if "." not in node:
        return fieldset.in_order(children)
    return {} if not children else fieldset.in_order({".": {}, **children})


def members(node: fieldset.Node, prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, child in node.items():
        if name != ".":
            if fieldset.is_member(child):
                found.add((*prefix, name))
            found |= members(child, (*prefix, name))
    return found


@given(path_sets, path_sets)
def test_sets_are_sets(left: Any, right: Any) -> None:
    a, b = make(left), make(right)
    assert members(a) == left
    assert union(a, b) == make(left | right)
    assert difference(a, b) == make(left - right)
    assert intersection(a, b) == make(left & right)
    assert list(union(a, b)) == list(make(left | right))


@given(path_sets)
def test_members_are_listed_and_found(paths: Any) -> None:
    node = make(paths)
    assert len(fieldset.paths(node)) == len(paths)
    assert all(fieldset.has(node, path) for path in paths)
    assert not fieldset.has(node, ())


@given(path_sets)
def test_what_a_client_sends_is_what_it_got(paths: Any) -> None:
    node = make(paths)
    assert fieldset.parse(node) == node
    assert list(fieldset.parse(node)) == list(node)


@pytest.mark.parametrize(
    ("fields", "canonical"),
    [
        ({'k:{"b": 1, "a": "x<"}': {}}, {'k:{"a":"x\\u003c","b":1}': {}}),
        ({'v: "x"': None}, {'v:"x"': {}}),
        ({"i:01": {}}, {"i:1": {}}),
        ({"x:future": {}, "f:a": {".": {}}}, {"f:a": {".": {}}}),
        ({"f:b": {}, "f:a": {"f:c": {}, ".": {}}}, {"f:a": {".": {}, "f:c": {}}, "f:b": {}}),
        (None, {}),
    ],
)
def test_sets_of_clients_are_made_canonical(fields: Any, canonical: Any) -> None:
    parsed = fieldset.parse(fields)
    assert parsed == canonical
    assert list(parsed) == list(canonical)


@pytest.mark.parametrize(
    "fields", [[], "x", {"f": {}}, {"name": {}}, {"k:x": {}}, {"k:1": {}}, {"i:x": {}}, {"f:a": 1}]
)
def test_what_is_no_set(fields: Any) -> None:
    with pytest.raises(ValueError):
        fieldset.parse(fields)


def test_order_is_by_value_not_by_text() -> None:
    keys = ['k:{"port":9}', 'k:{"port":80}', 'k:{"port":443}', 'k:{"port":8080}']
    assert list(fieldset.in_order({key: {} for key in sorted(keys)})) == keys
    values = ["v:9", "v:10", 'v:"a"', 'v:"a b"', "v:true"]
    assert list(fieldset.in_order({value: {} for value in sorted(values)})) == values


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("f:spec", "f:containers", 'k:{"name":"c"}', "f:image"), '.spec.containers[name="c"].image'),
        (("f:ports", 'k:{"containerPort":80,"protocol":"TCP"}'), '.ports[containerPort=80,protocol="TCP"]'),
        (("f:finalizers", 'v:"x"'), '.finalizers[="x"]'),
        (("f:list", "i:3"), ".list[3]"),
        (("f:flags", "v:true"), ".flags[=true]"),
    ],
)
def test_paths_in_messages(path: tuple[str, ...], text: str) -> None:
    assert fieldset.path_text(path) == text


def test_paths_share_memory_as_in_go() -> None:
    labels = make([("f:template", "f:metadata", "f:labels", f"f:{name}") for name in "abc"])
    assert [path[-1] for path in fieldset.paths(labels)] == ["f:c", "f:c", "f:c"]
    data = make([("f:data", f"f:{name}") for name in "abc"])
    assert [path[-1] for path in fieldset.paths(data)] == ["f:a", "f:b", "f:c"]
