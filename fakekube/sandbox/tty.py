"""A terminal of a container: a client types and sees on one side, processes read and write on the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from fakekube.sandbox.streams import CHUNK, Sink
from fakekube.wire.terminal import Discipline, Modes, Signal, Size, printed

AHEAD = 64 * 1024
"""Bytes that may be typed ahead."""
NUMBERS = {Signal.INT: 2, Signal.QUIT: 3, Signal.TSTP: 20}


class Tty:
    """Read and written as any other file."""

    def __init__(self) -> None:
        self.size = Size(80, 24)
        self.screens: list[Sink] = []
        """Where the output goes: clients, and the container's log."""
        self.foreground: Callable[[int], None] | None = None
        """Takes the signals that are typed."""
        self.redraw: Callable[[], bytes] | None = None
        """What a client has to see that comes while a line is edited."""
        self._discipline = Discipline()
        self._ready: deque[bytes] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._gone = False

    @property
    def modes(self) -> Modes:
        """Of the line discipline."""
        return self._discipline.modes

    def set_raw(self, raw: bool) -> None:
        """Whether a program edits lines itself."""
        self._discipline.modes = Modes(canonical=not raw, echo=not raw, signals=not raw)
        if raw and (begun := self._discipline.release()):
            self._ready.append(begun)
            self._wake()

    async def type(self, data: bytes) -> None:
        """A client types."""
        if self._size > AHEAD:
            return
        # key by key: what one starts may change the mode for the next
        typed = self._discipline.type(data)
        for line in typed.lines:
            self._ready.append(line)
            self._size += len(line)
        self._wake()
        if typed.echo:
            await self._show(typed.echo)
        for signal in typed.signals:
            if self.foreground is not None:
                self.foreground(NUMBERS[signal])

    def give_back(self, data: bytes) -> None:
        """What a program read and did not need; it goes through the discipline that is set now."""
        typed = self._discipline.type(data)
        self._ready.extendleft(reversed(typed.lines))
        self._size += sum(map(len, typed.lines))
        self._wake()

    def hang_up(self) -> None:
        """Nobody will type any more: whoever reads meets the end."""
        self._gone = True
        self._wake()

    async def read(self, limit: int = CHUNK) -> bytes:
        """Typed bytes; b"" is the end of a file."""
        while not self._ready:
            if self._gone:
                return b""
            self._changed.clear()
            await self._changed.wait()
        data = self._ready.popleft()
        self._size -= len(data)
        if len(data) > limit:
            self._ready.appendleft(data[limit:])
            self._size += len(data) - limit
        return data[:limit]

    async def write(self, data: bytes) -> None:
        """Show it to everyone."""
        await self._show(printed(data))

    async def _show(self, data: bytes) -> None:
        for screen in list(self.screens):
            with suppress(BrokenPipeError):
                await screen.write(data)

    def _wake(self) -> None:
        self._changed.set()
