"""JSON values as YAML, quoted, ordered and folded as gopkg.in/yaml.v2 writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import yaml

from fakekube.machinery import goyaml

BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
"""Numbers to the eyes of other readers."""
BOTH = (True, True)


def dump(value: Any) -> str:
    """One document."""
    dumper = getattr(yaml, "CDumper", yaml.Dumper)
    text: str = yaml.emit(_document(value), Dumper=dumper, allow_unicode=True)
    return text


def _document(value: Any) -> Iterator[yaml.Event]:
    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    yield from _events(value)
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _events(value: Any) -> Iterator[yaml.Event]:
    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not value)
        for key in sorted(value, key=cmp_to_key(compare_keys)):
            yield from _events(key)
            yield from _events(value[key])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not value)
        for item in value:
            yield from _events(item)
        yield yaml.SequenceEndEvent()
    else:
        text, style = _scalar(value)
        yield yaml.ScalarEvent(None, None, BOTH, text, style=style)


def _scalar(value: Any) -> tuple[str, str | None]:
    """(text, style); None is plain, which the emitter quotes where it has to."""
    if value is None:
        return "null", None
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, str):
        if "\n" in value:
            return value, "|"
        return value, None if goyaml.is_text(value) and not BASE_60.fullmatch(value) else '"'
    return (_float(value) if isinstance(value, float) else str(value)), None


def _float(value: float) -> str:
    """%g with as few digits as tell it from other numbers: with an exponent from 1e+06 and 1e-05 on."""
    exact = Decimal(repr(value)).normalize()
    digits = "".join(map(str, exact.as_tuple().digits))
    if -4 <= (exponent := exact.adjusted()) < 6:
        return f"{exact:f}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{'-' if value < 0 else ''}{digits[0]}{fraction}e{exponent:+03d}"


def compare_keys(one: str, other: str) -> int:
    """As yaml.v2 sorts: numbers inside of names by their value, letters after everything else."""
    index = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if index is None:
        return len(one) - len(other)
    a, b = one[index], other[index]
    if a.isalpha() and b.isalpha():
        return -1 if a < b else 1
    if a.isalpha() or b.isalpha():
        return -1 if b.isalpha() else 1
    start = 1 if "0" in (a, b) and _counts_before(one[:index]) else 0
    first, second = (_number(text[index:], start) for text in (one, other))
    return -1 if (*first, a) < (*second, b) else 1


def _counts_before(text: str) -> bool:
    """Whether the digits at the end of the common part are more than zeros."""
    digits = text[len(text.rstrip("0123456789")) :]
    return digits.strip("0") != ""


def _number(text: str, start: int) -> tuple[int, int]:
    """(value, digits) of the number at the beginning; `start` stands for what comes before it."""
    count = len(text) - len(text.lstrip("0123456789"))
    return int(f"{start}{text[:count]}"), count
