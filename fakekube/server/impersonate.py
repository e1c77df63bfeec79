"""The station that lets a user act as another. Follows apiserver's endpoints/filters/impersonation.go."""

from __future__ import annotations

from fakekube.authz import impersonation
from fakekube.authz.attributes import Attributes
from fakekube.authz.forbidden import forbidden, internal_error_text
from fakekube.server.context import PlainError, RequestContext
from fakekube.server.plane import ControlPlane


async def impersonate(ctx: RequestContext, plane: ControlPlane) -> None:
    """Replace the user by whom the headers name, if the user may do that. Raises Forbidden (403), PlainError."""
    headers = ctx.request.headers
    if not impersonation.requested(headers):
        return
    try:
        wanted = impersonation.read(headers)
    except ValueError as error:
        raise PlainError(internal_error_text(ctx.request.path_qs, error)) from None
    for attributes in wanted.attributes(ctx.user):
        await _check(ctx, attributes, plane)
    ctx.user = ctx.decision.impersonated = wanted.user
    if ctx.audit is not None:
        ctx.audit.impersonated(wanted.user)


async def _check(ctx: RequestContext, attributes: Attributes, plane: ControlPlane) -> None:
    verdict = await plane.services.authorizer.decide(attributes)
    ctx.decision.asked, ctx.decision.verdict = attributes, verdict
    if not verdict.allowed:
        raise forbidden(attributes, verdict)
