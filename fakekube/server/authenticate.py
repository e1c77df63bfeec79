"""The station that finds out who sends a request. Follows apiserver's endpoints/filters/authentication.go."""

from __future__ import annotations

from typing import Any

from fakekube.authn.request import Credentials, Rejected
from fakekube.machinery import status
from fakekube.machinery.goformat import aggregate
from fakekube.server import auditing
from fakekube.server.context import RequestContext
from fakekube.server.log import LOG
from fakekube.server.plane import ControlPlane


async def authenticate(ctx: RequestContext, plane: ControlPlane) -> None:
    """Set the user. Raises Unauthorized (401)."""
    credentials = Credentials(ctx.request.headers, peer_certificates(ctx.request.transport))
    try:
        identity = await plane.services.authenticator.authenticate(credentials)
    except Rejected as error:
        ctx.decision.rejected = error.args
        LOG.error("Unable to authenticate the request due to an error: %s", aggregate(error.args))
        identity = None
    if identity is None:
        auditing.refuse(ctx, plane)
        raise status.unauthorized()
    ctx.decision.identity = identity
    ctx.user = identity.user


def peer_certificates(transport: Any) -> tuple[bytes, ...]:
    """The chain that the client showed, read once a connection."""
    if transport is None:
        return ()
    shown = transport.get_extra_info("ssl_object")
    return shown.peer_certificates() if shown is not None else ()
