"""Lists: selectors, revisions, pages. Follows apiserver's storage/selection_predicate and etcd3 store.

A continue token is the real server's: base64 of {"v": "meta.k8s.io/v1", "rv": revision, "start": "key\\0"}.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fakekube.apis.resource import Resource
from fakekube.machinery import fieldselectors, selectors, status
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.storage.cache import Cache, Collection, Entry, TooOld

TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105  the format's name
EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Predicate:
    """Which objects a list or watch is about."""

    namespace: str = ""
    labels: selectors.Selector | None = None
    fields: fieldselectors.FieldSelector | None = None
    name: str = ""
    """Only the object of this name."""
    selectable: Any = None
    """The resource's selectable fields."""

    @property
    def empty(self) -> bool:
        """Whether every object of the namespace matches."""
        return self.labels is None and self.fields is None and not self.name

    def matches(self, obj: Object) -> bool:
        """Whether the object is selected; the namespace is looked at as well."""
        metadata = obj["metadata"]
        if self.namespace and metadata.get("namespace") != self.namespace:
            return False
        if self.name and metadata["name"] != self.name:
            return False
        if self.labels is not None and not self.labels.matches(metadata.get("labels") or {}):
            return False
        return self.fields is None or self.fields.matches(_Fields(obj, self.selectable))


class _Fields(dict[str, str]):
    """An object's selectable fields, computed when asked for."""

    def __init__(self, obj: Object, selectable: Any) -> None:
        super().__init__()
        self._obj = obj
        self._selectable = selectable

    def get(self, name: str, default: Any = "") -> Any:
        metadata = self._obj["metadata"]
        if name == "metadata.name":
            return metadata["name"]
        if name == "metadata.namespace":
            return metadata.get("namespace", "")
        field = self._selectable.get(name)
        return field(self._obj) if field else default

    def __getitem__(self, name: str) -> str:
        value: str = self.get(name)
        return value


def predicate(resource: Resource, version: str, namespace: str, name: str, options: Object) -> Predicate:
    """Read the selectors. Raises BadRequest (400)."""
    labels = fields = None
    try:
        if text := options.get("labelSelector"):
            labels = selectors.parse(text)
    except ValueError as error:
        raise status.bad_request(str(error)) from None
    try:
        if text := options.get("fieldSelector"):
            fields = fieldselectors.parse(text)
    except ValueError as error:
        raise status.bad_request(str(error)) from None
    if fields is not None:
        _check_fields(resource, version, fields)
    return Predicate(namespace, labels, fields, name, resource.selectable)


def _check_fields(resource: Resource, version: str, fields: fieldselectors.FieldSelector) -> None:
    for term in fields.terms:
        name = term.field
        if name in ("metadata.name", "metadata.namespace") or name in resource.selectable:
            continue
        raise status.bad_request(_unknown_field(resource, version, name))


def _unknown_field(resource: Resource, version: str, name: str) -> str:
    if resource.not_selectable:
        return resource.not_selectable.format(quote(name))
    if resource.selectable:
        return f"field label not supported: {name}"
    return f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, at which revision, and how to go on."""

    entries: Sequence[Entry]
    revision: int
    """0 for objects that are kept nowhere."""
    token: str = ""
    remaining: int | None = None


def page(cache: Cache, collection: Collection, chosen: Predicate, options: Object) -> Page:
    """One page of a list. Raises BadRequest (400), Expired (410)."""
    limit, token = options.get("limit") or 0, options.get("continue", "")
    if token:
        revision, start = decode_token(token)
        if revision <= 0:  # an inconsistent continuation, handed out with a 410
            revision = cache.revision
    else:
        revision, start = _revision(cache, options), ""
    try:
        entries = collection.at(revision, chosen.namespace)
    except TooOld:
        raise _expired(token, start, revision) from None
    if start:
        entries = [
            entry for entry in entries if _sort_key(entry, chosen) >= start.rstrip("\0") + "\0" * ("\0" in start)
        ]
    if not chosen.empty:
        entries = [entry for entry in entries if chosen.matches(entry.object)]
    if not limit or len(entries) <= limit:
        return Page(entries, revision)
    rest = None if not _countable(chosen) else len(entries) - limit
    shown = entries[:limit]
    return Page(shown, revision, encode_token(revision, _sort_key(shown[-1], chosen) + "\0"), rest)


def _countable(chosen: Predicate) -> bool:
    return chosen.labels is None and chosen.fields is None


def _sort_key(entry: Entry, chosen: Predicate) -> str:
    return entry.key.name if chosen.namespace else str(entry.key)


def _revision(cache: Cache, options: Object) -> int:
    """The revision that the list is to show. Raises BadRequest (400), Timeout (504)."""
    text = options.get("resourceVersion", "")
    if not text or text == "0":
        return cache.revision
    wanted = parse_revision(text)
    if wanted > cache.revision:
        raise too_large(wanted, cache.revision)
    exact = options.get("resourceVersionMatch") == "Exact" or (options.get("limit") and wanted)
    return wanted if exact and options.get("resourceVersionMatch") != "NotOlderThan" else cache.revision


def parse_revision(text: str) -> int:
    """A resourceVersion as a client sends it. Raises Invalid (400 or 422 as the real server)."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text) >= 2**64:
        problem = "invalid syntax" if not text.isdigit() else "value out of range"
        raise status.bad_request(f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": {problem}')
    return int(text)


def too_large(wanted: int, current: int) -> status.StatusError:
    """504: a revision of the future."""
    message = f"Too large resource version: {wanted}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    body = status.failure(504, "Timeout", f"Timeout: {message}", {"causes": [cause], "retryAfterSeconds": 1})
    return status.StatusError(body, {"Retry-After": "1"})


def _expired(token: str, start: str, revision: int) -> status.StatusError:
    if not token:
        return status.expired(f"The resourceVersion for the provided list is too old: {revision}")
    error = status.expired(EXPIRED)
    error.status["metadata"] = {"continue": encode_token(-1, start)}
    return error


def encode_token(revision: int, start: str) -> str:
    """The text of a continue token."""
    return (
        base64.urlsafe_b64encode(orjson.dumps({"v": TOKEN_VERSION, "rv": revision, "start": start}))
        .rstrip(b"=")
        .decode()
    )


def decode_token(token: str) -> tuple[int, str]:
    """(revision, start). Raises BadRequest (400)."""
    try:
        padded = token + "=" * (-len(token) % 4)
        data = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError as error:
        raise _bad_token(str(error)) from None
    if not isinstance(data, dict) or data.get("v") != TOKEN_VERSION:
        version = data.get("v", "") if isinstance(data, dict) else ""
        raise _bad_token(f'server does not recognize this encoded version "{version}"')
    start, revision = data.get("start", ""), data.get("rv", 0)
    if not revision:
        raise _bad_token("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not start:
        raise _bad_token("encoded start key empty (version meta.k8s.io/v1)")
    if "/../" in f"/{start}" or start.startswith("/"):
        raise _bad_token(start)
    return int(revision), str(start)


def _bad_token(problem: str) -> status.StatusError:
    return status.bad_request(f"continue key is not valid: {problem}")


def check_not_newer(text: str, current: int) -> None:
    """Raise Timeout (504) if a GET asks for a revision of the future."""
    wanted = parse_revision(text)
    if wanted > current:
        raise too_large(wanted, current)
