"""expr, the small calculator: by recursive descent over its words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fakekube.sandbox.kernel import Proc, Program
from fakekube.sandbox.regex import RegexProblem, compiled

LEVELS: tuple[tuple[str, ...], ...] = (
    ("|",),
    ("&",),
    ("=", "==", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
    (":",),
)
"""Operators, the weakest first."""
DEPTH = 50


class Problem(Exception):
    """No expression."""


async def expr(proc: Proc) -> int:
    """The value; the code says whether it is neither zero nor empty."""
    try:
        value = Expression(proc.argv[1:]).whole()
    except (Problem, RegexProblem) as problem:
        return await proc.fail(str(problem), 2)
    await proc.out(f"{value}\n")
    return int(value in ("", "0"))


class Expression:
    """Values are texts."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        """Raises Problem."""
        if not self._words:
            raise Problem("too few arguments")
        value = self._level(0)
        if self._at < len(self._words):
            raise Problem("syntax error")
        return value

    def _next(self) -> str:
        if self._at >= len(self._words):
            raise Problem("syntax error")
        self._at += 1
        return self._words[self._at - 1]

    def _level(self, level: int) -> str:
        if level == len(LEVELS):
            return self._primary()
        value = self._level(level + 1)
        while self._at < len(self._words) and self._words[self._at] in LEVELS[level]:
            operator = self._next()
            value = combined(value, operator, self._level(level + 1))
        return value

    def _primary(self) -> str:
        word = self._next()
        if word == "(":
            self._depth += 1
            if self._depth > DEPTH:
                raise Problem("syntax error")
            value = self._level(0)
            if self._next() != ")":
                raise Problem("syntax error")
            return value
        if self._at >= len(self._words):
            return word
        match word:
            case "quote":
                return self._next()
            case "length":
                return str(len(self._primary()))
            case "match":
                return matched(self._primary(), self._primary())
            case "index":
                text, wanted = self._primary(), self._primary()
                return str(next((at for at, char in enumerate(text, 1) if char in wanted), 0))
            case "substr":
                text, start, length = self._primary(), number(self._primary()), number(self._primary())
                return text[start - 1 : start - 1 + length] if start > 0 and length > 0 else ""
        return word


def number(text: str) -> int:
    """Raises Problem."""
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise Problem("non-numeric argument")
    return int(text)


def combined(left: str, operator: str, right: str) -> str:
    """The value of an operation. Raises Problem."""
    match operator:
        case "|":
            return left if left not in ("", "0") else right
        case "&":
            return left if left not in ("", "0") and right not in ("", "0") else "0"
        case ":":
            return matched(left, right)
    if operator in LEVELS[2]:
        return str(int(_relation(left, operator, right)))
    return str(_calculated(number(left), operator, number(right)))


def matched(text: str, pattern: str) -> str:
    """What a pattern's group takes of the beginning, or without a group how much it takes."""
    found = compiled(pattern).search(text)
    hit = found if found is not None and found.start == 0 else None
    if "\\(" in pattern:
        group = hit.group(1) if hit is not None else None
        return group or ""
    return str(hit.end if hit is not None else 0)


def _calculated(left: int, operator: str, right: int) -> int:
    if operator in "+-*":
        return {"+": left + right, "-": left - right, "*": left * right}[operator]
    if right == 0:
        raise Problem("division by zero")
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient if operator == "/" else left - quotient * right


def _relation(left: str, operator: str, right: str) -> bool:
    numeric = all(re.fullmatch(r"-?\d{1,30}", text) for text in (left, right))
    one, other = (int(left), int(right)) if numeric else (left, right)
    order = (one > other) - (one < other)  # type: ignore[operator]
    fitting = {"=": (0,), "==": (0,), "!=": (1, -1), "<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (1, 0)}
    return order in fitting[operator]


PROGRAMS: Mapping[str, Program] = {"expr": expr}
