"""What a request is about, read off its method, path and query. Follows apiserver's endpoints/request."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from fakekube.machinery import fieldselectors, selectors
from fakekube.machinery.names import path_segment

VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
SPECIAL_VERBS = ("proxy", "watch")
NUMBERS = ("timeoutSeconds", "limit")
"""Options of a list that are numbers."""
NAMESPACE_SUBRESOURCES = ("status", "finalize")


class RequestInfo(Struct, frozen=True):
    """The attributes that authorization and routing go by; of a non-resource request only path and verb are set."""

    path: str
    verb: str
    is_resource: bool = False
    prefix: str = ""
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    parts: tuple[str, ...] = ()
    """The path from the resource on."""
    special: str = ""
    """ "watch" or "proxy" where the path begins with the deprecated prefix."""


class BadPath(Exception):
    """The path names no kind; the real server answers 400 with this text."""


def parse(method: str, path: str, query: Mapping[str, str], url: str = "") -> RequestInfo:
    """Read a request. `query` gives the first value of each parameter, `url` is what messages show. Raises BadPath."""
    parts = path.strip("/").split("/")
    if len(parts) < 3 or parts[0] not in ("api", "apis"):
        return RequestInfo(path, method.lower())
    prefix, parts = parts[0], parts[1:]
    group = ""
    if prefix == "apis":
        if len(parts) < 3:
            return RequestInfo(path, method.lower())
        group, parts = parts[0], parts[1:]
    version, parts = parts[0], parts[1:]
    verb, special = VERBS.get(method, ""), ""
    if parts[0] in SPECIAL_VERBS:
        if len(parts) < 2:
            raise BadPath(f"unable to determine kind and namespace from url, {url or path}")
        verb = special = parts[0]
        parts = parts[1:]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in NAMESPACE_SUBRESOURCES:
            parts = parts[2:]
    subresource = parts[2] if len(parts) >= 3 and not special else ""
    name = parts[1] if len(parts) >= 2 else ""
    if not name:
        verb, name = _collection_verb(verb, query)
    return RequestInfo(
        path, verb, True, prefix, group, version, namespace, parts[0], subresource, name, tuple(parts), special
    )


def _collection_verb(verb: str, query: Mapping[str, str]) -> tuple[str, str]:
    """(verb, name): a GET of a collection lists or watches, and may select one name."""
    if verb == "delete":
        return "deletecollection", ""
    if verb != "get":
        return verb, ""
    name = _selected_name(query) if "fieldSelector" in query else ""
    return ("watch" if is_true(query.get("watch")) else "list"), name


def _selected_name(query: Mapping[str, str]) -> str:
    """The one name that a list is about; where any of its options cannot be read, none of them counts."""
    try:
        selectors.parse(query.get("labelSelector", ""))
        for option in NUMBERS:
            int(query.get(option, "0"))
        name = fieldselectors.parse(query["fieldSelector"]).exact("metadata.name") or ""
    except ValueError:
        return ""
    return "" if any(path_segment(name)) else name


def is_true(value: str | None) -> bool:
    """How query parameters say yes: present and neither "false" nor "0"."""
    return value is not None and value.lower() not in ("false", "0")
