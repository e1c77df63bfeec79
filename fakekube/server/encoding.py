"""Answers: an object, a list or a Status as JSON or YAML, as a Table or as metadata only.

Follows apiserver's endpoints/handlers/response.go. Objects that come from the store are joined from kept bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.prettyjson import pretty
from fakekube.registry.codec import Codec, dumps
from fakekube.registry.listing import Page
from fakekube.server import tables
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import SUPPORTED, YAML, Media, negotiate, prettier
from fakekube.storage.cache import Entry


def acceptable(ctx: RequestContext, transforms: bool = True) -> Media:
    """The form that the client wants. Raises NotAcceptable (406)."""
    media = negotiate(ctx.accept, transforms)
    if media is None:
        raise status.not_acceptable(SUPPORTED)
    return media


def reply(ctx: RequestContext, data: bytes, media: Media, code: int = 200, headers: Any = None) -> web.Response:
    """An answer out of compact JSON: pretty for people, YAML where asked for."""
    if media.type == YAML:
        data = _yaml(data)
    elif media.pretty or prettier(ctx.request.query_string, ctx.query.get("pretty"), ctx.user_agent):
        data = pretty(data)
    else:
        data += b"\n"
    response = web.Response(body=data, status=code, headers=headers)
    response.headers["Content-Type"] = media.type
    return response


def reply_status(ctx: RequestContext, error: status.StatusError) -> web.Response:
    """A StatusError as the answer, in whatever form the client can take."""
    media = negotiate(ctx.accept, True) or Media()
    return reply(ctx, dumps(error.status), Media(media.type, pretty=media.pretty), error.code, error.headers)


def reply_entry(ctx: RequestContext, codec: Codec, entry: Entry, media: Media, code: int = 200) -> web.Response:
    """One stored object."""
    resource, version = _typed(ctx)
    if not media.kind:
        return reply(ctx, codec.whole(resource, version, entry), media, code)
    return reply(ctx, dumps(transform(ctx, codec, [entry], media, single=True)), media, code)


def reply_page(ctx: RequestContext, codec: Codec, page: Page, media: Media) -> web.Response:
    """A list of stored objects."""
    resource, version = _typed(ctx)
    if media.kind:
        return reply(ctx, dumps(transform(ctx, codec, page.entries, media, page=page)), media)
    head = {
        "kind": resource.list_kind_name,
        "apiVersion": api_version(resource.group, version.name),
        "metadata": list_meta(page),
    }
    items = b",".join([codec.item(resource, version, entry) for entry in page.entries])
    return reply(ctx, b'%b,"items":[%b]}' % (dumps(head)[:-1], items), media)


def list_meta(page: Page) -> Object:
    """The metadata of a list."""
    found: Object = {"resourceVersion": str(page.revision)} if page.revision else {}
    if page.token:
        found["continue"] = page.token
        if page.remaining is not None:
            found["remainingItemCount"] = page.remaining
    return found


def transform(
    ctx: RequestContext,
    codec: Codec,
    entries: Sequence[Entry],
    media: Media,
    *,
    single: bool = False,
    page: Page | None = None,
) -> Object:
    """A Table or PartialObjectMetadata of one object or a list. Raises BadRequest (400) for a bad includeObject."""
    resource, version = _typed(ctx)
    if media.kind == "Table":
        objects = [codec.version_of(resource, version, entry.object) for entry in entries]
        stored = [entry.object for entry in entries]
        meta = list_meta(page) if page else _revision_of(entries[0].object)
        include = tables.include_object(ctx.query.get("includeObject", ""))
        return tables.table(resource, media.version, stored, objects, meta, include, tables.now())
    partial = f"{tables.META}/{media.version}"
    if single:
        return tables.partial(resource, entries[0].object, partial)
    assert page is not None
    items = [tables.partial(resource, entry.object, partial) for entry in entries]
    return {"kind": "PartialObjectMetadataList", "apiVersion": partial, "metadata": list_meta(page), "items": items}


def _revision_of(obj: Object) -> Object:
    """The metadata of a Table of one object: what a dry run would create has no revision."""
    revision = obj["metadata"].get("resourceVersion")
    return {"resourceVersion": revision} if revision else {}


def _yaml(data: bytes) -> bytes:
    import yaml

    text: str = yaml.dump(orjson.loads(data), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=True)
    return text.encode()


def _typed(ctx: RequestContext) -> tuple[Resource, Version]:
    assert ctx.resource is not None
    assert ctx.version is not None
    return ctx.resource, ctx.version
