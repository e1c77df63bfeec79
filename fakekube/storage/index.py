"""Objects of a collection by something that they say about themselves, kept up with every change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from fakekube.machinery.objects import Object

E = TypeVar("E")
Value = Callable[[Object], Hashable]
"""What an object is found by."""


class Index(Generic[E]):
    """value -> names and entries."""

    def __init__(self, value: Value) -> None:
        self._value = value
        self._found: dict[Hashable, dict[str, E]] = {}

    def get(self, value: Hashable) -> list[E]:
        """The entries with that value, in the order of their names."""
        return [entry for _, entry in sorted(self._found.get(value, {}).items(), key=_name)]

    def fill(self, entries: Iterable[tuple[str, Object, E]]) -> None:
        """Take all of them in."""
        for name, obj, entry in entries:
            self._found.setdefault(self._value(obj), {})[name] = entry

    def move(self, name: str, old: Object | None, new: Object | None, entry: E) -> None:
        """Follow a change; None: it was not there before, or is not any more."""
        before = None if old is None else self._value(old)
        after = None if new is None else self._value(new)
        if before is not None and before != after:
            there = self._found[before]
            del there[name]
            if not there:
                del self._found[before]
        if after is not None:
            self._found.setdefault(after, {})[name] = entry


def _name(item: tuple[str, object]) -> str:
    return item[0]
