"""YAML as gopkg.in/yaml.v2 writes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import goyaml, yamltext


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "b"}, "a: b\n"),
        ({"a": ""}, 'a: ""\n'),
        ({"a": "true"}, 'a: "true"\n'),
        ({"a": "1"}, 'a: "1"\n'),
        ({"a": "0123"}, 'a: "0123"\n'),
        ({"a": "1:20"}, 'a: "1:20"\n'),
        ({"a": "2020-01-01"}, 'a: "2020-01-01"\n'),
        ({"a": "null"}, 'a: "null"\n'),
        ({"a": "a: b"}, "a: 'a: b'\n"),
        ({"a": "#x"}, "a: '#x'\n"),
        ({"a": " lead"}, "a: ' lead'\n"),
        ({"a": "x\ty"}, 'a: "x\\ty"\n'),
        ({"a": "\u00fc"}, "a: \u00fc\n"),
        ({"a": "one\n  two\n"}, "a: |\n  one\n    two\n"),
        ({"a": {}, "b": [], "c": None}, "a: {}\nb: []\nc: null\n"),
        ({"a": [1, True, {"b": "c", "d": 1}]}, "a:\n- 1\n- true\n- b: c\n  d: 1\n"),
        ({"a10": 1, "a9": 2, "a-b": 3, "aB": 4}, "a-b: 3\na9: 2\na10: 1\naB: 4\n"),
        ({"a": 1.5, "b": 1e6 + 0.5, "c": 0.00001, "d": -2.0}, "a: 1.5\nb: 1.0000005e+06\nc: 1e-05\nd: -2\n"),
    ],
)
def test_documents(value: Any, text: str) -> None:
    assert yamltext.dump(value) == text


def test_long_lines_are_folded() -> None:
    text = yamltext.dump({"a": "word " * 30 + "end: x"})
    assert max(map(len, text.splitlines())) <= 84
    assert goyaml.load(text.encode()) == {"a": "word " * 30 + "end: x"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[a-z0-9./-]{1,8}", fullmatch=True), VALUES, max_size=4))
def test_what_is_written_is_read_again(value: dict[str, Any]) -> None:
    assert goyaml.load(yamltext.dump(value).encode()) == value
