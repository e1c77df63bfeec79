"""DELETE of one object and of collections. Follows apiserver's endpoints/handlers/delete.go."""

from __future__ import annotations

from aiohttp import web

from fakekube.machinery import decoding, status
from fakekube.machinery.objects import Object
from fakekube.registry import listing
from fakekube.registry.codec import dumps
from fakekube.server import body, encoding, parameters
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.negotiation import JSON
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common
from fakekube.server.verbs.read import list_options
from fakekube.storage.cache import Entry

OPTIONS = decoding.Kind("", "v1", "DeleteOptions")
OPTIONS_SCHEME = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"


async def delete(ctx: RequestContext, plane: ControlPlane) -> web.StreamResponse:
    """Delete one object. Raises StatusError."""
    resource, _ = common.target(ctx)
    media = acceptable(ctx)
    scope = common.scope(ctx, await _options(ctx, plane))
    special = common.endpoint(ctx, plane)
    if special is not None and special.delete is not None:
        last, gone = await special.delete(scope, plane.services)
    else:
        last, gone = await plane.registry.store(resource).delete(scope)
    code = 202 if not gone and scope.options.get("orphanDependents") is False else 200
    if last.get("kind") == "Status":
        return encoding.reply(ctx, dumps(last), media, code)
    if resource.returns_deleted or not gone:
        entry = Entry(scope.key, last, 0, 0)
        return encoding.reply_entry(ctx, plane.registry.codec, entry, media, code)
    metadata = last["metadata"]
    details = status.details(resource.group, resource.plural, metadata["name"], metadata.get("uid", ""))
    return encoding.reply(ctx, dumps(status.success(details)), media, code)


async def delete_collection(ctx: RequestContext, plane: ControlPlane) -> web.StreamResponse:
    """Delete what a list would show. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    selection = list_options(ctx)
    chosen = listing.predicate(resource, version.name, ctx.info.namespace, ctx.info.name, selection)
    scope = common.scope(ctx, await _options(ctx, plane))
    store = plane.registry.store(resource)
    page = listing.page(plane.registry.cache, store.collection, chosen, selection)
    await store.delete_collection(scope, page.entries)
    return encoding.reply_page(ctx, plane.registry.codec, page, media)


def _check_kind(found: decoding.Kind) -> None:
    """Options of any group will do. Raises 500 for anything else, as the real server does."""
    if found.kind != OPTIONS.kind:
        raise status.StatusError(status.failure(500, "", decoding.not_registered(found, OPTIONS_SCHEME)))


async def _options(ctx: RequestContext, plane: ControlPlane) -> Object:
    """DeleteOptions of the body, or of the query if there is none. Raises BadRequest (400), Invalid (422)."""
    raw = await body.read(ctx)
    if raw:
        media = body.content_type(ctx)
        type_ = plane.registry.codec.type_of("", "v1", "DeleteOptions")
        try:
            document = body.parse(raw, media, plane.registry.codec, OPTIONS)
            _check_kind(decoding.identify(document, OPTIONS))
            options: Object = decoding.convert(document, type_, raw if media == JSON else b"")
        except decoding.DecodeError as error:
            raise status.bad_request(str(error)) from None
        if not isinstance(options, dict):
            raise status.bad_request("decoded object cannot be converted to DeleteOptions")
    else:
        options = parameters.read(values(ctx.query), parameters.DELETE)
    parameters.check("DeleteOptions", parameters.delete_options_errors(options))
    return options
