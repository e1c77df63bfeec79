"""The JSONPath that the server itself evaluates: the columns that custom resources add to tables.

    .spec.replicas   .status.conditions[?(@.type=="Ready")].status   .items[*].name   .a[0]   .a[-1]   .a['b.c']

Follows client-go's util/jsonpath as far as such paths need it: missing fields give nothing and are no error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Step = Callable[[Any], Iterator[Any]]


class PathError(ValueError):
    """The path cannot be understood."""


_STEP = re.compile(
    r"""\.\.(?P<deep>[^.\[\]]+)
    | \.(?P<field>(?:\\.|[^.\[\]])+)
    | \[\s*'(?P<quoted>(?:\\.|[^'])*)'\s*\]
    | \[\s*"(?P<double>(?:\\.|[^"])*)"\s*\]
    | \[\s*\?\(\s*(?P<filter>.*?)\s*\)\s*\](?=[.\[]|$)
    | \[\s*(?P<range>-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d*)?)\s*\]
    | \[\s*(?P<index>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
    | \[\s*(?P<star>\*)\s*\]
    | (?P<dot>\.)$""",
    re.VERBOSE,
)
_FILTER = re.compile(r"""@(?P<path>[^=<>!]*?)\s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<literal>.+))?""")


class JSONPath:
    """A path that has been understood; `find` may be called any number of times."""

    def __init__(self, text: str) -> None:
        """Raises PathError. Braces around the path are allowed: "{.spec.x}"."""
        self.text = text
        inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
        inner = inner.removeprefix("$").removeprefix("@")
        self._steps = tuple(_steps(inner if inner[:1] in (".", "[", "") else f".{inner}"))

    def find(self, document: Any) -> list[Any]:
        """What the path leads to, in order."""
        found = [document]
        for step in self._steps:
            found = [item for value in found for item in step(value)]
        return found


def _steps(text: str) -> Iterator[Step]:
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise PathError(f"unrecognized path at {text[position:]!r}")
        position = match.end()
        kind, value = next(item for item in match.groupdict().items() if item[1] is not None)
        if kind != "dot":
            yield _MAKERS[kind](value)


def _field(name: str) -> Step:
    key = re.sub(r"\\(.)", r"\1", name)
    if key == "*":
        return _members

    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and key in value:
            yield value[key]

    return step


def _members(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _deep(name: str) -> Step:
    """Fields of that name at any depth."""

    def step(value: Any) -> Iterator[Any]:
        pending = [value]
        while pending:
            item = pending.pop()
            if isinstance(item, dict) and name in item:
                yield item[name]
            pending.extend(reversed(list(_members(item))))

    return step


def _index(text: str) -> Step:
    indices = [int(part) for part in text.split(",")]

    def step(value: Any) -> Iterator[Any]:
        for index in indices:
            if isinstance(value, list) and -len(value) <= index < len(value):
                yield value[index]

    return step


def _range(text: str) -> Step:
    bounds = slice(*(int(part) if part.strip() else None for part in text.split(":")))
    if bounds.step is not None and bounds.step < 1:
        raise PathError("step must be > 0")

    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[bounds]

    return step


def _filter(text: str) -> Step:
    match = _FILTER.fullmatch(text)
    if match is None:
        raise PathError(f"unrecognized filter {text!r}")
    path = JSONPath(match["path"].strip())
    operator, literal = match["operator"], match["literal"]
    wanted = _literal(literal) if literal is not None else None

    def step(value: Any) -> Iterator[Any]:
        for item in _members(value):
            found = path.find(item)
            if found and (operator is None or _compare(operator, found[0], wanted)):
                yield item

    return step


def _literal(text: str) -> Any:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        raise PathError(f"unrecognized literal {text!r}") from None


def _compare(operator: str, left: Any, right: Any) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (left, right))
    if not numbers and type(left) is not type(right):
        return False
    return bool(_OPERATORS[operator](left, right))


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

_MAKERS: dict[str, Callable[[str], Step]] = {
    "field": _field,
    "quoted": _field,
    "double": _field,
    "deep": _deep,
    "index": _index,
    "range": _range,
    "filter": _filter,
    "star": lambda _: _members,
}
