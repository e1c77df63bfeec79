"""The station that lets requests meet the faults that were asked for.

It comes last: who may not ask gets the real refusal. The simulation's own API meets none, or a fault for all requests
could not be taken away again. What goes on inside the process (controllers, nodes) is no request.
"""

from __future__ import annotations

import asyncio

from fakekube.apis.sim.faults import RESOURCE, seconds
from fakekube.server.context import RequestContext
from fakekube.server.faults import refusal
from fakekube.server.plane import ControlPlane

ANNOTATION = "sim.fakekube.dev/fault"
"""In the audit log: the name of the fault that the request met."""


async def inject(ctx: RequestContext, plane: ControlPlane) -> None:
    """Let the request pass, late perhaps; or raise what its fault says, or ConnectionAbortedError."""
    if not plane.faults or not ctx.info.is_resource or ctx.info.group == RESOURCE.group:
        return
    fault = await plane.faults.take(ctx)
    if fault is None:
        return
    ctx.decision.annotations[ANNOTATION] = fault["metadata"]["name"]
    await asyncio.sleep(seconds(fault))
    if fault["spec"].get("drop"):
        _hang_up(ctx)
    elif fault["spec"].get("code"):
        raise refusal(fault)


def _hang_up(ctx: RequestContext) -> None:
    if ctx.request.transport is not None:
        ctx.request.transport.abort()
    raise ConnectionAbortedError
