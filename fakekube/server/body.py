"""Request bodies: read within bounds, parsed by their Content-Type, decoded as the kind that belongs there."""

from __future__ import annotations

from typing import Any

from fakekube.apis.resource import Resource, Version
from fakekube.apis.unserved import is_unserved
from fakekube.machinery import decoding, status
from fakekube.machinery.decoding import Kind
from fakekube.machinery.fielderrors import Path, invalid
from fakekube.machinery.mediatypes import media_type
from fakekube.machinery.objects import Object
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import JSON, PROTOBUF, SUPPORTED, YAML
from fakekube.server.refusals import proceed

LIMIT = 3 * 1024 * 1024
"""Bytes, as kube-apiserver's default MaxRequestBodyBytes."""
LIST = Kind("", "v1", "List")
NO_VERSION = "Object 'apiVersion' is missing in 'object has no apiVersion field'"
META_KINDS = frozenset(
    {"WatchEvent", "ListOptions", "ExportOptions", "GetOptions", "DeleteOptions", "CreateOptions", "UpdateOptions"}
    | {"PatchOptions"}
)
"""Kinds of apimachinery that are registered in every group and version."""
PARSERS = {JSON: decoding.decode_json, YAML: decoding.decode_yaml}
"""Of text, which says of itself what it holds."""


async def read(ctx: RequestContext) -> bytes:
    """The whole body. Raises RequestEntityTooLarge (413)."""
    length = ctx.request.content_length
    if length is not None and length > LIMIT:
        raise _too_large()
    proceed(ctx.request)
    content, data = ctx.request.content, b""
    while not content.at_eof():
        data += await content.readany()
        if len(data) > LIMIT:
            raise _too_large()
    return data


def _too_large() -> status.StatusError:
    message = f"Request entity too large: limit is {LIMIT}"
    return status.StatusError(status.failure(413, "RequestEntityTooLarge", message))


def content_type(ctx: RequestContext) -> str:
    """The body's media type. Raises UnsupportedMediaType (415)."""
    kind = media_type(ctx.request.headers.get("Content-Type") or JSON)
    if kind not in SUPPORTED:
        raise status.unsupported_media_type(SUPPORTED)
    return kind


def parse(raw: bytes, media: str, codec: Codec, expected: Kind) -> Any:
    """The document. Raises DecodeError."""
    return PARSERS[media](raw) if media != PROTOBUF else _message(raw, codec, expected)


def _message(raw: bytes, codec: Codec, expected: Kind) -> Object:
    """The object of a protobuf body: of the kind that it names, or the expected one."""
    from fakekube.wire import protobuf

    try:
        unknown = protobuf.unwrap(raw)
        named = {"apiVersion": unknown.api_version, "kind": unknown.kind}
        found = decoding.identify(named, expected)
        return named | protobuf.decode(unknown.raw, codec.type_of(*found))
    except protobuf.ProtobufError as error:
        raise decoding.DecodeError(str(error)) from None
    except KeyError:
        raise decoding.DecodeError(decoding.not_registered(found)) from None


def decode(ctx: RequestContext, raw: bytes, resource: Resource, version: Version, registry: Registry) -> Object:
    """A fresh object of the storage version. Raises UnsupportedMediaType (415), BadRequest (400)."""
    media = content_type(ctx)
    expected = Kind(resource.group, version.name, resource.kind)
    found: Kind | None = None
    try:
        document = parse(raw, media, registry.codec, expected)
        if resource.custom:
            return _decode_custom(document, raw if media == JSON else b"", expected, resource, version, registry)
        found = decoding.identify(document, expected)
        check_kind(found, expected, document, registry, raw, media)
        return registry.codec.decode(resource, version, document, raw if media == JSON else b"")
    except decoding.DecodeError as error:
        text = decoding.refusal(str(error), found, expected.kind, raw)
        raise status.bad_request(text) from None


def _decode_custom(
    document: Any, raw: bytes, expected: Kind, resource: Resource, version: Version, registry: Registry
) -> Object:
    """The same of a custom resource, which has to say what it is. Raises DecodeError, BadRequest (400)..."""
    decoding.identify(document, expected)
    try:
        decoding.check_custom(document, raw)
        check_custom_kind(document, expected)
        return registry.codec.decode(resource, version, document, raw)
    except decoding.DecodeError as error:
        raise status.bad_request(decoding.refusal(str(error), expected, expected.kind, raw)) from None


def check_custom_kind(document: Object, expected: Kind) -> None:
    """What a custom resource says it is. Raises BadRequest (400), Invalid (422), 500 without an apiVersion."""
    version, kind = document.get("apiVersion"), document.get("kind")
    if not version:
        raise status.internal_error(NO_VERSION)
    if version != expected.api_version:
        group, _, name = str(version).rpartition("/")
        found = Kind(group, name, expected.kind)
        raise status.bad_request(decoding.version_mismatch(found, expected))
    if kind != expected.kind:
        name = (document.get("metadata") or {}).get("name", "")
        wrong = invalid(Path("kind"), kind, f"must be {expected.kind}")
        raise status.invalid(expected.group, str(kind), name, [wrong])


def check_patched_kind(document: Object, expected: Kind, name: str) -> None:
    """What a patch has made of a custom resource's kind and version. Raises Invalid (422), 500 without a version."""
    if not document.get("apiVersion"):
        raise status.internal_error(NO_VERSION)
    wanted = {"kind": expected.kind, "apiVersion": expected.api_version}
    wrong = [
        invalid(Path(field), document.get(field, ""), f"must be {value}")
        for field, value in wanted.items()
        if document.get(field) != value
    ]
    if wrong:
        group = str(document.get("apiVersion") or "").rpartition("/")[0]
        raise status.invalid(group, str(document.get("kind") or ""), name, wrong)


SCHEMES = {
    "apiextensions.k8s.io": decoding.EXTENSIONS_SCHEME,
    "apiregistration.k8s.io": decoding.AGGREGATOR_SCHEME,
}
"""Groups whose servers know no kinds but their own."""


def check_kind(
    found: Kind, expected: Kind, document: Any, registry: Registry, raw: bytes = b"", media: str = JSON
) -> None:
    """Raises BadRequest (400) for another version, DecodeError for another kind."""
    if found == expected:
        return
    if not found.version:
        raise decoding.DecodeError(decoding.missing("apiVersion", raw or decoding.dumps(document)))
    if is_unserved(*found) and found.kind == expected.kind:
        raise status.bad_request(decoding.version_mismatch(found, expected))
    wanted = f"{internal_package(expected.group)}.{expected.kind}"
    if _is_meta(found, registry):
        raise decoding.DecodeError(decoding.unknown_conversion(f"v1.{found.kind}", wanted))
    scheme = SCHEMES.get(expected.group, decoding.LEGACY_SCHEME)
    try:
        type_ = registry.codec.schema.kind(*found)
        if expected.group in SCHEMES and found.group != expected.group:
            raise KeyError(found)
    except KeyError:
        raise decoding.DecodeError(decoding.not_registered(found, scheme)) from None
    decoding.convert(document, type_, raw if media == JSON else b"")
    if found.kind == expected.kind:
        raise status.bad_request(decoding.version_mismatch(found, expected))
    raise decoding.DecodeError(decoding.unknown_conversion(f"{found.version}.{found.kind}", wanted))


def _is_meta(found: Kind, registry: Registry) -> bool:
    """Whether it is one of the kinds that every group has, or a plain list."""
    if found == LIST:
        return True
    return found.kind in META_KINDS and found.version in registry.catalog.versions(found.group)


def internal_package(group: str) -> str:
    """The Go package of a group's internal types, which messages name."""
    return group.partition(".")[0] or "core"


def input_kind(resource: Resource, version: Version, subresource: str) -> tuple[Resource, Version]:
    """What a body of this resource or subresource is: some subresources take a kind of their own."""
    sub = resource.subresource(subresource, version.name) if subresource else None
    if sub is None or not sub.kind or sub.kind == resource.kind:
        return resource, version
    own = Version(sub.version or version.name, storage=True)
    return Resource(group=sub.group, plural=resource.plural, kind=sub.kind, versions=(own,), stored=False), own
