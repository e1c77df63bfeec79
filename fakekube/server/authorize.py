"""The station that asks whether the user may do this. Follows apiserver's endpoints/filters/authorization.go."""

from __future__ import annotations

from fakekube.authz.attributes import Attributes
from fakekube.authz.forbidden import forbidden, internal_error_text
from fakekube.server.context import PlainError, RequestContext
from fakekube.server.plane import ControlPlane


async def authorize(ctx: RequestContext, plane: ControlPlane) -> None:
    """Let the request pass, or raise Forbidden (403) in a real cluster's words."""
    attributes = attributes_of(ctx)
    verdict = await plane.services.authorizer.decide(attributes)
    ctx.decision.asked, ctx.decision.verdict = attributes, verdict
    if ctx.audit is not None:
        ctx.audit.judged(verdict)
    if verdict.allowed:
        return
    if verdict.error:  # such as that of a webhook that cannot be asked
        raise PlainError(internal_error_text(ctx.request.path_qs, verdict.error))
    raise forbidden(attributes, verdict)


def attributes_of(ctx: RequestContext) -> Attributes:
    """What authorization decides on."""
    info = ctx.info
    if not info.is_resource:
        return Attributes(ctx.user, info.verb, path=info.path, is_resource=False)
    return Attributes(
        ctx.user, info.verb, info.namespace, info.group, info.version, info.resource, info.subresource, info.name,
        info.path,
    )  # fmt: skip
