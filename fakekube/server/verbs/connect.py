"""Subresources that are connected to, not stored: logs, exec, attach, port forwarding, proxies."""

from __future__ import annotations

from aiohttp import web

from fakekube.endpoints.endpoint import Connect
from fakekube.server.context import RequestContext
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common


async def connect(ctx: RequestContext, plane: ControlPlane, endpoint: Connect) -> web.StreamResponse:
    """Answer with what the endpoint says, as plain text; nothing is 204. Raises StatusError."""
    text = await endpoint(common.scope(ctx, {}), values(ctx.query), plane.services)
    return web.Response(text=text) if text else web.Response(status=204)
