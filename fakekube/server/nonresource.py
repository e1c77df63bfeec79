"""Everything that is no resource: discovery, version, health, metrics, OpenAPI, the token issuer, the index.

Follows apiserver's server/routes and the delegation from the aggregator to the extensions server, which answers what
nobody knows with a list of its own paths.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp.web_response import Response, StreamResponse
from multidict import CIMultiDict

from fakekube.apis import catalog, sim
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.codec import dumps
from fakekube.server import discovery, encoding, health, metrics, openapi
from fakekube.server.context import PlainError, RequestContext
from fakekube.server.negotiation import JSON, PROTOBUF, SUPPORTED, negotiate, produces
from fakekube.server.plane import ControlPlane
from fakekube.server.reply import Reply

Handler = Callable[[RequestContext, ControlPlane], Awaitable[StreamResponse]]
NOT_FOUND_TEXT = "404 page not found\n"


async def respond(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Answer a request for a path. Raises StatusError."""
    path = ctx.info.path
    if path.startswith("//"):
        return _index(ctx, _extension_paths(), 404)
    if handler := EXACT.get(path):
        return await handler(ctx, plane)
    first = path.strip("/").split("/")[0]
    if handler := PREFIXES.get(first):
        return await handler(ctx, plane)
    if first == "version":
        raise status.generic(404, ctx.info.verb)
    return _index(ctx, _extension_paths(), 404)


async def _api(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """/api and /api/v1."""
    parts = ctx.info.path.strip("/").split("/")
    if len(parts) == 1:
        return _document(ctx, discovery.api_versions(plane.address))
    return _resources(ctx, plane, "", parts[1])


async def _apis(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """/apis, /apis/GROUP, /apis/GROUP/VERSION."""
    parts = ctx.info.path.strip("/").split("/")
    catalog = plane.registry.catalog
    if len(parts) == 1:
        return _document(ctx, discovery.group_list(catalog), routed=False)
    group = discovery.group(catalog, parts[1])
    if group is None:
        return text_not_found()
    if len(parts) == 2:
        return _document(ctx, group, routed=False)
    return _resources(ctx, plane, parts[1], parts[2])


def _resources(ctx: RequestContext, plane: ControlPlane, group: str, version: str) -> StreamResponse:
    found = discovery.resource_list(plane.registry.catalog, group, version)
    if found is None and not plane.registry.catalog.is_built_in(group):
        return text_not_found()
    if found is None:
        raise status.generic(404, ctx.info.verb)
    return _document(ctx, found)


def _document(ctx: RequestContext, document: Object, *, routed: bool = True) -> StreamResponse:
    """A discovery document; `routed` ones have a method and refuse what they cannot produce before that."""
    if routed:
        _only_get(ctx)
        if not produces(ctx.accept):
            raise _not_acceptable()
    media = negotiate(ctx.accept)
    if media is None:
        raise status.not_acceptable(SUPPORTED)
    if media.type == PROTOBUF:
        data = encoding.protobuf_of(ctx.codec, {"apiVersion": "v1", **document})
        return Reply(body=data, headers={"Content-Type": PROTOBUF})
    return encoding.reply(ctx, dumps(document), media)


async def _version(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    _only_get(ctx)
    if not produces(ctx.accept, (JSON,)):
        raise _not_acceptable()
    return _pretty(plane.version)


async def _openid(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    _only_get(ctx)
    return _compact(plane.openid()["/.well-known/openid-configuration"])


async def _jwks(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    _only_get(ctx)
    kinds = {part.partition(";")[0].strip() for part in ctx.accept.split(",")}
    if ctx.accept and not kinds & {"application/jwk-set+json", "*/*", "application/*"}:
        raise _not_acceptable()
    return _compact(plane.openid()["/openid/v1/jwks"], "application/jwk-set+json")


async def _logs(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """The node's own log folder, which is not there."""
    kinds = {part.partition(";")[0].strip() for part in ctx.accept.split(",")}
    if ctx.accept and not kinds & {"text/html", "text/*", "*/*"}:
        raise _not_acceptable()
    return _text(NOT_FOUND_TEXT, 404)


def text_error(error: PlainError) -> StreamResponse:
    """As Go's http.Error writes it."""
    answer = _text(str(error), error.code)
    answer.headers.update(error.headers)
    return answer


def text_not_found() -> StreamResponse:
    """What the last server of the chain says of a group that nobody serves."""
    return _text(NOT_FOUND_TEXT, 404)


def _not_acceptable() -> status.StatusError:
    return status.StatusError(status.failure(406, "NotAcceptable", "406: Not Acceptable", {}))


async def _health(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    name, _, check = ctx.info.path[1:].partition("/")
    if not check and not ctx.info.path.endswith("/"):
        text = health.report(name, verbose="verbose" in ctx.query, exclude=ctx.query.getall("exclude", []))
        return _text(text)
    if check in health.CHECKS[name]:
        return _text("ok")
    return _index(ctx, _extension_paths(), 404)


async def _metrics(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    if ctx.request.method == "DELETE":
        return _text("metrics reset\n")
    response = _text(metrics.render(plane))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response


async def _openapi(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    return openapi_response(ctx, plane)


def openapi_response(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """The OpenAPI document in the form asked for."""
    documents = plane.caches.get("openapi")
    if not isinstance(documents, openapi.OpenAPI):
        advertised = sim.GROUP in plane.registry.catalog.groups
        release = f"{plane.version['major']}.{plane.version['minor']}"
        kinds = catalog.builtin(release, advertise_simulation=advertised)
        builtin = openapi.Builtin(kinds.listed, plane.registry.codec.schema, plane.version["gitVersion"])
        source = openapi.StoredDefinitions(plane.registry)
        documents = plane.caches["openapi"] = openapi.OpenAPI(builtin, source)
    answer = documents.respond(ctx.request.method, ctx.request.headers)
    return Reply(body=answer.body, status=answer.status, headers=CIMultiDict(answer.headers))


async def _root(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    return _index(ctx, sorted(_all_paths(plane)), 200)


def _index(ctx: RequestContext, paths: list[str], code: int) -> StreamResponse:
    return _pretty({"paths": paths}, code)


def _all_paths(plane: ControlPlane) -> set[str]:
    groups = {""} | {group["name"] for group in discovery.group_list(plane.registry.catalog)["groups"]}
    found = {"/api", "/apis", "/apis/", "/logs", "/metrics", "/openapi/v2", "/openid/v1/jwks", "/version"}
    found |= {"/.well-known/openid-configuration", *health.paths()}
    for group in groups:
        prefix = f"/apis/{group}" if group else "/api"
        found.add(prefix)
        found |= {f"{prefix}/{version}" for version in plane.registry.catalog.versions(group)}
    return found


def _extension_paths() -> list[str]:
    group = "/apis/apiextensions.k8s.io"
    own = ["/apis", "/apis/", group, f"{group}/v1", f"{group}/v1beta1", "/metrics", "/openapi/v2", "/version"]
    return sorted([*own, *health.extension_paths()])


def _pretty(document: Object, code: int = 200) -> StreamResponse:
    from fakekube.machinery.prettyjson import pretty

    response = Reply(body=pretty(dumps(document)), status=code)
    response.headers["Content-Type"] = JSON
    return response


def _compact(document: Object, kind: str = JSON) -> StreamResponse:
    response = Reply(body=dumps(document))
    response.headers["Content-Type"] = kind
    return response


def _text(text: str, code: int = 200) -> Response:
    return Reply(text=text, status=code, headers={"X-Content-Type-Options": "nosniff"})


def _only_get(ctx: RequestContext) -> None:
    if ctx.request.method != "GET":
        raise status.generic(405, ctx.info.verb)


async def _profiles(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """/debug/pprof moves to its folder, of which there is nothing here."""
    page = '<a href="/debug/pprof/">Found</a>.\n\n'
    headers = {"Content-Type": "text/html; charset=utf-8", "Location": "/debug/pprof/"}
    return Reply(body=page.encode(), status=302, headers=headers)


async def _flags(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """/debug/flags: the one flag that can be set at run time on the real server, its verbosity."""
    return Reply(body=FLAGS.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


async def _verbosity(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    return Reply(text="unsupported http method\n", status=406, content_type="text/plain")


FLAGS = """<html>
<head>
<title>/debug/flags/</title>
</head>
<body>
/debug/flags/<br>
<br>
flags:<br>
<table>

<tr>v<br>

</table>
<br>
full flags configurable<br>
</body>
</html>
"""
EXACT: dict[str, Handler] = {
    "/": _root,
    "/index.html": _root,
    "/version": _version,
    "/version/": _version,
    "/metrics": _metrics,
    "/debug/pprof": _profiles,
    "/debug/flags": _flags,
    "/debug/flags/v": _verbosity,
    "/openapi/v2": _openapi,
    "/.well-known/openid-configuration": _openid,
    "/.well-known/openid-configuration/": _openid,
    "/openid/v1/jwks": _jwks,
    "/openid/v1/jwks/": _jwks,
}
PREFIXES: dict[str, Handler] = {
    "api": _api,
    "apis": _apis,
    "healthz": _health,
    "livez": _health,
    "readyz": _health,
    "logs": _logs,
}
