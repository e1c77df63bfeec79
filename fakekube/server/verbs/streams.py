"""What a watch is written to: a chunked HTTP answer, or the messages of a WebSocket.

Follows WatchServer of apiserver's handlers/watch.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse
from aiohttp.web_ws import WebSocketResponse

from fakekube.server.context import PlainError, RequestContext
from fakekube.server.negotiation import JSON
from fakekube.server.reply import StreamReply

FRAME_HEAD = 4
"""Bytes before each event of a protobuf stream, which messages do without."""


class Sink(Protocol):
    """Takes events as they are ready."""

    async def write(self, events: Sequence[bytes]) -> None:
        """Send them on."""


class Chunks:
    """Events of one HTTP answer; they come as the chunks that all watchers share."""

    def __init__(self, transport: asyncio.Transport, writer: AbstractStreamWriter) -> None:
        self._transport, self._writer = transport, writer

    async def write(self, events: Sequence[bytes]) -> None:
        """All at once, and not before the client has taken in most of what came earlier."""
        if self._transport.is_closing():
            raise ConnectionResetError
        self._transport.write(b"".join(events))
        await self._writer.drain()


class Messages:
    """Events as messages: text for JSON, else binary."""

    def __init__(self, socket: WebSocketResponse, content_type: str) -> None:
        self._socket = socket
        self._text = content_type == JSON

    async def write(self, events: Sequence[bytes]) -> None:
        """One message each."""
        for event in events:
            if self._text:
                await self._socket.send_str(event.decode())
            else:
                await self._socket.send_bytes(event[FRAME_HEAD:])


Serve = Callable[[Sink], Awaitable[None]]
Framing = Callable[[bytes], bytes]


async def stream(ctx: RequestContext, content_type: str, serve: Serve) -> StreamResponse:
    """Answer with what `serve` writes, in the way that the client connects."""
    if is_websocket(ctx.request):
        return await _over_websocket(ctx, content_type, serve)
    response = StreamReply(headers={"Content-Type": content_type})
    ctx.finish(response)
    response.enable_chunked_encoding()
    writer, transport = await response.prepare(ctx.request), ctx.request.transport
    if writer is None or transport is None:
        raise ConnectionResetError
    await serve(Chunks(transport, writer))
    await response.write_eof()
    return response


def framing(ctx: RequestContext) -> Framing:
    """What makes of an event what the client's stream takes."""
    return bytes if is_websocket(ctx.request) else chunk


def chunk(event: bytes) -> bytes:
    """An event as a chunk of an HTTP answer."""
    return b"%x\r\n%b\r\n" % (len(event), event)


def is_websocket(request: BaseRequest) -> bool:
    """Whether the client asks to go on with a WebSocket."""
    tokens = [token.strip().lower() for token in request.headers.get("Connection", "").split(",")]
    return "upgrade" in tokens and request.headers.get("Upgrade", "").lower() == "websocket"


async def _over_websocket(ctx: RequestContext, content_type: str, serve: Serve) -> StreamResponse:
    """Raises PlainError (403) for a client that does not say where it comes from."""
    _check_origin(ctx.request)
    wanted = ctx.request.headers.get("Sec-WebSocket-Protocol", "")
    socket = WebSocketResponse(protocols=[wanted] if wanted else [], compress=False)
    ctx.finish(socket)
    await socket.prepare(ctx.request)
    serving = asyncio.ensure_future(serve(Messages(socket, content_type)))
    closing = asyncio.ensure_future(_until_closed(socket))
    try:
        await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (serving, closing):
            task.cancel()
        await asyncio.gather(serving, closing, return_exceptions=True)
    await socket.close()
    return socket


def _check_origin(request: BaseRequest) -> None:
    origin = request.headers.get("Origin", "")
    if not origin:
        raise PlainError("null origin", 403)
    parts = urlsplit(origin)
    if not (parts.scheme or origin.startswith("/")):
        raise PlainError(f'parse "{origin}": invalid URI for request', 403)


async def _until_closed(socket: WebSocketResponse) -> None:
    async for _ in socket:
        """Clients have nothing to say here."""
