"""Streams over one SPDY connection, for those who await them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from fakekube.sandbox.streams import CHUNK, Duplex, Pipe
from fakekube.wire.spdy.frames import Headers, ProtocolError, Reset
from fakekube.wire.spdy.session import Arrived, Event, Finished, GoneAway, Opened, Session, WasReset

WINDOW = 1 << 20
"""Bytes that one stream may be behind before the whole connection waits for it."""
LINGER = 0.5
"""Seconds that a client has to take what was sent before the connection is closed."""


class SpdyStream:
    """One stream: what the client sends is read, what is written goes to the client."""

    def __init__(self, connection: SpdyConnection, number: int, headers: Headers) -> None:
        self.number = number
        self.headers = headers
        self.incoming = Pipe(WINDOW)
        self._connection = connection

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" once the client has finished."""
        return await self.incoming.read(limit)

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises BrokenPipeError when the client has reset the stream or is gone."""
        if not self._connection.session.send(self.number, data):
            raise BrokenPipeError
        await self._connection.flush()

    def end(self) -> None:
        """Send no more."""
        if self._connection.session.send(self.number, b"", fin=True):
            self._connection.flush_soon()

    def close(self) -> None:
        """Give up both directions."""
        self.end()
        self.incoming.close()


class SpdyConnection:
    """The server's side of a connection. `admit` says whether a stream with those headers may be."""

    def __init__(self, duplex: Duplex, admit: Callable[[Headers], bool] = lambda _: True) -> None:
        self.session = Session(server=True)
        self._duplex = duplex
        self._admit = admit
        self._streams: dict[int, SpdyStream] = {}
        self._flushes: set[asyncio.Future[None]] = set()
        self._opened: asyncio.Queue[SpdyStream | None] = asyncio.Queue()

    async def run(self, serve: Callable[[SpdyConnection], Awaitable[None]]) -> None:
        """Read the connection while `serve` works; either's end is the end of both."""
        reader = asyncio.ensure_future(self._read())
        worker = asyncio.ensure_future(serve(self))
        try:
            await asyncio.wait((reader, worker), return_when=asyncio.FIRST_COMPLETED)
            if not worker.done():
                await self._give_up(worker)
            await self._leave(reader)
        finally:
            await _cancel(reader, worker)

    async def accept(self) -> SpdyStream | None:
        """The next stream that the client opens; None when there will be none."""
        return await self._opened.get()

    async def flush(self) -> None:
        """Send what there is. Raises BrokenPipeError."""
        if data := self.session.pending():
            await self._duplex.write(data)

    def flush_soon(self) -> None:
        """Send what there is, without waiting for it."""
        task = asyncio.ensure_future(self._flush_quietly())
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)

    async def _flush_quietly(self) -> None:
        with suppress(ConnectionError):
            await self.flush()

    async def _give_up(self, worker: asyncio.Future[None]) -> None:
        """The client is gone: whoever reads sees the end, and has a moment to come to one."""
        for stream in self._streams.values():
            stream.incoming.end()
        self._opened.put_nowait(None)
        await asyncio.wait((worker,), timeout=LINGER)

    async def _leave(self, reader: asyncio.Future[None]) -> None:
        self.session.leave()
        with suppress(ConnectionError):
            await self.flush()
        for stream in self._streams.values():
            stream.incoming.close()
        await asyncio.wait((reader,), timeout=LINGER)

    async def _read(self) -> None:
        with suppress(ProtocolError, ConnectionError):
            while data := await self._duplex.read():
                for event in self.session.receive(data):
                    if isinstance(event, GoneAway):
                        return
                    await self._handle(event)
                await self.flush()

    async def _handle(self, event: Event) -> None:
        match event:
            case Opened(number, headers):
                self._open(number, headers)
            case Arrived(number, data):
                if number in self._streams:
                    with suppress(BrokenPipeError):
                        await self._streams[number].incoming.write(data)
            case Finished(number):
                if number in self._streams:
                    self._streams[number].incoming.end()
            case WasReset(number):
                if (stream := self._streams.pop(number, None)) is not None:
                    stream.incoming.end()

    def _open(self, number: int, headers: Headers) -> None:
        if not self._admit(headers):
            self.session.reset(number, Reset.CANCEL)
            return
        stream = self._streams[number] = SpdyStream(self, number, headers)
        self.session.accept(number)
        self._opened.put_nowait(stream)


async def _cancel(*tasks: asyncio.Future[None]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, ConnectionError):
            await task
