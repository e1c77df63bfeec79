"""JSON text read as Go's encoding/json does: the same things accepted, the same words for the rest.

What the fast parser refuses is read again the slow way: Go takes more, and says what is wrong in its own words.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

_HTML = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_AFTER = "after top-level value"


class JSONError(ValueError):
    """Not JSON, in Go's words."""


def loads(data: bytes) -> Any:
    """The value of a text, as json.Unmarshal takes it. Raises JSONError."""
    try:
        return _bounded(orjson.loads(data))
    except orjson.JSONDecodeError:
        from fakekube.machinery.unmarshal import syntax_error

        if (error := syntax_error(data)) is not None:
            raise JSONError(error) from None
        return _lenient(data)


def loads_first(data: bytes) -> Any:
    """The first value of a text, as a json.Decoder takes it: what follows is not looked at. Raises JSONError."""
    try:
        return loads(data)
    except JSONError as error:
        text = str(error)
    if text.endswith(_AFTER):
        return _lenient(data)
    if _stops_early(data, text):
        text = "unexpected EOF" if data.strip(b" \t\r\n") else "EOF"
    raise JSONError(text)


def _stops_early(data: bytes, error: str) -> bool:
    """Whether an error is due to the end of the text: at the end another character makes another error."""
    from fakekube.machinery.unmarshal import UNEXPECTED_END, syntax_error

    return error == UNEXPECTED_END or syntax_error(data + b"\x7f") != error


def _bounded(value: Any) -> Any:
    """A value that can be written again, which the depth of it may forbid. Raises JSONError."""
    try:
        orjson.dumps(value)
    except TypeError:
        raise JSONError("invalid character '[' exceeded max depth") from None
    return value


def dumps_sorted(value: Any) -> str:
    """As Go writes maps: keys sorted, what could end a script element escaped."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    for char, escape in _HTML:
        text = text.replace(char, escape)
    return text


class Verbatim(dict[str, Any]):
    """A JSON object that remembers the text it came in, white space and all."""

    text: bytes


def as_sent(value: Any, name: str, data: bytes) -> Any:
    """The value of that member of the object that `data` is, with its text if it is an object itself.

    What comes another way, such as by a patch (`data` is empty), has no text of its own.
    """
    if not isinstance(value, dict):
        return value
    text = _member(data.decode("utf-8", "replace"), name) if data else None
    if text is None:
        return dict(value)
    kept = Verbatim(value)
    kept.text = text.encode()
    return kept


def _member(text: str, name: str) -> str | None:
    """The text of a member of a valid JSON object; of the last one that is called so."""
    decoder = json.JSONDecoder()
    found, at = None, _past(text, text.index("{") + 1)
    while text[at] == '"':
        key, at = decoder.raw_decode(text, at)
        start = _past(text, _past(text, at) + 1)  # the colon
        _, end = decoder.raw_decode(text, start)
        found = text[start:end] if key == name else found
        at = _past(text, end)
        at = _past(text, at + 1) if text[at] == "," else at
    return found


def _past(text: str, at: int) -> int:
    """The place of the next character that is no white space."""
    while text[at] in " \t\r\n":
        at += 1
    return at


def text_of(value: Any) -> bytes:
    """The text it came in, or as Go would write it."""
    return value.text if isinstance(value, Verbatim) else orjson.dumps(value)


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
    """The first value of what Go can read: bytes that are no UTF-8 and lone surrogates turn into U+FFFD."""
    text = data.decode("utf-8", "replace").lstrip(" \t\r\n")
    try:
        value, _ = json.JSONDecoder(parse_int=_integer).raw_decode(text)
        return _bounded(_without_surrogates(value))
    except RecursionError:
        raise JSONError("invalid character '[' exceeded max depth") from None


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
