"""Small checks that the parts of a pod spec are composed of.

A Check is a function of (value, path) that yields what is wrong; the factories make one for a field of an object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.names import DNS_LABEL
from fakekube.machinery.objects import Object

Check = Callable[[Any, Path], Iterator[FieldError]]
Rule = Callable[[str], Iterable[str]]
"""Gives the texts of what is wrong with a string, as machinery.names does."""

MAX_INT32 = 2**31 - 1
MAX_PORT = 65535
POSITIVE = "must be greater than zero"
NEGATIVE = "must be greater than or equal to 0"
WHITESPACE = "must not have leading or trailing whitespace"


def inclusive(low: int, high: int) -> str:
    """How the server names a range."""
    return f"must be between {low} and {high}, inclusive"


def is_label(name: str) -> bool:
    """Whether names.dns_label has nothing to say."""
    return len(name) <= 63 and DNS_LABEL.fullmatch(name) is not None


def breaches(value: str, path: Path, rule: Rule) -> Iterator[FieldError]:
    """Invalid for every text of the rule."""
    for text in rule(value):
        yield invalid(path, value, text)


def in_range(value: int, path: Path, low: int, high: int, text: str = "") -> Iterator[FieldError]:
    """Invalid where the number is outside of [low, high]."""
    if not low <= value <= high:
        yield invalid(path, value, text or inclusive(low, high))


def all_of(*checks: Check) -> Check:
    """Every check in turn."""

    def check(value: Any, path: Path) -> Iterator[FieldError]:
        for one in checks:
            yield from one(value, path)

    return check


def needs(*names: str) -> Check:
    """Required for each of the fields that is empty; "a.b" looks at b of a, where there is an a."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        for name in names:
            if not value.get(name):
                yield required(path / name)

    return check


def needs_in(outer: str, name: str) -> Check:
    """Required where the object `outer` is given without its field `name`."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        inner = value.get(outer)
        if inner is not None and not inner.get(name):
            yield required(path / outer / name)

    return check


def ranged(name: str, low: int, high: int, text: str = "") -> Check:
    """The number `name` is in [low, high] where it is given."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        if (number := value.get(name)) is not None:
            yield from in_range(number, path / name, low, high, text)

    return check


def one_of(name: str, supported: tuple[str, ...]) -> Check:
    """The string `name` is one of an enumeration where it is given."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        text = value.get(name)
        if text is not None and text not in supported:
            yield not_supported(path / name, text, supported)

    return check


def enumerated(name: str, supported: tuple[str, ...]) -> Check:
    """The string `name` is one of an enumeration; Required where it is empty."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        text = value.get(name) or ""
        if not text:
            yield required(path / name)
        elif text not in supported:
            yield not_supported(path / name, text, supported)

    return check


def named(name: str, rule: Rule) -> Check:
    """The string `name` keeps a rule where it is given and not empty."""

    def check(value: Object, path: Path) -> Iterator[FieldError]:
        if text := value.get(name):
            for wrong in rule(text):
                yield invalid(path / name, text, wrong)

    return check
