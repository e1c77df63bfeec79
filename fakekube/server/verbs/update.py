"""PUT. Follows apiserver's endpoints/handlers/update.go."""

from __future__ import annotations

import copy

from aiohttp.web_response import StreamResponse

from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.owners import drop_duplicates
from fakekube.registry.scope import Scope
from fakekube.server import body, parameters
from fakekube.server.auditing import note_object
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common

UNNAMED = "the name of the object ({} based on URL) was undeterminable: name must be provided"


async def update(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Replace an object or a part that a subresource stands for. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    raw = await body.read(ctx)
    options = parameters.read(values(ctx.query), parameters.WRITE)
    parameters.check("UpdateOptions", parameters.write_options_errors(options))
    scope = common.scope(ctx, options)
    obj = body.decode(ctx, raw, *body.input_kind(resource, version, scope.subresource), plane.registry)
    note_object(ctx, plane, obj)
    check_name(scope, obj)
    drop_duplicates(obj, scope.warnings)
    parameters.check_timeout(values(ctx.query))
    scope.may_create = common.may_create(ctx, plane)
    scope.uid = obj["metadata"].get("uid", "")

    async def make(_: Object | None) -> Object:
        return copy.deepcopy(obj)

    special = common.endpoint(ctx, plane)
    if special is not None and special.update is not None:
        answer, created = await special.update(scope, make, plane.services)
    else:
        answer, created = await plane.registry.store(resource).update(scope, make)
    return common.reply(ctx, plane, answer, media, 201 if created else 200)


def check_name(scope: Scope, obj: Object) -> None:
    """The body's name and namespace are those of the path. Raises BadRequest (400)."""
    metadata = obj["metadata"]
    name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
    if not name:
        raise status.bad_request(UNNAMED.format(scope.name))
    if name != scope.name:
        raise status.bad_request(f"the name of the object ({name}) does not match the name on the URL ({scope.name})")
    if scope.request_namespace and namespace and namespace != scope.request_namespace:
        raise status.bad_request(
            f"the namespace of the object ({namespace}) does not match the namespace on the request "
            f"({scope.request_namespace})"
        )
