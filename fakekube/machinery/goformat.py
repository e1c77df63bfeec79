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


def quote(text: str) -> str:
    """%q of a string."""
    import json

    return json.dumps(text, ensure_ascii=False)


def bad_value(value: Any) -> str:
    """As field.Error.ErrorBody prints BadValue: %q of strings, %v of numbers and booleans, %#v of the rest."""
    if value is None:
        return '"null"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    return str(value)
