"""What the verbs share: the scope of an operation and the answer to it."""

from __future__ import annotations

from aiohttp import web

from fakekube.apis.resource import Resource, Version
from fakekube.endpoints.endpoint import Answer, Endpoint
from fakekube.machinery.objects import Object
from fakekube.registry.codec import dumps
from fakekube.registry.scope import Scope
from fakekube.server import encoding
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
        subresource=info.subresource,
        manager=options.get("fieldManager") or manager(ctx.user_agent),
        dry_run=bool(options.get("dryRun")),
        options=options,
        warnings=ctx.warnings,
        annotations=ctx.decision.annotations,
        findings=ctx.decision.findings,
    )


def manager(user_agent: str) -> str:
    """The field manager that a User-Agent stands for: what is before its first slash."""
    return user_agent.partition("/")[0][:128] or "unknown"


def reply(ctx: RequestContext, plane: ControlPlane, answer: Answer, media: Media, code: int = 200) -> web.Response:
    """An endpoint's or the store's answer."""
    if isinstance(answer, Entry):
        return encoding.reply_entry(ctx, plane.registry.codec, answer, media, code)
    resource, version = target(ctx)
    if answer.get("kind") == resource.kind:
        answer = plane.registry.codec.version_of(resource, version, answer)
    return encoding.reply(ctx, dumps(answer), media, code)
