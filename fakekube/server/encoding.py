"""Answers: an object, a list or a Status as JSON or YAML, as a Table or as metadata only.

Follows apiserver's endpoints/handlers/response.go. Objects that come from the store are joined from kept bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp.web_response import Response

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.prettyjson import pretty
from fakekube.registry.codec import Codec, dumps, escaped
from fakekube.registry.listing import Page
from fakekube.server import tables
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import (
    ALL_FORMS,
    JSON,
    METADATA_FORMS,
    PROTOBUF,
    SUPPORTED,
    TABLES,
    YAML,
    Media,
    negotiate,
    prettier,
)
from fakekube.server.reply import Reply
from fakekube.storage.cache import Entry

INTERNAL_PACKAGES = {"": "core", "rbac.authorization.k8s.io": "rbac"}
"""Go packages of the real server's own types, where they are not called as the group."""
META_TYPES = "io.k8s.apimachinery.pkg.apis.meta.v1"
OBJECT_META, LIST_META = f"{META_TYPES}.ObjectMeta", f"{META_TYPES}.ListMeta"


def acceptable(ctx: RequestContext) -> Media:
    """The form that the client wants. Raises NotAcceptable (406)."""
    resource, _ = _typed(ctx)
    whole = not ctx.info.subresource and (resource.stored or resource.columns)
    media = negotiate(ctx.accept, ALL_FORMS if whole else METADATA_FORMS, TABLES if resource.custom else SUPPORTED)
    if media is None:
        raise status.not_acceptable(SUPPORTED)
    return media


def reply(ctx: RequestContext, data: bytes, media: Media, code: int = 200, headers: Any = None) -> Response:
    """An answer out of compact JSON: pretty for people, YAML or protobuf where asked for."""
    if ctx.audit is not None:
        ctx.audit.answered(data)
    if media.type == YAML:
        data = _yaml(data)
    elif media.type == PROTOBUF:
        data = protobuf_of(ctx.codec, orjson.loads(data))
    elif media.pretty or prettier(ctx.request.query_string, ctx.query.get("pretty"), ctx.user_agent):
        data = pretty(data)
    else:
        data += b"\n"
    response = Reply(body=data, status=code, headers=headers)
    response.headers["Content-Type"] = media.type
    return response


def reply_status(ctx: RequestContext, error: status.StatusError) -> Response:
    """A StatusError as the answer, in whatever form the client can take, or as JSON."""
    media = negotiate(ctx.accept)
    if media is None:
        data = orjson.dumps(error.status, option=orjson.OPT_INDENT_2)
        response = Reply(body=escaped(data), status=error.code, headers=error.headers)
        response.headers["Content-Type"] = JSON
        return response
    return reply(ctx, dumps(error.status), media, error.code, error.headers)


def protobuf_of(codec: Codec, value: Object) -> bytes:
    """An object, a list or a Status as the body of an answer."""
    from fakekube.wire import protobuf_writer as writer

    version, kind = value["apiVersion"], value["kind"]
    metadata = codec.schema.definition(OBJECT_META)
    if kind == "PartialObjectMetadata":
        raw = writer.metadata_only(value, metadata)
    elif kind == "PartialObjectMetadataList":
        items = (writer.metadata_only(item, metadata) for item in value["items"] or ())
        raw = writer.metadata_list(value, items, codec.schema.definition(LIST_META))
    else:
        group, _, name = version.rpartition("/")
        raw = writer.encode(value, codec.type_of(group, name, kind))
    return writer.body(version, kind, raw)


def reply_entry(ctx: RequestContext, codec: Codec, entry: Entry, media: Media, code: int = 200) -> Response:
    """One stored object. Raises BadRequest (400), NotAcceptable (406)."""
    resource, version = _typed(ctx)
    if media.kind == "PartialObjectMetadataList":
        if resource.custom:
            raise status.unexpected("content is not a list")
        raise not_acceptable(f"you requested {media.kind}, but the requested object is not a list", resource, "")
    if not media.kind:
        return reply(ctx, codec.whole(resource, version, entry), media, code)
    return reply(ctx, dumps(transform(ctx, codec, [entry], media, single=True)), media, code)


def not_acceptable(problem: str, resource: Resource, suffix: str) -> status.StatusError:
    """406: a form that this object does not have. The message names its Go type."""
    package = INTERNAL_PACKAGES.get(resource.stored_group) or resource.stored_group.partition(".")[0]
    type_ = f"*unstructured.Unstructured{suffix}" if resource.custom else f"*{package}.{resource.kind}{suffix}"
    return status.StatusError(status.failure(406, "NotAcceptable", f"{problem} ({type_})"))


def reply_page(ctx: RequestContext, codec: Codec, page: Page, media: Media) -> Response:
    """A list of stored objects. Raises BadRequest (400), NotAcceptable (406)."""
    resource, version = _typed(ctx)
    if media.kind == "PartialObjectMetadata":
        raise not_acceptable(f"you requested {media.kind}, but the requested object is a list", resource, "List")
    if media.kind:
        return reply(ctx, dumps(transform(ctx, codec, page.entries, media, page=page)), media)
    items = b",".join([codec.item(resource, version, entry) for entry in page.entries])
    if resource.custom:
        return reply(ctx, _custom_list(resource, version, page, items), media)
    head = {
        "kind": resource.list_kind_name,
        "apiVersion": api_version(resource.group, version.name),
        "metadata": list_meta(page),
    }
    return reply(ctx, b'%b,"items":[%b]}' % (dumps(head)[:-1], items), media)


def _custom_list(resource: Resource, version: Version, page: Page, items: bytes) -> bytes:
    """As Go writes lists of objects without types: keys sorted, and always a place to continue from."""
    metadata = {"continue": page.token, **list_meta(page)}
    tail = dumps({"kind": resource.list_kind_name, "metadata": {name: metadata[name] for name in sorted(metadata)}})
    return b'{"apiVersion":%b,"items":[%b],%b' % (dumps(api_version(resource.group, version.name)), items, tail[1:])


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
        return tables.table(resource, media.version, stored, objects, meta, include, tables.now(), version.columns)
    partial = f"{tables.META}/{media.version}"
    if single:
        return tables.partial(resource, entries[0].object, partial)
    assert page is not None
    items = [tables.partial(resource, entry.object, partial) for entry in entries] or None
    metadata = {name: value for name, value in list_meta(page).items() if name != "remainingItemCount"}
    return {"kind": "PartialObjectMetadataList", "apiVersion": partial, "metadata": metadata, "items": items}


def _revision_of(obj: Object) -> Object:
    """The metadata of a Table of one object: what a dry run would create has no revision."""
    revision = obj["metadata"].get("resourceVersion")
    return {"resourceVersion": revision} if revision else {}


def _yaml(data: bytes) -> bytes:
    from fakekube.machinery import yamltext

    return yamltext.dump(orjson.loads(data)).encode()


def _typed(ctx: RequestContext) -> tuple[Resource, Version]:
    assert ctx.resource is not None
    assert ctx.version is not None
    return ctx.resource, ctx.version
