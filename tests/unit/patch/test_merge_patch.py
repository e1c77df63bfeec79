from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery.patch import merge_patch
from fakekube.machinery.status import StatusError


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [  # the first ones are RFC 7396's own
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": {"b": 1}}, {"a": ["x", None, {"c": None}]}, {"a": ["x", None, {"c": None}]}),
        ({"a": 1}, {"a": ["x", None, {"c": None}]}, {"a": ["x", {}]}),
        ({"a": {"b": 1}}, {}, {"a": {"b": 1}}),
    ],
)
def test_merging(document: Any, patch: Any, expected: Any) -> None:
    before = copy.deepcopy((document, patch))
    assert merge_patch.apply(document, patch) == expected
    assert (document, patch) == before


def test_keys_come_sorted_where_the_patch_looked() -> None:
    document = {"kind": "K", "metadata": {"name": "n", "labels": {"z": "1"}}, "data": {"y": "1", "x": "2"}}
    result = merge_patch.apply(document, {"metadata": {"annotations": {"b": "1", "a": "2"}}})
    assert json.dumps(result) == (
        '{"data": {"y": "1", "x": "2"}, "kind": "K", '
        '"metadata": {"annotations": {"a": "2", "b": "1"}, "labels": {"z": "1"}, "name": "n"}}'
    )


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'"x"', b"7", b"data: {}\n", b'{"a":1} x'])
def test_bodies_that_are_no_patch(body: bytes) -> None:
    with pytest.raises(StatusError) as caught:
        merge_patch.decode(body)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (500, "", "Invalid JSON Patch")


def test_a_list_becomes_the_document_and_is_none() -> None:
    with pytest.raises(StatusError) as caught:
        merge_patch.apply({"kind": "K"}, merge_patch.decode(b"[null, 1]"))
    assert caught.value.code == 422
    assert caught.value.message.startswith(
        ' "" is invalid: patch: Invalid value: "[1]": couldn\'t get version/kind; json parse error: '
    )


leaves = st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=1), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text("abc", max_size=1), values, max_size=3)


@given(documents, documents)
def test_the_difference_makes_the_new_of_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_patch.apply(old, merge_patch.diff(old, new)) == new


@given(documents)
def test_equal_documents_have_no_difference(document: dict[str, Any]) -> None:
    assert merge_patch.diff(document, copy.deepcopy(document)) == {}


@given(documents, documents)
def test_the_same_patch_twice_changes_nothing_more(document: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merge_patch.apply(document, patch)
    assert merge_patch.apply(once, patch) == once
