"""JSON values as Python has them (dict, list, str, int, float, bool, None): copied, compared, sorted."""

from __future__ import annotations

from typing import Any

import orjson


def deep_copy(value: Any) -> Any:
    """A copy that shares nothing mutable with `value`. Writing and reading it is the quickest way."""
    return orjson.loads(orjson.dumps(value)) if isinstance(value, (dict, list)) else value


def equal(left: Any, right: Any) -> bool:
    """Equal as JSON: Python's == takes 1, 1.0 and true for the same."""
    return bool(left == right) and _same_scalars(left, right)


def _same_scalars(left: Any, right: Any) -> bool:
    """Whether two values that Python holds for equal have numbers and booleans of the same types."""
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is dict:
        return all(_same_scalars(value, right[key]) for key, value in left.items())
    if kind is list:
        return all(map(_same_scalars, left, right))
    return True


def canonical(value: Any) -> bytes:
    """Compact JSON with sorted keys: equal values have equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


INT64 = range(-(2**63), 2**63)
WRITABLE = range(-(2**63), 2**64)
"""What the encoder writes in full; whole numbers beyond it keep their exponent, of which Go's has none below 1e21."""


def go_number(number: float) -> int | float:
    """A float64 as Go writes it: a whole one in full, with the fewest digits that stand for it."""
    if not number.is_integer():
        return number
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    written = int(whole + fraction) * 10 ** (int(exponent or 0) - len(fraction))
    return written if written in WRITABLE else number


def as_go_keeps_it(value: Any) -> Any:
    """JSON of no known type: whole numbers of 64 bits, others are float64; keys are sorted."""
    if isinstance(value, dict):
        return {key: as_go_keeps_it(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [as_go_keeps_it(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int) and value in INT64:
        return value
    return go_number(float(value))
