from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import jsontext, jsonvalues


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"a"', "unexpected end of JSON input"),
        (b"{a:1}", "invalid character 'a' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'"\x01"', "invalid character '\\x01' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1ex", "invalid character 'x' in exponent of numeric literal"),
        (b"tru", "invalid character ' ' in literal true (expecting 'e')"),
        (b"[1.", "invalid character ' ' after decimal point in numeric literal"),
        (b"trie", "invalid character 'i' in literal true (expecting 'u')"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b"01", "invalid character '1' after top-level value"),
        (b"'a'", "invalid character '\\'' looking for beginning of value"),
        (b"[" * 400 + b"]" * 400, "invalid character '[' exceeded max depth"),
    ],
)
def test_what_is_wrong(data: bytes, text: str) -> None:
    with pytest.raises(jsontext.JSONError) as caught:
        jsontext.loads(data)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'"\\ud800x"', "\ufffdx"),
        (b'"\xff"', "\ufffd"),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'["\xff", 1, 1.5, null]', ["\ufffd", 1, 1.5, None]),
    ],
)
def test_what_go_lets_pass(data: bytes, value: Any) -> None:
    assert jsontext.loads(data) == value


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"  ", "EOF"),
        (b"[1", "unexpected EOF"),
        (b"tru", "unexpected EOF"),
        (b"tru e", "invalid character ' ' in literal true"),
        (b"x", "invalid character 'x'"),
    ],
)
def test_a_stream_ends_otherwise(data: bytes, text: str) -> None:
    with pytest.raises(jsontext.JSONError, match=f"^{text}"):
        jsontext.loads_first(data)


def refuse(constant: str) -> None:
    raise ValueError(constant)


@given(st.binary(max_size=30) | st.text('[]{}",:-0123eE.\\nul', max_size=12).map(str.encode))
def test_refuses_what_python_refuses(data: bytes) -> None:
    try:
        jsontext.loads(data)
    except jsontext.JSONError:
        with pytest.raises(ValueError):
            json.loads(data.decode("utf-8", "replace"), parse_constant=refuse)
    else:
        json.loads(data.decode("utf-8", "replace"), parse_constant=refuse)


@given(st.text("AZaz09+/=\n -", max_size=9))
def test_base64_is_refused_where_python_refuses_it(text: str) -> None:
    if jsontext.base64_error(text) is None:
        base64.b64decode(text.replace("\n", ""), validate=True)


@given(st.binary())
def test_base64_is_accepted(data: bytes) -> None:
    assert jsontext.base64_error(base64.encodebytes(data).decode()) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [("", None), ("AAAA", None), ("AA==", None), ("A", 0), ("AAA", 0), ("AAAA=", 4), ("A-AA", 1), ("AA=A", 2)],
)
def test_where_base64_is_wrong(text: str, at: int | None) -> None:
    assert jsontext.base64_error(text) == at


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        ([1], [True], False),
        ({"a": 0}, {"a": False}, False),
        ({}, {}, True),
    ],
)
def test_equality_is_that_of_json(left: Any, right: Any, same: bool) -> None:
    assert jsonvalues.equal(left, right) is same


def test_a_copy_shares_nothing() -> None:
    value = {"a": [{"b": []}], "c": 1}
    copied = jsonvalues.deep_copy(value)
    copied["a"][0]["b"].append(1)
    assert value == {"a": [{"b": []}], "c": 1}
