"""GET of one object and of lists. Follows apiserver's endpoints/handlers/get.go."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp.web_response import StreamResponse

from fakekube.machinery import status
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, not_supported
from fakekube.machinery.objects import Key, Object
from fakekube.registry import listing
from fakekube.registry.listing import Selectors
from fakekube.registry.scope import Scope
from fakekube.server import encoding, parameters
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common
from fakekube.storage.cache import Entry


async def get(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """One object. Raises StatusError."""
    resource, _ = common.target(ctx)
    special = common.endpoint(ctx, plane)
    media = acceptable(ctx)
    scope = common.scope(ctx, {})
    if (export := parameters.read(values(ctx.query), parameters.EXPORT)).get("export"):
        exported = _export(plane, scope, exact=export.get("exact", False))
        return encoding.reply_entry(ctx, plane.registry.codec, exported, media)
    if text := ctx.query.get("resourceVersion", ""):
        listing.check_not_newer(resource, text, plane.counter(resource).revision)
    if special is not None and special.get is not None:
        return common.reply(ctx, plane, await special.get(scope, plane.services), media)
    entry = plane.collection(resource).get(scope.key)
    if entry is None:
        raise status.not_found(resource.group, resource.plural, scope.name)
    return encoding.reply_entry(ctx, plane.registry.codec, entry, media)


def _export(plane: ControlPlane, scope: Scope, *, exact: bool) -> Entry:
    resource = scope.resource
    if scope.subresource or not resource.exportable:
        raise status.bad_request(f'export of "{resource.plural}" is not supported')
    return plane.registry.store(resource).export(scope, exact=exact)


async def list_(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """A list, or a page of one. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    options, selectors = list_options(ctx)
    chosen = listing.predicate(resource, version.name, ctx.info.namespace, ctx.info.name, selectors)
    special = common.endpoint(ctx, plane)
    if special is not None and special.list is not None:
        objects = filter(chosen.matches, await special.list(plane.services))
        entries = [Entry(Key("", obj["metadata"]["name"]), obj, 0, 0) for obj in objects]
        return encoding.reply_page(ctx, plane.registry.codec, listing.Page(entries, 0), media)
    page = listing.page(plane.counter(resource), resource, plane.collection(resource), chosen, options)
    return encoding.reply_page(ctx, plane.registry.codec, page, media)


def list_options(ctx: RequestContext) -> tuple[Object, Selectors]:
    """ListOptions of the query, and the selectors among them. Raises BadRequest (400), Invalid (422)."""
    options = parameters.read(values(ctx.query), parameters.LIST)
    selectors = listing.read_selectors(options)
    parameters.check("ListOptions", list_options_errors(options, watching=bool(options.get("watch"))))
    return options, selectors


def list_options_errors(options: Object, *, watching: bool) -> Iterator[FieldError]:
    """Follows apimachinery's internalversion/validation."""
    match = options.get("resourceVersionMatch", "")
    if not match:
        return
    path = Path("resourceVersionMatch")
    if watching:
        yield forbidden(path, "resourceVersionMatch is forbidden for watch")
    if not options.get("resourceVersion"):
        yield forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided")
    if options.get("continue"):
        yield forbidden(path, "resourceVersionMatch is forbidden when continue is provided")
    if match not in ("Exact", "NotOlderThan"):
        yield not_supported(path, match, ("Exact", "NotOlderThan", ""))
    if match == "Exact" and options.get("resourceVersion") == "0":
        yield forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
