"""Command lines: getopt as busybox has it, and what is said about files that cannot be had."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress

from fakekube.sandbox.kernel import Exit, Handle, Proc

BARE = frozenset(("head", "wc", "grep", "egrep", "fgrep", "sed", "awk"))
"""Programs that complain of a file by its name alone."""


class Usage(Exception):
    """The command line makes no sense."""


async def parse(
    proc: Proc, flags: str, valued: str = "", long: Mapping[str, str] | None = None, permute: bool = True
) -> tuple[dict[str, list[str]], list[str]]:
    """(options, operands); an option without a value has "". Raises Exit after it has complained."""
    try:
        return split(proc.argv[1:], flags, valued, long or {}, permute)
    except Usage as problem:
        await proc.err(f"{proc.name}: {problem}\n")
        raise Exit(1) from None


def split(
    arguments: Sequence[str], flags: str, valued: str, long: Mapping[str, str], permute: bool = True
) -> tuple[dict[str, list[str]], list[str]]:
    """The same without a process. Raises Usage."""
    found: dict[str, list[str]] = {}
    operands: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            operands += rest
        elif word.startswith("--"):
            _long(word[2:], rest, valued, long, found)
        elif word.startswith("-") and len(word) > 1:
            _short(word[1:], rest, flags, valued, found)
        else:
            operands.append(word)
            if not permute:
                operands += rest
    return found, operands


def _long(word: str, rest: Iterator[str], valued: str, long: Mapping[str, str], found: dict[str, list[str]]) -> None:
    name, equals, value = word.partition("=")
    letter = long.get(name)
    if letter is None:
        raise Usage(f"unrecognized option '--{name}'")
    if letter in valued and not equals:
        value = _value(rest, name)
    found.setdefault(letter, []).append(value)


def _short(word: str, rest: Iterator[str], flags: str, valued: str, found: dict[str, list[str]]) -> None:
    for at, letter in enumerate(word):
        if letter in valued:
            found.setdefault(letter, []).append(word[at + 1 :] or _value(rest, letter))
            return
        if letter not in flags:
            raise Usage(f"invalid option -- '{letter}'")
        found.setdefault(letter, []).append("")


def _value(rest: Iterator[str], name: str) -> str:
    value = next(rest, None)
    if value is None:
        raise Usage(f"option requires an argument -- '{name}'")
    return value


async def number(proc: Proc, text: str) -> int:
    """A decimal number, perhaps with k, m, g. Raises Exit after it has complained."""
    units = {"k": 1024, "K": 1024, "m": 1 << 20, "M": 1 << 20, "g": 1 << 30, "G": 1 << 30, "b": 512}
    digits = text[:-1] if text[-1:] in units else text
    if not digits.lstrip("+-").isdigit() or len(digits) > 18:
        await proc.err(f"{proc.name}: invalid number '{text}'\n")
        raise Exit(1)
    return int(digits) * units.get(text[-1:], 1)


LAYOUTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y.%m.%d-%H:%M:%S", "%Y%m%d%H%M.%S", "%Y%m%d%H%M")
"""How a moment can be given."""


def moment(text: str, now: float) -> float:
    """Seconds since the epoch. Raises ValueError."""
    if text.startswith("@"):
        return float(int(text[1:13]))
    if found := re.fullmatch(r"(\d\d):(\d\d)(?::(\d\d))?", text):
        return now // 86400 * 86400 + int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    for layout in LAYOUTS:
        with suppress(ValueError):
            return float(calendar.timegm(time.strptime(text, layout)))
    raise ValueError(text)


class Inputs:
    """The files that a command names, or its standard input; what cannot be opened is complained about."""

    def __init__(self, proc: Proc, paths: Sequence[str], *, quiet: bool = False) -> None:
        self._proc = proc
        self._quiet = quiet
        self._paths = list(paths) or ["-"]
        self.status = 0
        """1 once something could not be read."""

    async def __aiter__(self) -> AsyncIterator[tuple[str, Handle]]:
        for path in self._paths:
            if path == "-":
                yield path, self._proc.stdin
                continue
            try:
                handle = await self._open(path)
            except OSError as error:
                self.status = 1
                if self._quiet:
                    continue
                shown = path if self._proc.name in BARE else f"can't open '{path}'"
                await self._proc.err(f"{self._proc.name}: {shown}: {error.strerror}\n")
                continue
            try:
                yield path, handle
            finally:
                handle.close()

    async def _open(self, path: str) -> Handle:
        handle = self._proc.open_to_read(path)
        if self._proc.fs.is_dir(self._proc.path(path)):
            raise IsADirectoryError(21, "Is a directory")
        return handle


async def lines(handle: Handle, proc: Proc, end: bytes = b"\n") -> AsyncIterator[bytes]:
    """Lines with their ends; the last may have none."""
    while line := await handle.read_line(end=end):
        await proc.kernel.budget.spend(0.5)
        yield line


async def everything(handle: Handle, limit: int) -> bytes:
    """All of it. Raises OutOfMemory."""
    from fakekube.sandbox.kernel import OutOfMemory

    data = bytearray()
    while more := await handle.read():
        data += more
        if len(data) > limit:
            raise OutOfMemory
    return bytes(data)
