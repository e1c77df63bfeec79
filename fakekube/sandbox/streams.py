"""How bytes flow between a client, a terminal and what runs in a container."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from fakekube.wire.terminal import Size

CHUNK = 64 * 1024
PIPE_LIMIT = 64 * 1024
"""Bytes that a pipe holds, as Linux."""


class Source(Protocol):
    """What can be read."""

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes, at least one; b"" is the end."""


class Sink(Protocol):
    """What can be written."""

    async def write(self, data: bytes) -> None:
        """Write everything. Raises BrokenPipeError when nobody reads any more."""


class Duplex(Source, Sink, Protocol):
    """A connection."""

    def end(self) -> None:
        """Say that no more is written; reading goes on."""

    def close(self) -> None:
        """Give up both directions."""


class Stdio(Struct):
    """What an exec or attach brings along; None is a stream that the client did not ask for."""

    stdin: Source | None = None
    stdout: Sink | None = None
    stderr: Sink | None = None
    tty: bool = False
    sizes: AsyncIterator[Size] | None = None
    """Of the client's window, as it changes; only with a tty."""


class Pipe:
    """A bounded pipe; both ends may be closed."""

    def __init__(self, limit: int = PIPE_LIMIT) -> None:
        self._buffer = bytearray()
        self._limit = limit
        self._changed = asyncio.Event()
        self._ended = False
        self._broken = False

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" once the writer has ended and all is read."""
        while not self._buffer and not self._ended and not self._broken:
            await self._wait()
        data = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        self._notify()
        return data

    async def write(self, data: bytes) -> None:
        """Wait for room as often as needed. Raises BrokenPipeError."""
        view = memoryview(data)
        while True:
            if self._broken or self._ended:
                raise BrokenPipeError
            room = self._limit - len(self._buffer)
            if room > 0 and view:
                self._buffer += view[:room]
                view = view[room:]
                self._notify()
            if not view:
                return
            await self._wait()

    def end(self) -> None:
        """The writer is done."""
        self._ended = True
        self._notify()

    def close(self) -> None:
        """The reader is done: writers get a BrokenPipeError."""
        self._broken = True
        self._buffer.clear()
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self) -> None:
        await self._changed.wait()


class Pair:
    """One side of a connection in memory: it reads from one pipe and writes to another."""

    def __init__(self, incoming: Pipe, outgoing: Pipe) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end."""
        return await self._incoming.read(limit)

    async def write(self, data: bytes) -> None:
        """Write everything. Raises BrokenPipeError."""
        await self._outgoing.write(data)

    def end(self) -> None:
        """No more is written."""
        self._outgoing.end()

    def close(self) -> None:
        """Give up both directions."""
        self._outgoing.end()
        self._incoming.close()


def connected() -> tuple[Pair, Pair]:
    """The two sides of a connection in memory."""
    one, other = Pipe(), Pipe()
    return Pair(one, other), Pair(other, one)


async def copy(source: Source, sink: Sink) -> None:
    """Everything from one to the other, until the source ends. Raises BrokenPipeError."""
    while data := await source.read():
        await sink.write(data)
