"""DELETE of one object and of collections. Follows apiserver's endpoints/handlers/delete.go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp.web_response import StreamResponse

from fakekube.machinery import decoding, status
from fakekube.machinery.decoding import Kind
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

OPTIONS = Kind("meta.k8s.io", "v1", "DeleteOptions")
META_KINDS = frozenset({"Status", "APIVersions", "APIGroupList", "APIGroup", "APIResourceList"})
"""Kinds that the real server knows in every version."""
CUSTOM_OPTIONS = frozenset(
    Kind(group, version, OPTIONS.kind)
    for group, version in (("", "v1"), ("apiextensions.k8s.io", "v1"), ("apiextensions.k8s.io", "v1beta1"))
)
"""Options that the server of custom resources knows."""
OPTIONS_SCHEME = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"


async def delete(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Delete one object. Raises StatusError."""
    resource, _ = common.target(ctx)
    media = acceptable(ctx)
    scope = common.scope(ctx, await _options(ctx, plane, OPTIONS, _check_kind))
    parameters.check_timeout(values(ctx.query))
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


async def delete_collection(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Delete what a list would show. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    selection, selectors = list_options(ctx)
    chosen = listing.predicate(resource, version.name, ctx.info.namespace, ctx.info.name, selectors)
    options = Kind(resource.group, version.name, OPTIONS.kind)
    check = _check_custom if resource.custom else partial(_check_group_kind, plane)
    scope = common.scope(ctx, await _options(ctx, plane, options, check))
    parameters.check_timeout(values(ctx.query))
    store = plane.registry.store(resource)
    page = listing.page(plane.registry.cache, resource, store.collection, chosen, selection)
    await store.delete_collection(scope, page.entries)
    return encoding.reply_page(ctx, plane.registry.codec, page, media)


Check = Callable[[Kind, Kind, Any, bytes], None]
"""(what the body is, what is expected, the document, the body) raises DecodeError."""


def _check_kind(found: Kind, _: Kind, document: Any, raw: bytes) -> None:
    """Options of any group and version will do."""
    _check_meta_kind(found)
    if found.kind != OPTIONS.kind:
        raise decoding.DecodeError(decoding.not_registered(found, OPTIONS_SCHEME))


def _check_group_kind(plane: ControlPlane, found: Kind, expected: Kind, document: Any, raw: bytes) -> None:
    """Collections take options of any group and version that their server has."""
    _check_meta_kind(found)
    scheme, catalog = body.SCHEMES.get(expected.group, decoding.LEGACY_SCHEME), plane.registry.catalog
    known = catalog.is_built_in(found.group) and (found.group == expected.group or scheme == decoding.LEGACY_SCHEME)
    if known and found.kind == OPTIONS.kind and found.version in catalog.versions(found.group):
        return
    try:
        plane.registry.codec.schema.kind(*found)
    except KeyError:
        raise decoding.DecodeError(decoding.not_registered(found, scheme)) from None
    raise decoding.DecodeError(decoding.unknown_conversion(f"{found.version}.{found.kind}", "v1.DeleteOptions"))


def _check_custom(found: Kind, expected: Kind, document: Any, raw: bytes) -> None:
    """Collections of custom resources take their own version's, or what is read as a custom resource at first."""
    if found == expected:
        return
    decoding.check_custom(document, raw)
    if not document.get("apiVersion"):
        raise decoding.DecodeError("Object 'apiVersion' is missing in 'unstructured object has no version'")
    _check_meta_kind(found)
    if found not in CUSTOM_OPTIONS:
        raise decoding.DecodeError(decoding.not_registered(found, decoding.EXTENSIONS_SCHEME))


def _check_meta_kind(found: Kind) -> None:
    if found.kind in META_KINDS:
        raise decoding.DecodeError(decoding.unknown_conversion(f"v1.{found.kind}", "v1.DeleteOptions"))


async def _options(ctx: RequestContext, plane: ControlPlane, expected: Kind, check: Check) -> Object:
    """DeleteOptions of the body, or of the query if there is none.

    Raises BadRequest (400), Invalid (422), and 500 without a reason for a body that is none.
    """
    raw = await body.read(ctx)
    if raw:
        media = body.content_type(ctx)
        type_ = plane.registry.codec.type_of("", "v1", "DeleteOptions")
        try:
            document = body.parse(raw, media, plane.registry.codec, Kind("", "v1", OPTIONS.kind))
            text = raw if media == JSON else b""
            check(decoding.identify(document, expected), expected, document, text)
            options: Object = decoding.convert(document, type_, text)
        except decoding.DecodeError as error:
            raise status.unexpected(str(error)) from None
        if ctx.audit is not None:
            ctx.audit.sent(dumps({"kind": OPTIONS.kind, "apiVersion": OPTIONS.version, **options}))
    else:
        options = parameters.read_delete(values(ctx.query))
    parameters.check("DeleteOptions", parameters.delete_options_errors(options))
    return options
