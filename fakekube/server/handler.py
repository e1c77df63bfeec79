"""The way of one request, read downwards: a station passes or raises a StatusError, and that is the answer.

The order is kube-apiserver's: request info, authentication, audit, impersonation, flow limits, authorization, and then
the verb's endpoint.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse

from fakekube.machinery import generate
from fakekube.machinery.status import StatusError, internal_error, timeout
from fakekube.machinery.times import format_duration
from fakekube.registry.codec import dumps
from fakekube.server import encoding, nonresource, requestinfo
from fakekube.server.audit.record import is_long_running
from fakekube.server.auditing import audit
from fakekube.server.authenticate import authenticate
from fakekube.server.authorize import authorize
from fakekube.server.context import Decision, PlainError, RequestContext
from fakekube.server.impersonate import impersonate
from fakekube.server.inject import inject
from fakekube.server.limit_flow import limit_flow
from fakekube.server.log import LOG
from fakekube.server.plane import ControlPlane
from fakekube.server.refusals import refusal
from fakekube.server.reply import Reply
from fakekube.server.routing import UnknownGroup, route
from fakekube.server.takeover import Taken
from fakekube.server.verbs import common, connect, connecting, create, delete, patch, read, update, watch

GONE = (ConnectionError, TimeoutError)
"""What a write raises when nobody is left to read it."""
READING = frozenset({"get", "list"})
Station = Callable[[RequestContext, ControlPlane], Awaitable[None]]
Verb = Callable[[RequestContext, ControlPlane], Awaitable[StreamResponse]]

STATIONS: tuple[Station, ...] = (authenticate, audit, impersonate, limit_flow, authorize, inject)
VERBS: dict[str, Verb] = {
    "create": create.create,
    "get": read.get,
    "list": read.list_,
    "watch": watch.watch,
    "update": update.update,
    "patch": patch.patch,
    "delete": delete.delete,
    "deletecollection": delete.delete_collection,
}


async def handle(request: BaseRequest, plane: ControlPlane) -> StreamResponse:
    """Answer one request."""
    if (refused := refusal(request)) is not None:
        return refused
    try:
        ctx = _context(request, plane)
    except requestinfo.BadPath as error:
        text = f'Internal Server Error: "{request.path_qs}": failed to create RequestInfo: {error}\n'
        return Reply(text=text, status=500)
    plane.keep(ctx.decision)
    try:
        response = await _in_time(ctx, plane)
    except (asyncio.CancelledError, *GONE) as error:  # the client has hung up
        if ctx.audit is not None:
            ctx.audit.closed()
        if isinstance(error, asyncio.CancelledError):
            raise
        return Taken()
    finally:
        if ctx.counted:
            plane.under_way[ctx.counted] -= 1
    ctx.decision.code = response.status
    if ctx.audit is not None:
        ctx.audit.complete(response.status, ctx.decision.annotations)
    return response


async def _in_time(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """The answer, or a Status that tells of none. Only webhooks and faults make requests wait; reads meet no webhook.

    Follows WithTimeoutForNonLongRunningRequests: the Status does not even say what it is.
    """
    if (ctx.info.verb in READING and not plane.faults) or is_long_running(ctx.info):
        return await _answer(ctx, plane)
    try:
        async with asyncio.timeout(plane.request_timeout):
            return await _answer(ctx, plane)
    except TimeoutError:
        if _closed(ctx.request):
            raise
        allowed = format_duration(round(plane.request_timeout * 10**9))
        told = timeout(f"request did not complete within {allowed}").status
        body = {name: value for name, value in told.items() if name not in ("kind", "apiVersion")}
        response = Reply(body=dumps(body) + b"\n", status=504)
        ctx.finish(response)
        return response


async def _answer(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    try:
        for station in STATIONS:
            await station(ctx, plane)
            ctx.decision.lap(station.__name__)
        response = await _dispatch(ctx, plane)
    except StatusError as error:
        ctx.decision.message = error.message
        response = encoding.reply_status(ctx, error)
    except UnknownGroup:
        response = nonresource.text_not_found()
    except PlainError as error:
        response = nonresource.text_error(error)
    except Exception as error:
        if isinstance(error, GONE) and _closed(ctx.request):
            raise
        LOG.exception("%s %s", ctx.request.method, ctx.request.path_qs)
        ctx.decision.fault = f"{type(error).__name__}: {error}"
        response = encoding.reply_status(ctx, internal_error(str(error)))
    if not response.prepared:
        ctx.finish(response)
    return response


def _closed(request: BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _dispatch(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    if not ctx.info.is_resource or ctx.info.path.startswith("//"):
        return await nonresource.respond(ctx, plane)
    verb = route(ctx, plane)
    special = common.endpoint(ctx, plane)
    if special is not None and special.connect is not None:
        await connecting.admit(ctx, plane)
        return await connect.connect(ctx, plane, special)
    return await VERBS[verb](ctx, plane)


def _context(request: BaseRequest, plane: ControlPlane) -> RequestContext:
    query = request.query
    info = requestinfo.parse(request.method, request.path, query, request.path_qs)
    headers = request.headers
    audit_id, agent = headers.get("Audit-ID") or generate.uid(), headers.get("User-Agent", "")
    decision = Decision(audit_id, request.method, request.path_qs, time.time(), agent, info)
    return RequestContext(request, info, query, decision, plane.registry.codec, plane.journal.add)
