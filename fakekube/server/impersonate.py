"""The station that lets a user act as another. Follows apiserver's endpoints/filters/impersonation.go."""

from __future__ import annotations

from fakekube.authz import impersonation
from fakekube.authz.attributes import Attributes
from fakekube.authz.forbidden import forbidden
from fakekube.machinery import status
from fakekube.server.context import RequestContext
from fakekube.server.plane import ControlPlane


async def impersonate(ctx: RequestContext, plane: ControlPlane) -> None:
    """Replace the user by whom the headers name, if the user may do that. Raises Forbidden (403), InternalError (500)."""
    headers = ctx.request.headers
    if not impersonation.requested(headers):
        return
    try:
        wanted = impersonation.read(headers)
    except ValueError as error:
        raise status.internal_error(str(error)) from None
    for attributes in wanted.attributes(ctx.user):
        await _check(attributes, plane)
    ctx.user = ctx.decision.impersonated = wanted.user


async def _check(attributes: Attributes, plane: ControlPlane) -> None:
    verdict = await plane.services.authorizer.decide(attributes)
    if not verdict.allowed:
        raise forbidden(attributes, verdict)
