"""What the decision record says that a plugin changed."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.admission.changes import changes, frozen


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"spec": {}}, {"spec": {"priority": 0}}, ["spec.priority: 0"]),
        ({"spec": {"a": [{"n": 1}]}}, {"spec": {"a": [{"n": 2}, {"n": 3}]}}, ["spec.a[0].n: 2", 'spec.a[1]: {"n":3}']),
        ({"spec": {"a": [1, 2]}}, {"spec": {"a": [1]}}, ["spec.a: [1]"]),
        ({"spec": {"a": 1}}, {"spec": {}}, ["spec.a: removed"]),
        (
            {"metadata": {"annotations": {"x/y": "1"}}},
            {"metadata": {"annotations": {"x/y": "2"}}},
            ['metadata.annotations[x/y]: "2"'],
        ),
        ({"a": {"b": 1}}, {"a": None}, ["a: null"]),
    ],
)
def test_changes(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    assert changes(frozen(before), frozen(after)) == expected


def test_of_secrets_the_paths_alone() -> None:
    assert changes(frozen({"data": {}}), frozen({"data": {"key": "c2VjcmV0"}}), confidential=True) == ["data.key"]


def test_long_values_are_cut() -> None:
    (line,) = changes(frozen({}), frozen({"a": "x" * 1000}))
    assert len(line) < 250
    assert line.endswith("…")


def test_numbers_that_only_json_knows() -> None:
    assert changes(frozen({"a": 2**80}), frozen({"a": 2**80})) == []
