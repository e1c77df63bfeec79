"""POST. Follows apiserver's endpoints/handlers/create.go."""

from __future__ import annotations

from aiohttp.web_response import StreamResponse

from fakekube.registry.owners import drop_duplicates
from fakekube.server import body, parameters
from fakekube.server.auditing import note_object
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common


async def create(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Create an object, or do what an endpoint's create means. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    raw = await body.read(ctx)
    options = parameters.read(values(ctx.query), parameters.WRITE)
    parameters.check("CreateOptions", parameters.write_options_errors(options))
    scope = common.scope(ctx, options)
    special = common.endpoint(ctx, plane)
    obj = body.decode(ctx, raw, *body.input_kind(resource, version, scope.subresource), plane.registry)
    note_object(ctx, plane, obj)
    drop_duplicates(obj, scope.warnings)
    parameters.check_timeout(values(ctx.query))
    if not resource.stored or scope.subresource:
        common.track(plane, scope, obj)
    if special is not None and special.create is not None:
        answer = await special.create(scope, obj, plane.services)
    else:
        answer = await plane.registry.store(resource).create(scope, obj)
    return common.reply(ctx, plane, answer, media, 201)
