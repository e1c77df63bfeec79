"""Differences of Go values. The expected texts are what go-cmp prints."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery.godiff import GoType, compare, report, semantically_equal, view
from fakekube.machinery.godiff.edits import Counts, Edit, edit_script
from fakekube.machinery.godiff.values import INT64, INT_OR_STRING, QUANTITY, STRING, Kind, Member, pointer

ITEM = GoType(
    Kind.STRUCT,
    "core.Item",
    fields=(
        Member("Name", "name", STRING),
        Member("Count", "count", pointer(INT64)),
        Member("Port", "port", INT_OR_STRING),
    ),
)
STRINGS, NUMBERS = GoType(Kind.SLICE, "[]string", STRING), GoType(Kind.SLICE, "[]int64", INT64)
LABELS = GoType(Kind.MAP, "map[string]string", STRING)
AMOUNTS = GoType(Kind.MAP, "core.ResourceList", QUANTITY, key_prefix="s")
BOX = GoType(
    Kind.STRUCT,
    "core.Box",
    fields=(
        Member("Items", "items", GoType(Kind.SLICE, "[]core.Item", ITEM)),
        Member("Args", "args", STRINGS),
        Member("Labels", "labels", LABELS),
        Member("Limits", "limits", AMOUNTS),
        Member("Groups", "groups", NUMBERS),
        Member("Size", "size", pointer(QUANTITY, str)),
    ),
)


def difference(x: Any, y: Any, type_: GoType = BOX) -> list[str]:
    return report(compare(type_, view(x, type_), view(y, type_))).expandtabs(2).splitlines()


def test_equal_values_give_nothing() -> None:
    assert difference({"args": ["a"]}, {"args": ["a"]}) == []


@pytest.mark.parametrize(
    ("x", "y", "lines"),
    [
        ({"args": ["a"]}, {}, ["-   Args:   []string{\"a\"},", "+   Args:   nil,"]),
        ({"labels": {"a": "b"}}, {}, ["-   Labels: map[string]string{\"a\": \"b\"},", "+   Labels: nil,"]),
        ({"labels": {}}, {}, ["-   Labels: map[string]string{},", "+   Labels: nil,"]),
    ],
)  # fmt: skip
def test_one_field_that_differs_stands_twice(x: Any, y: Any, lines: list[str]) -> None:
    found = difference(x, y)
    assert [line for line in found if line[0] in "-+"] == lines


def test_equal_neighbours_are_shown_and_the_rest_is_counted() -> None:
    assert difference({"size": "1Gi"}, {"size": "1"}) == [
        "  core.Box{",
        "    ... // 3 identical fields",
        "    Limits: nil,",
        "    Groups: nil,",
        "-   Size:   &resource.Quantity{i: resource.int64Amount{value: 1073741824}, s: \"1Gi\", Format: \"BinarySI\"},",
        "+   Size:   &resource.Quantity{i: resource.int64Amount{value: 1}, s: \"1\", Format: \"DecimalSI\"},",
        "  }",
    ]  # fmt: skip


def test_elements_are_paired_by_likeness() -> None:
    x = {"items": [{"name": "a", "count": 1}, {"name": "b", "port": "http"}, {"name": "c", "port": 80}]}
    y = {"items": [{"name": "a", "count": 1}, {"name": "c", "port": 80}]}
    assert difference(x, y) == [
        "  core.Box{",
        "    Items: []core.Item{",
        '      {Name: "a", Count: &1},',
        '-     {Name: "b", Port: intstr.IntOrString{Type: 1, StrVal: "http"}},',
        '      {Name: "c", Port: {IntVal: 80}},',
        "    },",
        "    Args:   nil,",
        "    Labels: nil,",
        "    ... // 3 identical fields",
        "  }",
    ]


def test_entries_of_a_map_have_its_keys() -> None:
    found = difference({"limits": {"cpu": "1", "memory": "1Gi"}}, {"limits": {"cpu": "2", "memory": "1Gi"}})
    assert found[4:8] == [
        "    Limits: core.ResourceList{",
        '-     s"cpu":    {i: resource.int64Amount{value: 1}, s: "1", Format: "DecimalSI"},',
        '+     s"cpu":    {i: resource.int64Amount{value: 2}, s: "2", Format: "DecimalSI"},',
        '      s"memory": {i: {...}, s: "1Gi", Format: "BinarySI"},',
    ]


def test_numbers_differ_in_rows() -> None:
    assert difference({"groups": [1, 2, 5]}, {"groups": [3, 4, 5]})[4:9] == [
        "    Groups: []int64{",
        "-     1, 2,",
        "+     3, 4,",
        "      5,",
        "    },",
    ]


def test_lines_of_a_text_differ_one_by_one() -> None:
    script = "\n".join(f"echo the number of this line: {number}" for number in range(12))
    changed = script.replace("echo the number of this line: 5\n", "true\n")
    assert difference({"args": ["sh", script]}, {"args": ["sh", changed]})[2:17] == [
        "    Args: []string{",
        '      "sh",',
        "      (",
        '        """',
        "        ... // 3 identical lines",
        "        echo the number of this line: 3",
        "        echo the number of this line: 4",
        "-       echo the number of this line: 5",
        "+       true",
        "        echo the number of this line: 6",
        "        echo the number of this line: 7",
        "        ... // 4 identical lines",
        '        """',
        "      ),",
        "    },",
    ]


def test_a_long_line_differs_in_chunks_of_bytes() -> None:
    x, y = "é" + "a" * 100, "a" * 102
    found = difference({"args": ["sh", x]}, {"args": ["sh", y]})
    assert found[4:12] == [
        "      strings.Join({",
        '-       "é",',
        '+       "aa",',
        f'        "{"a" * 64}",',
        f'        "{"a" * 36}",',
        '      }, ""),',
        "    },",
        "    Labels: nil,",
    ]


@pytest.mark.parametrize(
    ("x", "y", "equal"),
    [
        ({}, {"args": [], "labels": {}}, True),
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "1000m"}}, True),
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "2"}}, False),
        ({"items": [{"count": 0}]}, {"items": [{}]}, False),
        ({"items": [{"name": ""}]}, {"items": [{}]}, True),
        ({"args": ["a"]}, {"args": ["a", "b"]}, False),
        ({"labels": {"a": ""}}, {"labels": {"b": ""}}, False),
    ],
)
def test_what_the_server_sees_as_equal(x: Any, y: Any, equal: bool) -> None:
    assert semantically_equal(BOX, view(x, BOX), view(y, BOX)) is equal


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_an_edit_script_leads_from_one_list_to_the_other(x: list[int], y: list[int]) -> None:
    edits = edit_script(len(x), len(y), lambda i, j: Counts(1, 0) if x[i] == y[j] else Counts(0, 1))
    i = j = 0
    for edit in edits:
        if edit is Edit.SAME:
            assert x[i] == y[j]
        i += edit is not Edit.INSERTED
        j += edit is not Edit.REMOVED
    assert (i, j) == (len(x), len(y))
    assert (x == y) == all(edit is Edit.SAME for edit in edits)


@given(st.text(), st.text())
def test_any_two_texts_can_be_shown(x: str, y: str) -> None:
    x, y = x * 10, y * 10
    assert bool(difference({"args": [x]}, {"args": [y]})) == (x != y)
