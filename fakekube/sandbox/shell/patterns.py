"""Shell patterns, matched in steps that grow with text times pattern, never faster."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

CLASSES: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha,
    "digit": str.isdigit,
    "alnum": str.isalnum,
    "upper": str.isupper,
    "lower": str.islower,
    "space": str.isspace,
    "blank": lambda char: char in " \t",
    "punct": lambda char: char.isprintable() and not char.isalnum() and not char.isspace(),
    "print": str.isprintable,
    "graph": lambda char: char.isprintable() and char != " ",
    "cntrl": lambda char: ord(char) < 32 or ord(char) == 127,
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
}


class Set(Struct, frozen=True):
    """[...]"""

    negated: bool
    singles: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]

    def matches(self, char: str) -> bool:
        """Whether a character is in it."""
        found = (
            char in self.singles
            or any(low <= char <= high for low, high in self.ranges)
            or any(CLASSES[name](char) for name in self.classes)
        )
        return found != self.negated


STAR, ANY = "*", "?"
Item = tuple[str, Set | str | None]
"""("*", None), ("?", None), ("=", char) or ("[", set)."""
Piece = tuple[str, bool]
"""Text, and whether it is literal."""


def compiled(pieces: list[Piece]) -> list[Item]:
    """A pattern out of its pieces."""
    flat = [(char, literal) for text, literal in pieces for char in text]
    items: list[Item] = []
    at = 0
    while at < len(flat):
        char, literal = flat[at]
        at += 1
        if literal:
            items.append(("=", char))
        elif char == "*":
            if not items or items[-1][0] != STAR:
                items.append((STAR, None))
        elif char == "?":
            items.append((ANY, None))
        elif char == "[" and (found := _set(flat, at)) is not None:
            items.append(("[", found[0]))
            at = found[1]
        elif char == "\\" and at < len(flat):
            items.append(("=", flat[at][0]))
            at += 1
        else:
            items.append(("=", char))
    return items


def _set(flat: list[Piece], at: int) -> tuple[Set, int] | None:
    """The set that begins there, and where it ends; None if it does not end."""
    negated = at < len(flat) and flat[at] in (("!", False), ("^", False))
    at += negated
    singles: set[str] = set()
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    first = True
    text = "".join(char for char, _ in flat)
    while at < len(flat):
        char, literal = flat[at]
        if char == "]" and not literal and not first:
            return Set(negated, frozenset(singles), tuple(ranges), tuple(classes)), at + 1
        first = False
        named = re.compile(r"\[:([a-z]+):\]").match(text, at) if char == "[" else None
        if named is not None and named[1] in CLASSES:
            classes.append(named[1])
            at = named.end()
        elif at + 2 < len(flat) and flat[at + 1] == ("-", False) and flat[at + 2][0] != "]":
            ranges.append((char, flat[at + 2][0]))
            at += 3
        else:
            singles.add(char)
            at += 1
    return None


def _fits(item: Item, char: str) -> bool:
    kind, value = item
    if kind == "=":
        return value == char
    return kind == ANY or (isinstance(value, Set) and value.matches(char))


def matches(items: list[Item], text: str) -> bool:
    """Whether the whole text fits."""
    at = item = 0
    star, mark = -1, 0
    while at < len(text):
        if item < len(items) and items[item][0] == STAR:
            star, mark = item, at
            item += 1
        elif item < len(items) and _fits(items[item], text[at]):
            at += 1
            item += 1
        elif star >= 0:
            mark += 1
            at, item = mark, star + 1
        else:
            return False
    return all(kind == STAR for kind, _ in items[item:])


def prefix_ends(items: list[Item], text: str) -> list[int]:
    """Every length of a beginning of the text that fits, upwards."""
    states, ends = _closed({0}, items), []
    for at in range(len(text) + 1):
        if len(items) in states:
            ends.append(at)
        if at == len(text) or not states:
            break
        following = set()
        for state in states:
            if state < len(items) and (items[state][0] == STAR or _fits(items[state], text[at])):
                following.add(state if items[state][0] == STAR else state + 1)
        states = _closed(following, items)
    return ends


def _closed(states: set[int], items: list[Item]) -> set[int]:
    """With what a star may leave out."""
    for state in list(states):
        while state < len(items) and items[state][0] == STAR:
            state += 1
            states.add(state)
    return states


def is_pattern(pieces: list[Piece]) -> bool:
    """Whether there is anything in it that is not literal."""
    return any(not literal and any(char in "*?[" for char in text) for text, literal in pieces)
