"""A connection that leaves HTTP behind: after the 101 its bytes belong to whoever took it over."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import Any

from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse

from fakekube.endpoints.connection import Headers
from fakekube.sandbox.streams import CHUNK
from fakekube.wire import http1

READ_LIMIT = 256 * 1024
"""Bytes that are taken in before the client has to wait."""


class Taken(StreamResponse):
    """Tells aiohttp that there is nothing left to answer."""

    @property
    def prepared(self) -> bool:
        """Yes, long ago."""
        return True

    async def prepare(self, request: BaseRequest) -> Any:
        """Nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing."""


class Connection(asyncio.Protocol):
    """A Duplex over a transport that was aiohttp's; the end of the connection is passed on to that."""

    def __init__(self, transport: asyncio.Transport, before: asyncio.BaseProtocol) -> None:
        self._transport = transport
        self._before = before
        self._buffer = bytearray()
        self._ended = False
        self._lost = False
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """The transport has read something."""
        self._buffer += data
        self._readable.set()
        if len(self._buffer) > READ_LIMIT:
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """The client sends no more."""
        self._ended = True
        self._readable.set()

    def pause_writing(self) -> None:
        """The client takes in less than is sent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """All is over."""
        self._lost = self._ended = True
        self._readable.set()
        self._writable.set()
        self._before.connection_lost(exc)

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end."""
        while not self._buffer and not self._ended:
            self._readable.clear()
            await self._readable.wait()
        data = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        if len(self._buffer) <= READ_LIMIT // 2 and not self._lost:
            self._transport.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Write everything, in the order of the calls. Raises BrokenPipeError."""
        if self._lost or self._transport.is_closing():
            raise BrokenPipeError
        self._transport.write(data)
        await self._writable.wait()

    def end(self) -> None:
        """TLS has no half-closing that clients would understand."""

    def close(self) -> None:
        """Send what is written, and hang up."""
        self._transport.close()


def take_over(request: BaseRequest, headers: Headers) -> Connection:
    """Answer 101 with these headers and give the connection. Raises ConnectionResetError."""
    transport = request.transport
    if transport is None or request.protocol is None:
        raise ConnectionResetError
    connection = Connection(transport, request.protocol)
    transport.set_protocol(connection)
    transport.write(http1.answer(101, [*headers, ("Date", formatdate(usegmt=True))]))
    return connection
