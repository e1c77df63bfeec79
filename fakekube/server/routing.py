"""From what a request names to the resource and the verb that serve it. Follows the API installer's routes."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version
from fakekube.machinery import status
from fakekube.machinery.patch import BUILT_IN_TYPES, CUSTOM_TYPES
from fakekube.server.context import RequestContext
from fakekube.server.negotiation import consumes, produces
from fakekube.server.plane import ControlPlane
from fakekube.server.requestinfo import RequestInfo

METHODS = {
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
}
"""The HTTP method of a verb."""


ENDING = "{} not allowed while custom resource definition is terminating"


class UnknownGroup(Exception):
    """No version of the group is served; the real server's last delegate answers in plain text."""


def route(ctx: RequestContext, plane: ControlPlane) -> str:
    """Find the resource and give the verb that serves the request. Raises UnknownGroup and
    StatusError: NotFound (404), MethodNotAllowed (405)."""
    info = ctx.info
    found = plane.registry.catalog.by_plural(info.group, info.version, info.resource)
    if found is None:
        raise status.generic(404, info.verb) if plane.registry.catalog.is_built_in(info.group) else UnknownGroup()
    ctx.resource, ctx.version = found
    if ctx.resource.custom:
        return _route_custom(ctx, ctx.resource, ctx.version)
    special = plane.endpoints.get((info.group, info.resource, info.subresource))
    if special is not None and special.connect_methods and len(info.parts) >= 3:
        return _proxied(ctx, ctx.resource, special.connect_methods)
    verbs = _verbs(info, *found)
    if not verbs:
        raise status.generic(404, info.verb)
    method = ctx.request.method
    if method not in {METHODS[verb] for verb in verbs if verb in METHODS}:
        raise status.generic(405, info.verb)
    _check_media(ctx, plane)
    if ctx.version.deprecated:
        ctx.warnings.append(ctx.version.deprecated)
    verb = _serving(info, method)
    if verb == "watch" and verb not in verbs:
        raise status.method_not_supported(info.group, info.resource, "watch")
    return verb


def _route_custom(ctx: RequestContext, resource: Resource, version: Version) -> str:
    """The same for custom resources, which have no routes but one handler. Raises as `route`."""
    info, method = ctx.info, ctx.request.method
    if bool(info.namespace) != resource.namespaced and (info.namespace or info.name or method != "GET"):
        raise UnknownGroup
    if version.deprecated:
        ctx.warnings.append(version.deprecated)
    sub = resource.subresource(info.subresource, version.name) if info.subresource else None
    if info.subresource and sub is None:
        raise status.not_found(info.group, info.resource, info.name)
    if info.verb == "patch" and not consumes(method, ctx.request.headers.get("Content-Type", ""), CUSTOM_TYPES):
        raise status.unsupported_media_type(CUSTOM_TYPES)
    if not info.name and info.verb in ("update", "patch"):
        raise status.bad_request("name must be provided")
    if info.verb not in (sub.verbs if sub else resource.verbs):
        raise status.method_not_supported(info.group, info.resource, info.verb)
    if info.verb == "create" and resource.ending:
        raise status.method_not_supported(info.group, info.resource, info.verb, ENDING)
    return _serving(info, method)


def _check_media(ctx: RequestContext, plane: ControlPlane) -> None:
    """What the routes themselves refuse. Raises UnsupportedMediaType (415), NotAcceptable (406)."""
    info, request = ctx.info, ctx.request
    special = plane.endpoints.get((info.group, info.resource, info.subresource))
    if special is not None and special.connect is not None:
        return
    taken = True
    if request.method == "PATCH":
        taken = consumes("PATCH", request.headers.get("Content-Type", ""), patch_types(ctx))
        if not taken and (request.content_length or 0) > 0:
            raise status.generic(415, info.verb)
    if not taken or not produces(ctx.accept):
        raise status.generic(406, info.verb)


def patch_types(ctx: RequestContext) -> tuple[str, ...]:
    """What a PATCH of the request's resource may be."""
    return CUSTOM_TYPES if ctx.resource is not None and ctx.resource.custom else BUILT_IN_TYPES


def _proxied(ctx: RequestContext, resource: Resource, methods: tuple[str, ...]) -> str:
    """A subresource with paths below it, which takes methods that are no verbs of resources. Raises as `route`."""
    if bool(ctx.info.namespace) != resource.namespaced:
        raise status.generic(404, ctx.info.verb)
    if ctx.request.method not in methods:
        raise status.generic(405, ctx.info.verb)
    return ctx.info.verb


def _serving(info: RequestInfo, method: str) -> str:
    """The verb by the form of the path alone: a list by field selector names an object and is still a list."""
    if method != "GET":
        return info.verb
    if info.special == "watch" or info.verb == "watch":
        return "watch"
    return "get" if len(info.parts) > 1 else "list"


def _verbs(info: RequestInfo, resource: Resource, version: Version) -> tuple[str, ...]:
    """The verbs that this form of path has."""
    parts = len(info.parts)
    if parts > 3 or (resource.namespaced and parts > 1 and not info.namespace):
        return ()
    if not resource.namespaced and info.namespace and (resource.plural != "namespaces" or info.namespace != info.name):
        return ()
    if info.special == "proxy":
        return ()
    if info.special:
        return ("watch",) if "watch" in resource.verbs and parts <= 2 else ()
    if parts == 3:
        sub = resource.subresource(info.subresource, version.name)
        return sub.verbs if sub else ()
    if parts == 2:
        return tuple(verb for verb in ("get", "update", "patch", "delete") if verb in resource.verbs)
    collection: tuple[str, ...] = ("list", "watch", "create", "deletecollection")
    if resource.namespaced and not info.namespace:
        collection = ("list", "watch")
    return tuple(verb for verb in collection if verb in resource.verbs)
