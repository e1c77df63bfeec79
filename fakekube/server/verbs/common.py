"""What the verbs share: the scope of an operation and the answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache

from aiohttp.web_response import Response
from msgspec.structs import replace

from fakekube.apis.resource import Resource, Version
from fakekube.endpoints.endpoint import Answer, Endpoint
from fakekube.machinery import status
from fakekube.machinery.metarules import MANAGER_LIMIT
from fakekube.machinery.objects import Object
from fakekube.registry.codec import dumps
from fakekube.registry.scope import Scope
from fakekube.server import body, encoding, tables
from fakekube.server.authorize import attributes_of
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import Media
from fakekube.server.plane import ControlPlane
from fakekube.storage.cache import Entry


def target(ctx: RequestContext) -> tuple[Resource, Version]:
    """What the route found."""
    assert ctx.resource is not None
    assert ctx.version is not None
    return ctx.resource, ctx.version


def endpoint(ctx: RequestContext, plane: ControlPlane) -> Endpoint | None:
    """The special endpoint of the request's resource and subresource."""
    info = ctx.info
    return plane.endpoints.get((info.group, info.resource, info.subresource))


def scope(ctx: RequestContext, options: Object) -> Scope:
    """The operation that the request asks for."""
    resource, version = target(ctx)
    info = ctx.info
    return Scope(
        resource,
        version,
        ctx.user,
        namespace=info.namespace if resource.namespaced else "",
        name=info.name,
        request_namespace=info.namespace,
        subresource=info.subresource,
        manager=options.get("fieldManager") or manager(ctx.user_agent),
        dry_run=bool(options.get("dryRun")),
        options=options,
        warnings=ctx.warnings,
        annotations=ctx.decision.annotations,
        findings=ctx.decision.findings,
        explained=True,
    )


def may_create(ctx: RequestContext, plane: ControlPlane) -> Callable[[], Awaitable[None]]:
    """The check that a user who may update may create as well. It raises Forbidden (403)."""

    async def check() -> None:
        resource, _ = target(ctx)
        attributes = replace(attributes_of(ctx), verb="create")
        verdict = await plane.services.authorizer.decide(attributes)
        if not verdict.allowed:
            raise status.forbidden(resource.group, resource.plural, ctx.info.name, verdict.reason)

    return check


def track(plane: ControlPlane, scope: Scope, obj: Object) -> None:
    """Set the managedFields of what no store will keep: even a review has them."""
    shape, version = body.input_kind(scope.resource, scope.version, scope.subresource)
    plane.registry.tracking.update(replace(scope, resource=shape, version=version), None, obj, plane.registry.now())


@lru_cache(maxsize=512)
def manager(user_agent: str) -> str:
    """The field manager that a User-Agent stands for: what can be printed before its first slash."""
    kept, size = "", 0
    for char in filter(str.isprintable, user_agent.partition("/")[0]):
        size += len(char.encode())
        if size > MANAGER_LIMIT:
            break
        kept += char
    return kept or "unknown"


def reply(ctx: RequestContext, plane: ControlPlane, answer: Answer, media: Media, code: int = 200) -> Response:
    """An endpoint's or the store's answer."""
    if isinstance(answer, Entry):
        return encoding.reply_entry(ctx, plane.registry.codec, answer, media, code)
    resource, version = target(ctx)
    if answer.get("kind") == resource.kind:
        answer = plane.registry.codec.version_of(resource, version, answer)
    if media.kind == "PartialObjectMetadataList" and answer.get("kind") != "Status":
        raise encoding.not_acceptable(
            f"you requested {media.kind}, but the requested object is not a list", resource, ""
        )
    if media.kind and answer.get("kind") != "Status":
        answer = tables.partial(resource, answer, f"{tables.META}/{media.version}")
    return encoding.reply(ctx, dumps(answer), media, code)
