"""The station that classifies a request and bounds how many are under way.

Follows apiserver's server/filters (priority-and-fairness and maxinflight). Requests do not queue by flow: one event
loop serves them, in the order in which they come.
"""

from __future__ import annotations

from fakekube.server.audit.record import is_long_running
from fakekube.server.context import PlainError, RequestContext
from fakekube.server.plane import ControlPlane

READING = frozenset({"get", "list", "watch"})
PRIVILEGED = "system:masters"
"""Who is never refused for there being too many."""
TOO_MANY = "Too many requests, please try again later.\n"


async def limit_flow(ctx: RequestContext, plane: ControlPlane) -> None:
    """Classify the request, or raise PlainError (429). A request that may last does not count."""
    if is_long_running(ctx.info):
        return
    kind = "reading" if ctx.info.verb in READING else "writing"
    if plane.under_way[kind] >= plane.most_under_way.get(kind, 0) > 0 and PRIVILEGED not in ctx.user.groups:
        raise PlainError(TOO_MANY, 429, {"Retry-After": "1"})
    plane.under_way[kind] += 1
    ctx.counted = kind
    ctx.flow = plane.flows.classify(ctx.user, ctx.info)
