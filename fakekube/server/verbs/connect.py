"""Subresources that are connected to, not stored: logs, exec, attach, port forwarding, proxies."""

from __future__ import annotations

from contextlib import suppress

from aiohttp.web_response import Response, StreamResponse

from fakekube.endpoints.connection import Call, Content, Refusal, Stream, Upgrade
from fakekube.endpoints.endpoint import Endpoint
from fakekube.machinery import status
from fakekube.server import encoding, takeover
from fakekube.server.context import RequestContext
from fakekube.server.plane import ControlPlane
from fakekube.server.refusals import proceed
from fakekube.server.reply import Reply, StreamReply
from fakekube.server.values import values
from fakekube.server.verbs import common

DEFAULT_TYPE = ("Content-Type", "text/plain; charset=utf-8")
OPEN_LIMIT = 1000
"""Connections that may have changed their protocol at a time."""


async def connect(ctx: RequestContext, plane: ControlPlane, endpoint: Endpoint) -> StreamResponse:
    """Answer with what the endpoint says. Raises StatusError."""
    assert endpoint.connect is not None
    if endpoint.negotiates:
        encoding.acceptable(ctx)
    reply = await endpoint.connect(common.scope(ctx, {}), _call(ctx), plane.services)
    match reply:
        case Content():
            response = Reply(status=reply.status, body=reply.body or None)
            return _with_headers(response, reply)
        case Stream():
            return await _stream(ctx, reply)
        case Refusal():
            return _refusal(reply)
        case Upgrade():
            return await _upgrade(ctx, plane, reply)


def _call(ctx: RequestContext) -> Call:
    request = ctx.request

    async def read_body(limit: int) -> bytes | None:
        proceed(request)
        data = bytearray()
        async for chunk in request.content.iter_any():
            data += chunk
            if len(data) > limit:
                return None
        return bytes(data)

    return Call(
        method=request.method,
        path=request.path,
        subpath=_subpath(ctx),
        query=values(ctx.query),
        query_string=request.rel_url.raw_query_string,
        headers=[(name, value) for name, value in request.headers.items()],
        read_body=read_body,
        host=request.headers.get("Host", ""),
        remote=request.remote or "",
    )


def _subpath(ctx: RequestContext) -> str:
    """What follows the subresource; a slash at the very end counts."""
    rest = "/".join(ctx.info.parts[3:])
    path = f"/{rest}" if rest else ""
    return path if not ctx.info.path.endswith("/") or path.endswith("/") else f"{path}/"


def _with_headers(response: StreamResponse, reply: Content | Stream) -> StreamResponse:
    response.headers.popall("Content-Type", None)
    for name, value in reply.headers:
        response.headers.add(name, value)
    return response


async def _stream(ctx: RequestContext, reply: Stream) -> StreamResponse:
    response = _with_headers(StreamReply(status=reply.status), reply)
    response.enable_chunked_encoding()
    ctx.finish(response)
    await response.prepare(ctx.request)
    with suppress(ConnectionError):  # the client has seen enough
        async for piece in reply.pieces:
            await response.write(piece)
        await response.write_eof()
    return response


def _refusal(reply: Refusal) -> Response:
    response = Reply(status=reply.status, body=reply.body or None)
    response.headers.popall("Content-Type", None)
    for name, value in reply.headers or ((DEFAULT_TYPE,) if reply.body else ()):
        response.headers.add(name, value)
    response.force_close()
    return response


async def _upgrade(ctx: RequestContext, plane: ControlPlane, reply: Upgrade) -> StreamResponse:
    if plane.upgraded >= OPEN_LIMIT:
        raise status.too_many_requests("Too many requests, please try again later.", 1)
    plane.upgraded += 1
    try:
        duplex = takeover.take_over(ctx.request, reply.headers)
        ctx.answered(101)
        try:
            await reply.serve(duplex)
        finally:
            duplex.close()
        return takeover.Taken(status=101)
    finally:
        plane.upgraded -= 1
