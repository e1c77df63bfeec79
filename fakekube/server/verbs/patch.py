"""PATCH: JSON patch, merge patch, strategic merge patch, server-side apply. Follows apiserver's handlers/patch.go."""

from __future__ import annotations

from aiohttp.web_response import StreamResponse

from fakekube.machinery import decoding, status
from fakekube.machinery import patch as patches
from fakekube.machinery.decoding import Kind
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Type
from fakekube.registry.scope import Scope
from fakekube.server import body, parameters
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.plane import ControlPlane
from fakekube.server.routing import patch_types
from fakekube.server.values import values
from fakekube.server.verbs import common
from fakekube.server.verbs.update import UNNAMED, check_name


async def patch(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Change an object or a part that a subresource stands for. Raises StatusError."""
    resource, version = common.target(ctx)
    kind = _content_type(ctx)
    media = acceptable(ctx)
    raw = await body.read(ctx)
    options = parameters.read(values(ctx.query), parameters.PATCH)
    parameters.check("PatchOptions", parameters.patch_options_errors(options, kind == patches.APPLY_PATCH))
    if ctx.audit is not None:
        ctx.audit.sent(raw)
    parameters.check_timeout(values(ctx.query))
    scope = common.scope(ctx, options)
    scope.may_create = common.may_create(ctx, plane)
    scope.applied = kind == patches.APPLY_PATCH
    codec = plane.registry.codec
    shape, shape_version = body.input_kind(resource, version, scope.subresource)
    shape_type = codec.type_of(shape.group, shape_version.name, shape.kind)
    tracking = plane.registry.tracking

    async def make(current: Object | None) -> Object:
        if scope.applied:
            patched = tracking.apply(scope, current, _applied(raw), bool(options.get("force")), plane.registry.now())
        elif current is None:
            raise status.not_found(resource.group, resource.plural, scope.name)
        else:
            patched = patches.apply(codec.version_of(shape, shape_version, current), raw, kind, shape_type)
            if shape.custom:
                _check_custom_kind(patched, Kind(shape.group, shape_version.name, shape.kind), scope.name)
            elif kind != patches.STRATEGIC_MERGE_PATCH:
                _check_kind(patched, Kind(shape.group, shape_version.name, shape.kind), scope.name, plane)
        try:
            obj = codec.decode(shape, shape_version, patched)
        except decoding.DecodeError:
            raise patches.refused(patched, _why(patched, shape_type)) from None
        _check_uid(scope, current, obj)
        check_name(scope, obj)
        return obj

    special = common.endpoint(ctx, plane)
    if special is not None and special.update is not None:
        answer, created = await special.update(scope, make, plane.services)
    else:
        answer, created = await plane.registry.store(resource).update(scope, make)
    return common.reply(ctx, plane, answer, media, 201 if created else 200)


def _content_type(ctx: RequestContext) -> str:
    """Raises UnsupportedMediaType (415)."""
    kind = ctx.request.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind not in patch_types(ctx):
        raise status.unsupported_media_type(patch_types(ctx))
    return kind


def _check_kind(patched: Object, expected: Kind, name: str, plane: ControlPlane) -> None:
    """What a patch has made of kind and apiVersion. Raises BadRequest (400), Invalid (422)."""
    try:
        found = decoding.identify(patched, Kind("", "", expected.kind))
        if not found.version and found.kind == expected.kind:
            # The real server takes it for one of its own form, in which no field has the name that clients know.
            raise status.bad_request(UNNAMED.format(name))
        body.check_kind(found, expected, patched, plane.registry)
    except decoding.DecodeError as error:
        raise patches.refused(patched, str(error)) from None


def _check_custom_kind(patched: Object, expected: Kind, name: str) -> None:
    """The same of a custom resource. Raises Invalid (422), 500 without an apiVersion."""
    try:
        decoding.identify(patched, expected)
        decoding.check_custom(patched, patches.text_of(patched).encode())
    except decoding.DecodeError as error:
        raise patches.refused(patched, str(error)) from None
    body.check_patched_kind(patched, expected, name)


def _why(patched: Object, type_: Type) -> str:
    """What is wrong with a document, in the words that quote it as it was read."""
    text = patches.text_of(patched).encode()
    try:
        decoding.convert(patched, type_, text)
    except decoding.DecodeError as error:
        return str(error)
    return decoding.TOO_DEEP


def _check_uid(scope: Scope, current: Object | None, obj: Object) -> None:
    """Raises Conflict (409) for a configuration of an object that is not there."""
    uid = obj["metadata"].get("uid")
    if uid and current is None:
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise status.conflict(scope.resource.group, scope.resource.plural, scope.name, why)


def _applied(raw: bytes) -> object:
    """The configuration of a server-side apply. Raises BadRequest (400)."""
    try:
        return decoding.decode_apply(raw)
    except decoding.DecodeError as error:
        raise status.bad_request(str(error)) from None
