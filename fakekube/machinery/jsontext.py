"""JSON text read as Go's encoding/json does: the same things accepted, the same words for the rest.

Only texts that the fast parser refuses come to the scanner; it walks them byte by byte like Go's, to say what is wrong.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from fakekube.machinery import goformat

MAX_DEPTH = 300
"""Containers in containers. Go stops at 10,000; what walks values here is recursive, and no object comes near."""
_HTML = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
END = "unexpected end of JSON input"

_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = b"0123456789abcdefABCDEF"
_LITERALS = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}
_CLOSERS = {ord("{"): ord("}"), ord("["): ord("]")}


class JSONError(ValueError):
    """Not JSON, in Go's words. `at_end` tells that the text merely stopped too early."""

    def __init__(self, text: str, at_end: bool = False) -> None:
        super().__init__(text)
        self.at_end = at_end


def loads(data: bytes) -> Any:
    """The value of a text, as json.Unmarshal takes it. Raises JSONError."""
    try:
        return _fast(data)
    except orjson.JSONDecodeError:
        end = _Scanner(data + b" ").value()  # a space is what Go looks for at the end, and finds wrong in "tru"
        rest = data[end:].lstrip(b" \t\r\n")
        if rest:
            raise _unexpected(rest[0], "after top-level value") from None
        return _lenient(data)


def loads_first(data: bytes) -> Any:
    """The first value of a text, as a json.Decoder takes it: what follows is not looked at. Raises JSONError."""
    try:
        return _fast(data)
    except orjson.JSONDecodeError:
        try:
            end = _Scanner(data).value()
        except JSONError as error:
            if error.at_end:
                raise JSONError("unexpected EOF" if data.strip(b" \t\r\n") else "EOF", True) from None
            raise
        return _lenient(data[:end])


def _fast(data: bytes) -> Any:
    value = orjson.loads(data)
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _Scanner(data).value()
    return value


def dumps_sorted(value: Any) -> str:
    """As Go writes maps: keys sorted, what could end a script element escaped."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    for char, escape in _HTML:
        text = text.replace(char, escape)
    return text


def kind_of(value: Any) -> str:
    """What json.UnmarshalTypeError calls a value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"


def mismatch(value: Any, go_type: str) -> str:
    """The text for a value of another kind than the Go type has."""
    return f"json: cannot unmarshal {kind_of(value)} into Go value of type {go_type}"


def _lenient(data: bytes) -> Any:
    """Valid for Go: bytes that are no UTF-8 and lone surrogates turn into U+FFFD."""
    try:
        value = json.loads(data.decode("utf-8", "replace"), parse_int=_integer)
    except (RecursionError, ValueError) as error:
        raise JSONError(str(error)) from None
    return _without_surrogates(value)


def _integer(text: str) -> int | float:
    return int(text) if len(text) < 20 and abs(int(text)) < 1 << 63 else float(text)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def _unexpected(code: int, where: str) -> JSONError:
    char = {ord("'"): r"\'", ord('"'): '"'}.get(code) or goformat.quote(chr(code))[1:-1]
    return JSONError(f"invalid character '{char}' {where}")


class _Scanner:
    """Walks one text. Every method takes a position and gives the one behind what it read."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def value(self) -> int:
        """Walk the first value, without recursion: `open_` holds the closers that are still to come."""
        open_: list[int] = []
        at = self._begin(self._skip(0), open_)
        while open_:
            at = self._continue(self._skip(at), open_)
        return at

    def _peek(self, at: int) -> int:
        if at >= len(self.data):
            raise JSONError(END, at_end=True)
        return self.data[at]

    def _skip(self, at: int) -> int:
        return _SPACE.match(self.data, at).end()  # type: ignore[union-attr]

    def _expect(self, at: int, code: int, where: str) -> int:
        if (found := self._peek(at)) != code:
            raise _unexpected(found, where)
        return at + 1

    def _begin(self, at: int, open_: list[int]) -> int:
        code = self._peek(at)
        if code in _CLOSERS:
            return self._enter(at, code, open_)
        if code == ord('"'):
            return self._string(at + 1)
        if code == ord("-") or ord("0") <= code <= ord("9"):
            return self._number(at)
        if (literal := _LITERALS.get(code)) is not None:
            return self._literal(at, literal)
        raise _unexpected(code, "looking for beginning of value")

    def _enter(self, at: int, code: int, open_: list[int]) -> int:
        open_.append(_CLOSERS[code])
        if len(open_) > MAX_DEPTH:
            raise _unexpected(code, "exceeded max depth")
        at = self._skip(at + 1)
        if self._peek(at) == open_[-1]:
            open_.pop()
            return at + 1
        return self._key(at, open_) if code == ord("{") else self._begin(at, open_)

    def _key(self, at: int, open_: list[int]) -> int:
        at = self._string(self._expect(at, ord('"'), "looking for beginning of object key string"))
        at = self._expect(self._skip(at), ord(":"), "after object key")
        return self._begin(self._skip(at), open_)

    def _continue(self, at: int, open_: list[int]) -> int:
        """Behind an element: the next one, or the end of its container."""
        code, in_object = self._peek(at), open_[-1] == ord("}")
        if code == open_[-1]:
            open_.pop()
            return at + 1
        if code != ord(","):
            raise _unexpected(code, "after object key:value pair" if in_object else "after array element")
        at = self._skip(at + 1)
        return self._key(at, open_) if in_object else self._begin(at, open_)

    def _string(self, at: int) -> int:
        while True:
            at = _PLAIN.match(self.data, at).end()  # type: ignore[union-attr]
            code = self._peek(at)
            if code == ord('"'):
                return at + 1
            if code != ord("\\"):
                raise _unexpected(code, "in string literal")
            at = self._escape(at + 1)

    def _escape(self, at: int) -> int:
        code = self._peek(at)
        if code in b'bfnrt\\/"':
            return at + 1
        if code != ord("u"):
            raise _unexpected(code, "in string escape code")
        for place in range(at + 1, at + 5):
            if self._peek(place) not in _HEX:
                raise _unexpected(self.data[place], "in \\u hexadecimal character escape")
        return at + 5

    def _literal(self, at: int, literal: bytes) -> int:
        for offset, code in enumerate(literal):
            self._expect(at + offset, code, f"in literal {literal.decode()} (expecting '{chr(code)}')")
        return at + len(literal)

    def _number(self, at: int) -> int:
        if self.data[at] == ord("-"):
            at += 1
        at = at + 1 if self._peek(at) == ord("0") else self._digits(at, "in numeric literal")
        if self.data[at : at + 1] == b".":
            at = self._digits(at + 1, "after decimal point in numeric literal")
        if self.data[at : at + 1] in (b"e", b"E"):
            at += 2 if self.data[at + 1 : at + 2] in (b"+", b"-") else 1
            at = self._digits(at, "in exponent of numeric literal")
        return at

    def _digits(self, at: int, where: str) -> int:
        if not ord("0") <= self._peek(at) <= ord("9"):
            raise _unexpected(self.data[at], where)
        while self.data[at : at + 1].isdigit():
            at += 1
        return at


_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def base64_error(text: str) -> int | None:
    """Where Go's base64.StdEncoding finds illegal data, None where it finds none. Line ends count for nothing."""
    quantum = 0  # characters read of the current group of four
    for at, char in enumerate(text):
        if char in "\r\n":
            continue
        if char == "=":
            return _padding_error(text, at, quantum)
        if char not in _ALPHABET:
            return at
        quantum = (quantum + 1) % 4
    return len(text) - quantum if quantum else None


def _padding_error(text: str, at: int, quantum: int) -> int | None:
    if quantum < 2:
        return at
    if quantum == 2:
        at = _next_data(text, at + 1)
        if at == len(text):
            return at
        if text[at] != "=":
            return at - 1
    rest = _next_data(text, at + 1)
    return rest if rest < len(text) else None


def _next_data(text: str, at: int) -> int:
    while at < len(text) and text[at] in "\r\n":
        at += 1
    return at
