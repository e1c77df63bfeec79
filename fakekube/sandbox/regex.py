"""POSIX regular expressions in linear time: what people type into a pod must not stop the server.

A pattern becomes a small program whose threads walk the text side by side (Thompson, Pike). The leftmost match is
found, and of those the longest. Back-references are not part of the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from fakekube.sandbox.shell.patterns import CLASSES

PROGRAM_LIMIT = 2_000
"""Instructions of a pattern."""
WORK_LIMIT = 3_000_000
"""Instructions times characters of one search."""
REPEAT_LIMIT = 255
WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
SHORTHANDS = {
    "w": (False, WORD),
    "W": (True, WORD),
    "s": (False, frozenset(" \t\n\r\f\v")),
    "S": (True, frozenset(" \t\n\r\f\v")),
}
SHORTHANDS |= {"d": (False, frozenset("0123456789")), "D": (True, frozenset("0123456789"))}


class RegexProblem(Exception):
    """Not a regular expression, or too much of one."""


class Chars(Struct, frozen=True):
    """A set of characters."""

    negated: bool = False
    singles: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()

    def has(self, char: str) -> bool:
        """Whether it is one of them."""
        found = char in self.singles
        found = found or any(low <= char <= high for low, high in self.ranges)
        found = found or any(CLASSES[name](char) for name in self.classes)
        return found != self.negated


ANY = Chars(True)
Instruction = tuple[str, object, int, int]
"""("char", Chars, next, 0), ("split", None, first, second), ("save", slot, next, 0), ("assert", kind, next, 0),
("match", None, 0, 0)."""


class Match(Struct, frozen=True):
    """Where a pattern was found; groups are (start, end), (-1, -1) for one that took no part."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Of the whole."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Of the whole."""
        return self.spans[0][1]

    def group(self, number: int) -> str:
        """A group's text, "" for none."""
        if number >= len(self.spans) or self.spans[number][0] < 0:
            return ""
        start, end = self.spans[number]
        return self.text[start:end]


class Pattern(Struct):
    """A compiled pattern."""

    program: list[Instruction]
    groups: int
    folded: bool = False
    literal: str | None = None
    """The whole pattern, if it is nothing but text."""

    def search(self, text: str, start: int = 0) -> Match | None:
        """The first match from a position on. Raises RegexProblem if it takes too long."""
        subject = text.lower() if self.folded else text
        if self.literal is not None:
            at = subject.find(self.literal, start)
            return Match(text, ((at, at + len(self.literal)),)) if at >= 0 else None
        if (len(text) - start + 1) * len(self.program) > WORK_LIMIT:
            raise RegexProblem("regular expression too big")
        spans = self._run(subject, start)
        return Match(text, spans) if spans is not None else None

    def each(self, text: str) -> Iterator[Match]:
        """All matches that do not overlap."""
        at = 0
        while at <= len(text) and (found := self.search(text, at)) is not None:
            yield found
            at = found.end if found.end > found.start else found.end + 1

    def _run(self, text: str, start: int) -> tuple[tuple[int, int], ...] | None:
        slots = (-1,) * (2 * self.groups + 2)
        threads: list[tuple[int, tuple[int, ...]]] = []
        best: tuple[int, ...] | None = None
        for at in range(start, len(text) + 1):
            seen: set[int] = set()
            following: list[tuple[int, tuple[int, ...]]] = []
            for pc, saved in threads:
                self._follow(pc, saved, at, text, seen, following)
            if best is None:
                self._follow(0, slots, at, text, seen, following)
            threads = []
            char = text[at] if at < len(text) else ""
            for pc, saved in following:
                kind, value, after, _ = self.program[pc]
                if kind == "match":
                    if best is None or (saved[0], -saved[1]) < (best[0], -best[1]):
                        best = saved
                elif char and isinstance(value, Chars) and value.has(char):
                    threads.append((after, saved))
            if best is not None:
                threads = [thread for thread in threads if thread[1][0] == best[0]]
                if not threads:
                    break
        if best is None:
            return None
        return tuple((best[number], best[number + 1]) for number in range(0, len(best), 2))

    def _follow(
        self,
        pc: int,
        saved: tuple[int, ...],
        at: int,
        text: str,
        seen: set[int],
        out: list[tuple[int, tuple[int, ...]]],
    ) -> None:
        """The threads that a thread becomes before it takes a character."""
        stack = [(pc, saved)]
        while stack:
            pc, saved = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            kind, value, first, second = self.program[pc]
            if kind == "split":
                stack.append((second, saved))
                stack.append((first, saved))
            elif kind == "save":
                slot = int(str(value))
                stack.append((first, (*saved[:slot], at, *saved[slot + 1 :])))
            elif kind == "assert":
                if _holds(str(value), text, at):
                    stack.append((first, saved))
            else:
                out.append((pc, saved))


def _holds(kind: str, text: str, at: int) -> bool:
    before = at > 0 and text[at - 1] in WORD
    after = at < len(text) and text[at] in WORD
    return {
        "^": at == 0,
        "$": at == len(text),
        "b": before != after,
        "B": before == after,
        "<": not before and after,
        ">": before and not after,
    }[kind]


@lru_cache(maxsize=256)
def compiled(text: str, extended: bool = False, ignore_case: bool = False) -> Pattern:
    """A pattern. Raises RegexProblem."""
    source = text.lower() if ignore_case else text
    if not any(char in "\\[].*^$+?(){}|" for char in source):
        return Pattern([], 0, ignore_case, source)
    parser = _Parser(source, extended)
    tree = parser.alternatives()
    if parser.at < len(source):
        raise RegexProblem("Unmatched ) or \\)")
    program: list[Instruction] = [("save", 0, 1, 0)]
    _emit(tree, program)
    program += [("save", 1, len(program) + 1, 0), ("match", None, 0, 0)]
    return Pattern(program, parser.groups, ignore_case)


Tree = tuple[str, Any]
"""("chars", Chars), ("assert", kind), ("seq", [Tree]), ("alt", [Tree]), ("group", (number, Tree)),
("repeat", (Tree, low, high))."""


class _Parser:
    def __init__(self, text: str, extended: bool) -> None:
        self.at = 0
        self.groups = 0
        self._text = text
        self._extended = extended
        self._depth = 0

    def _special(self, name: str) -> bool:
        """Take an operator: bare in extended expressions, behind a backslash in basic ones."""
        wanted = name if self._extended else "\\" + name
        if self._text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def alternatives(self) -> Tree:
        self._depth += 1
        if self._depth > 30:
            raise RegexProblem("regular expression too big")
        branches = [self._sequence()]
        while self._special("|"):
            branches.append(self._sequence())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def _closing(self) -> bool:
        ends = ("|", ")") if self._extended else ("\\|", "\\)")
        return any(self._text.startswith(end, self.at) for end in ends) and (
            self._depth > 1 or not self._text.startswith(")", self.at)
        )

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self._text) and not self._closing():
            first = not parts
            atom = self._atom(first)
            parts.append(self._repeated(atom, first))
        return ("seq", parts)

    def _atom(self, first: bool) -> Tree:
        if self._special("("):
            self.groups += 1
            number = self.groups
            inner = self.alternatives()
            if not self._special(")"):
                raise RegexProblem("Unmatched ( or \\(")
            return ("group", (number, inner))
        char = self._text[self.at]
        self.at += 1
        if char == "^" and (self._extended or first):
            return ("assert", "^")
        if char == "$" and (
            self._extended or self.at == len(self._text) or self._text.startswith(("\\)", "\\|"), self.at)
        ):
            return ("assert", "$")
        if char == ".":
            return ("chars", ANY)
        if char == "[":
            return ("chars", self._set())
        if char == "\\":
            return self._escaped()
        return ("chars", Chars(singles=frozenset(char)))

    def _escaped(self) -> Tree:
        if self.at >= len(self._text):
            raise RegexProblem("Trailing backslash")
        char = self._text[self.at]
        self.at += 1
        if char in SHORTHANDS:
            return ("chars", Chars(*SHORTHANDS[char]))
        if char in "bB<>":
            return ("assert", char)
        if char.isdigit():
            raise RegexProblem("Invalid back reference")
        return ("chars", Chars(singles=frozenset({"n": "\n", "t": "\t"}.get(char, char))))

    def _repeated(self, atom: Tree, first: bool) -> Tree:
        while self.at < len(self._text):
            low, high = 0, -1
            if self._text[self.at] == "*" and not (first and atom == ("assert", "^") and not self._extended):
                self.at += 1
            elif self._special("+"):
                low = 1
            elif self._special("?"):
                high = 1
            elif self._special("{"):
                low, high = self._bounds()
            else:
                break
            atom = ("repeat", (atom, low, high))
        return atom

    def _bounds(self) -> tuple[int, int]:
        end = self._text.find("}", self.at)
        inner = self._text[self.at : end].rstrip("\\") if end >= 0 else "x"
        low, comma, high = inner.partition(",")
        if not (low.isdigit() or comma) or not (high.isdigit() or not high):
            raise RegexProblem("Invalid content of \\{\\}")
        self.at = end + 1
        first = int(low or 0)
        last = (int(high) if high else -1) if comma else first
        if max(first, last) > REPEAT_LIMIT or (0 <= last < first):
            raise RegexProblem("Invalid content of \\{\\}")
        return first, last

    def _set(self) -> Chars:
        text = self._text
        negated = text.startswith("^", self.at)
        self.at += negated
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        first = True
        while True:
            if self.at >= len(text):
                raise RegexProblem("Unmatched [, [^, [:, [., or [=")
            char = text[self.at]
            if char == "]" and not first:
                self.at += 1
                return Chars(negated, frozenset(singles), tuple(ranges), tuple(classes))
            first = False
            end = text.find(":]", self.at) if text.startswith("[:", self.at) else -1
            if end > 0 and text[self.at + 2 : end] in CLASSES:
                classes.append(text[self.at + 2 : end])
                self.at = end + 2
            elif text[self.at + 1 : self.at + 2] == "-" and text[self.at + 2 : self.at + 3] not in ("]", ""):
                ranges.append((char, text[self.at + 2]))
                self.at += 3
            else:
                singles.add(char)
                self.at += 1


def _emit(tree: Tree, program: list[Instruction]) -> None:
    if len(program) > PROGRAM_LIMIT:
        raise RegexProblem("regular expression too big")
    kind, value = tree
    here = len(program)
    match value:
        case Chars():
            program.append(("char", value, here + 1, 0))
        case str():
            program.append(("assert", value, here + 1, 0))
        case [*parts] if kind == "seq":
            for part in parts:
                _emit(part, program)
        case [*branches] if kind == "alt":
            _alternatives(branches, program)
        case (number, inner):
            program.append(("save", 2 * number, here + 1, 0))
            _emit(inner, program)
            program.append(("save", 2 * number + 1, len(program) + 1, 0))
        case (inner, low, high):
            _repetition(inner, low, high, program)


def _alternatives(branches: list[Tree], program: list[Instruction]) -> None:
    ends = []
    for branch in branches[:-1]:
        split = len(program)
        program.append(("split", None, split + 1, 0))
        _emit(branch, program)
        ends.append(len(program))
        program.append(("split", None, 0, 0))
        program[split] = ("split", None, split + 1, len(program))
    _emit(branches[-1], program)
    for end in ends:
        program[end] = ("split", None, len(program), len(program))


def _repetition(inner: Tree, low: int, high: int, program: list[Instruction]) -> None:
    for _ in range(low):
        _emit(inner, program)
    if high < 0:
        split = len(program)
        program.append(("split", None, split + 1, 0))
        _emit(inner, program)
        program.append(("split", None, split, split))
        program[split] = ("split", None, split + 1, len(program))
        return
    splits = []
    for _ in range(high - low):
        splits.append(len(program))
        program.append(("split", None, len(program) + 1, 0))
        _emit(inner, program)
    for split in splits:
        program[split] = ("split", None, split + 1, len(program))
