"""Request bodies: read within bounds, parsed by their Content-Type, decoded as the kind that belongs there."""

from __future__ import annotations

from typing import Any

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import decoding, status
from fakekube.machinery.objects import Object
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import JSON, SUPPORTED, YAML

LIMIT = 3 * 1024 * 1024
"""Bytes, as kube-apiserver's default MaxRequestBodyBytes."""
PARSERS = {JSON: decoding.decode_json, YAML: decoding.decode_yaml}


async def read(ctx: RequestContext) -> bytes:
    """The whole body. Raises RequestEntityTooLarge (413)."""
    length = ctx.request.content_length
    if length is not None and length > LIMIT:
        raise _too_large()
    data = b""
    async for chunk in ctx.request.content.iter_any():
        data += chunk
        if len(data) > LIMIT:
            raise _too_large()
    return data


def _too_large() -> status.StatusError:
    message = f"Request entity too large: limit is {LIMIT}"
    return status.StatusError(status.failure(413, "RequestEntityTooLarge", message))


def content_type(ctx: RequestContext) -> str:
    """The body's media type. Raises UnsupportedMediaType (415)."""
    kind = ctx.request.headers.get("Content-Type", "").partition(";")[0].strip().lower() or JSON
    if kind not in PARSERS:
        raise status.unsupported_media_type(SUPPORTED)
    return kind


def parse(raw: bytes, media: str) -> Any:
    """The document. Raises DecodeError."""
    return PARSERS[media](raw)


def kind_of(document: Any, resource_kind: tuple[str, str, str], raw: bytes) -> tuple[str, str, str]:
    """(group, version, kind) of a document; what it leaves out is taken from the endpoint's. Raises BadRequest (400)."""
    if not isinstance(document, dict):
        return resource_kind
    group, version, kind = resource_kind
    found_version, found_kind = document.get("apiVersion"), document.get("kind")
    if isinstance(found_kind, str) and found_kind:
        kind = found_kind
    if isinstance(found_version, str) and found_version:
        group, _, version = found_version.rpartition("/")
    return group, version, kind


def decode(ctx: RequestContext, raw: bytes, resource: Resource, version: Version, plane_codec: Any) -> Object:
    """A fresh object of the storage version. Raises UnsupportedMediaType (415), BadRequest (400)."""
    media = content_type(ctx)
    expected = (resource.group, version.name, resource.kind)
    try:
        document = parse(raw, media)
        found = kind_of(document, expected, raw)
        _check_kind(found, expected, document)
        return plane_codec.decode(resource, version, document, raw if media == JSON else b"")  # type: ignore[no-any-return]
    except decoding.DecodeError as error:
        raise cannot_be_handled(str(error), expected) from None


def cannot_be_handled(text: str, expected: tuple[str, str, str]) -> status.StatusError:
    """400: the body is not such an object."""
    _, version, kind = expected
    return status.bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {text}')


def _check_kind(found: tuple[str, str, str], expected: tuple[str, str, str], document: Any) -> None:
    if found == expected:
        return
    group, version, kind = found
    if kind == expected[2] and (group, version) != expected[:2]:
        message = (
            f"the API version in the data ({api_version(group, version)}) does not match the expected API version "
            f"({api_version(*expected[:2])})"
        )
        raise status.bad_request(message)
    message = f'{kind} in version "{version}" cannot be handled as a {expected[2]}: converting ({version}.{kind}) to (core.{expected[2]}): unknown conversion'  # noqa: E501
    raise status.bad_request(message)


def input_kind(resource: Resource, version: Version, subresource: str) -> tuple[Resource, Version]:
    """What a body of this resource or subresource is: some subresources take a kind of their own."""
    sub = resource.subresource(subresource, version.name) if subresource else None
    if sub is None or not sub.kind or sub.kind == resource.kind:
        return resource, version
    own = Version(sub.version or version.name, storage=True)
    return Resource(group=sub.group, plural=resource.plural, kind=sub.kind, versions=(own,), stored=False), own
