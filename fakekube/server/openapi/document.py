"""The OpenAPI document of a set of Resources: all paths, and the frame around them and the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fakekube.apis.resource import Resource
from fakekube.machinery.schema import Schema
from fakekube.server.openapi.definitions import META, REF, Json, Prose
from fakekube.server.openapi.paths import MEDIA, UNAUTHORIZED, Route, Router, path_items, place, root_of

Release = tuple[int, int]


def builtin_paths(resources: Iterable[Resource], schema: Schema, release: Release, prose: Prose) -> dict[str, Json]:
    """The paths of what the release has without custom resources."""
    resources = list(resources)
    return path_items(routes(resources, schema, release), prose) | group_paths(resources, release) | fixed_paths()


def frame(git_version: str) -> Json:
    """What stands around the paths and definitions, which are still empty."""
    token = {"description": "Bearer Token authentication", "type": "apiKey", "name": "authorization", "in": "header"}
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": git_version},
        "paths": {},
        "definitions": {},
        "securityDefinitions": {"BearerToken": token},
        "security": [{"BearerToken": []}],
    }


def routes(resources: Iterable[Resource], schema: Schema, release: Release) -> Iterator[Route]:
    """The routes of all versions that the release serves."""
    for resource in resources:
        for version in resource.versions:
            if version.served(release):
                yield from Router(resource, version, schema).routes()


def group_paths(resources: Iterable[Resource], release: Release) -> dict[str, Json]:
    """Where the groups, a group and its versions describe themselves."""
    served = {(r.group, version.name) for r in resources for version in r.versions if version.served(release)}
    core = discovery("get available API versions", "getCoreAPIVersions", "core", "APIVersions")
    found = {"/api/": core, "/apis/": discovery("get available API versions", "getAPIVersions", "apis", "APIGroupList")}
    for group, version in served:
        name, tag = place(group, version)
        text = "get available resources"
        found[f"{root_of(group, version)}/"] = discovery(text, f"get{name}APIResources", tag, "APIResourceList")
        if group:
            name, tag = place(group, "")
            found[f"/apis/{group}/"] = discovery("get information of a group", f"get{name}APIGroup", tag, "APIGroup")
    return found


def discovery(text: str, operation: str, tag: str, kind: str) -> Json:
    """A path that answers one kind of meta/v1, to GET only."""
    answer = {"$ref": f"{REF}{META}.{kind}"}
    return {"get": _get(text, operation, tag, answer, produces=list(MEDIA), consumes=list(MEDIA))}


def _get(text: str, operation: str, tag: str, answer: Json | None, **media: list[str]) -> Json:
    out: Json = {"description": text} if text else {}
    out |= {key: media[key] for key in ("consumes", "produces") if key in media}
    out |= {"schemes": ["https"], "tags": [tag], "operationId": operation}
    success = {"200": {"description": "OK", "schema": answer}} if answer else {}
    return out | {"responses": success | UNAUTHORIZED}


def fixed_paths() -> dict[str, Json]:
    """What belongs to no group."""
    text = {"type": "string"}
    version = {"$ref": f"{REF}io.k8s.apimachinery.pkg.version.Info"}
    logpath = {"uniqueItems": True, "type": "string", "description": "path to the log", "name": "logpath", "in": "path"}
    json = ["application/json"]
    discovery_text = "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'"
    keys_text = "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)"
    configuration = _get(discovery_text, "getServiceAccountIssuerOpenIDConfiguration", "WellKnown", text, produces=json)
    keys_media = ["application/jwk-set+json"]
    keys = _get(keys_text, "getServiceAccountIssuerOpenIDKeyset", "openid", text, produces=keys_media)
    code = _get("get the code version", "getCodeVersion", "version", version, consumes=json, produces=json)
    return {
        "/.well-known/openid-configuration/": {"get": configuration},
        "/openid/v1/jwks/": {"get": keys},
        "/version/": {"get": code},
        "/logs/": {"get": _get("", "logFileListHandler", "logs", None)},
        "/logs/{logpath}": {
            "get": _get("", "logFileHandler", "logs", None),
            "parameters": [logpath | {"required": True}],
        },
    }
