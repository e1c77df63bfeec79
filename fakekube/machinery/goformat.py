"""Values printed the way Go's fmt prints them, because clients see it in error messages.

The full formatter (structs by their schema type) grows here; `bad_value` is what a FieldError prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Go:
    """A value with the Go type that the real server holds it in, such as "core.Volume" or "[]string"."""

    value: Any
    type: str


_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quote(text: str) -> str:
    """%q of a string: what cannot be printed is escaped."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    code = ord(char)
    if (escape := _ESCAPES.get(code)) is not None:
        return escape
    if char.isprintable():
        return char
    if 0xD800 <= code < 0xE000:  # Go's strings have no surrogates
        return "\ufffd"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def bad_value(value: Any) -> str:
    """As field.Error.ErrorBody prints BadValue: %q of strings, %v of numbers and booleans, %#v of the rest."""
    if value is None:
        return '"null"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    return str(value)
