"""Channels over one WebSocket connection, for those who await them."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Container
from contextlib import suppress

from fakekube.endpoints.connection import Call, Headers, Refusal, Upgrade
from fakekube.sandbox.streams import CHUNK, Duplex, Pipe
from fakekube.wire import websocket
from fakekube.wire.channels import Channels, negotiate
from fakekube.wire.websocket import Decoder, Message, Opcode

WINDOW = 1 << 20
LINGER = 0.5
BINARY, BASE64 = "binary.k8s.io", "base64.binary.k8s.io"
VERSION = (("Sec-WebSocket-Version", "13"),)


class Channel:
    """One numbered channel."""

    def __init__(self, connection: WebSocketConnection, number: int) -> None:
        self.incoming = Pipe(WINDOW)
        self._connection = connection
        self._number = number

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" once the client is gone."""
        return await self.incoming.read(limit)

    async def write(self, data: bytes) -> None:
        """Send one message. Raises BrokenPipeError."""
        await self._connection.send(self._number, data)

    def end(self) -> None:
        """There is no half-closing here."""

    def close(self) -> None:
        """Read no more."""
        self.incoming.close()


class WebSocketConnection:
    """The server's side of a connection; only the `readable` channels take what a client sends."""

    def __init__(self, duplex: Duplex, channels: Channels, count: int, readable: Container[int]) -> None:
        self.protocol = channels
        self.channels = [Channel(self, number) for number in range(count)]
        self._readable = readable
        self._duplex = duplex

    async def run(self, serve: Callable[[WebSocketConnection], Awaitable[None]]) -> None:
        """Read the connection while `serve` works; either's end is the end of both."""
        reader = asyncio.ensure_future(self._read())
        worker = asyncio.ensure_future(serve(self))
        try:
            await asyncio.wait((reader, worker), return_when=asyncio.FIRST_COMPLETED)
            if not worker.done():
                self._end_of_input()
                await asyncio.wait((worker,), timeout=LINGER)
            self._end_of_input()
            with suppress(ConnectionError):
                await self._duplex.write(websocket.close_frame())
            await asyncio.wait((reader,), timeout=LINGER)
        finally:
            for task in (reader, worker):
                task.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await task

    async def send(self, channel: int, data: bytes) -> None:
        """One message. Raises BrokenPipeError."""
        opcode, payload = self.protocol.encode(channel, data)
        await self._duplex.write(websocket.frame(opcode, payload))

    def _end_of_input(self) -> None:
        for channel in self.channels:
            channel.incoming.end()

    async def _read(self) -> None:
        decoder = Decoder()
        try:
            while data := await self._duplex.read():
                for message in decoder.receive(data):
                    if not await self._handle(message):
                        return
        except websocket.ProtocolError as error:
            with suppress(ConnectionError):
                await self._duplex.write(websocket.close_frame(error.code))
        except ConnectionError:
            return

    async def _handle(self, message: Message) -> bool:
        """Whether there is more to come."""
        if message.opcode == Opcode.CLOSE:
            return False
        if message.opcode == Opcode.PING:
            await self._duplex.write(websocket.frame(Opcode.PONG, message.payload))
        elif message.opcode < Opcode.CLOSE:
            found = self.protocol.decode(message.payload)
            if found is not None and found[0] in self._readable and found[0] < len(self.channels):
                with suppress(BrokenPipeError):
                    await self.channels[found[0]].incoming.write(found[1])
        return True


def upgrade(
    call: Call, supported: tuple[str, ...], count: int, readable: Container[int], serve: Serve
) -> Upgrade | Refusal:
    """Channels over the connection, once both sides agree on how."""
    agreed = _handshake(call, supported)
    if isinstance(agreed, Refusal):
        return agreed
    chosen, headers = agreed

    async def run(duplex: Duplex) -> None:
        await WebSocketConnection(duplex, Channels(chosen), count, readable).run(serve)

    return Upgrade(headers, run)


def reading(call: Call, pieces: AsyncIterator[bytes]) -> Upgrade | Refusal:
    """Each piece as one message, after an empty one. Follows wsstream.Reader of apiserver's util."""
    agreed = _handshake(call, ("", BINARY, BASE64))
    if isinstance(agreed, Refusal):
        return agreed
    chosen, headers = agreed

    def message(data: bytes) -> bytes:
        return (
            websocket.frame(Opcode.TEXT, b64encode(data)) if chosen == BASE64 else websocket.frame(Opcode.BINARY, data)
        )

    async def run(duplex: Duplex) -> None:
        with suppress(ConnectionError):
            await duplex.write(message(b""))
            async for piece in pieces:
                await duplex.write(message(piece))
            await duplex.write(websocket.close_frame())

    return Upgrade(headers, run)


def _handshake(call: Call, supported: tuple[str, ...]) -> tuple[str, Headers] | Refusal:
    """(protocol, headers), as golang.org/x/net/websocket answers: a protocol that nobody speaks is an empty 403."""
    if call.method != "GET":
        return Refusal(405, b"bad method")
    key = call.header("Sec-WebSocket-Key")
    if not key:
        return Refusal(400, b"mismatch challenge/response")
    if call.header("Sec-WebSocket-Version") != "13":
        return Refusal(400, b"missing or bad WebSocket Version", VERSION)
    asked = call.header("Sec-WebSocket-Protocol").strip()
    chosen = negotiate([part.strip() for part in asked.split(",")] if asked else [], supported)
    if chosen is None:
        return Refusal(403)
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", websocket.accept_key(key))]
    headers += [("Sec-WebSocket-Protocol", chosen)] if chosen else []
    return chosen, headers


Serve = Callable[[WebSocketConnection], Awaitable[None]]
