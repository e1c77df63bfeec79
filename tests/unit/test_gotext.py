from __future__ import annotations

from typing import Any

import pytest

from fakekube.machinery import gotext


@pytest.mark.parametrize(
    ("value", "text", "syntax"),
    [
        (None, "<nil>", "interface {}(nil)"),
        (True, "true", "true"),
        ("x", "x", '"x"'),
        (7, "7", "7"),
        (1.5, "1.5", "1.5"),
        (1000000.0, "1e+06", "1e+06"),
        (0.00001, "1e-05", "1e-05"),
        ([1, "a", None], "[1 a <nil>]", '[]interface {}{1, "a", interface {}(nil)}'),
        ({"b": [], "a": {"c": 1}}, "map[a:map[c:1] b:[]]", None),
        ({"b": "x", "a": 1}, "map[a:1 b:x]", 'map[string]interface {}{"a":1, "b":"x"}'),
    ],
)
def test_values_as_go_prints_them(value: Any, text: str, syntax: str | None) -> None:
    assert gotext.text(value) == text
    assert syntax is None or gotext.syntax(value) == syntax
