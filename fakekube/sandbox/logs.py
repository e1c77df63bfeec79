"""A container's log: lines with their moments, bounded; the oldest are dropped first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

LIMIT = 1 << 20
"""Bytes that a log keeps at most."""
LINE_LIMIT = 16 * 1024
"""Bytes after which a line is cut, as container runtimes do."""
LINES = 20_000
"""Lines that a log keeps at most."""


class Line(NamedTuple):
    """One line as it was written, with its newline unless it is the last and unfinished."""

    nanoseconds: int
    """Since the epoch."""
    stream: str
    """"stdout" or "stderr"."""
    data: bytes


class Log:
    """What one container wrote. `now` is the clock's: seconds since the epoch."""

    def __init__(self, now: Callable[[], float], limit: int = LIMIT) -> None:
        self._now = now
        self._limit = limit
        self._lines: deque[Line] = deque()
        self._size = 0
        self._last = 0
        self._dropped = 0
        self._waiting: list[asyncio.Future[None]] = []
        self.shown = 0
        """Up to which position a client has asked for it: who attaches late has no need of that any more."""
        self.closed = False
        """Whether nothing more will come."""

    def write(self, data: bytes, stream: str = "stdout") -> None:
        """Add what was written: whole lines, or parts of one that the next write goes on with."""
        for part in data.splitlines(keepends=True):
            self._add(part, stream)
        self._wake()

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._wake()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._size

    @property
    def end(self) -> int:
        """The position after the last line: as `lines` takes it."""
        return self._dropped + len(self._lines)

    def lines(self, start: int = 0) -> list[Line]:
        """The lines from a position on; those that were dropped are missing."""
        return list(self._from(max(start - self._dropped, 0)))

    def text(self) -> bytes:
        """All of it."""
        return b"".join(line.data for line in self._lines)

    def tail(self, lines: int, limit: int) -> bytes:
        """The last lines, and of them the last bytes: what a termination message falls back to."""
        kept = list(self._lines)[-lines:] if lines else []
        return b"".join(line.data for line in kept)[-limit:]

    def changed(self) -> asyncio.Future[None]:
        """Done at the next write or at the end."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def _from(self, index: int) -> Iterator[Line]:
        for position, line in enumerate(self._lines):
            if position >= index:
                yield line

    def _add(self, part: bytes, stream: str) -> None:
        self._size += len(part)
        last = self._lines[-1] if self._lines else None
        open_ended = last is not None and last.stream == stream and last.data and not last.data.endswith(b"\n")
        if last is not None and open_ended and len(last.data) < LINE_LIMIT:
            self._lines[-1] = last._replace(data=last.data + part)
        else:
            self._last = max(int(self._now() * 1e9), self._last + 1)
            self._lines.append(Line(self._last, stream, part))
        while (self._size > self._limit or len(self._lines) > LINES) and len(self._lines) > 1:
            self._size -= len(self._lines.popleft().data)
            self._dropped += 1

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
