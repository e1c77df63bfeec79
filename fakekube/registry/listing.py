"""Lists: selectors, revisions, pages. Follows apiserver's storage/selection_predicate, cacher and etcd3 store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from fakekube.apis.resource import Resource
from fakekube.machinery import fieldselectors, selectors, status
from fakekube.machinery.goformat import quote
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object
from fakekube.registry import continuation, revisions
from fakekube.storage.cache import Collection, Entry, TooOld

COMPACTED = "etcdserver: mvcc: required revision has been compacted"
FUTURE = "etcdserver: mvcc: required revision is a future revision"


class Predicate(Struct, frozen=True):
    """Which objects a list or watch is about."""

    namespace: str = ""
    labels: selectors.Selector | None = None
    fields: fieldselectors.FieldSelector | None = None
    name: str = ""
    """Only the object of this name."""
    selectable: Any = None
    """The resource's selectable fields."""
    namespaced: bool = True

    @property
    def empty(self) -> bool:
        """Whether every object of the namespace matches."""
        return self.labels is None and self.fields is None and not self.name

    @property
    def countable(self) -> bool:
        """Whether what is left of a list can be counted without looking at it."""
        return (self.labels is None or self.labels.empty) and (self.fields is None or self.fields.empty)

    @property
    def single(self) -> bool:
        """Whether a field selector or the path names one object."""
        name = self.name or (self.fields.exact("metadata.name") if self.fields is not None else None)
        return bool(name) and not any(path_segment(name or "")) and (not self.namespaced or bool(self.namespace))

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


class Selectors(Struct, frozen=True):
    """What a query's labelSelector and fieldSelector say."""

    labels: selectors.Selector | None = None
    fields: fieldselectors.FieldSelector | None = None


def read_selectors(options: Object) -> Selectors:
    """Raises BadRequest (400)."""
    try:
        labels = selectors.parse(text) if (text := options.get("labelSelector")) else None
        fields = fieldselectors.parse(text) if (text := options.get("fieldSelector")) else None
    except ValueError as error:
        raise status.bad_request(str(error)) from None
    return Selectors(labels, fields)


def predicate(resource: Resource, version: str, namespace: str, name: str, chosen: Selectors) -> Predicate:
    """Which objects a request is about; `name` is that of its path. Raises BadRequest (400)."""
    fields = chosen.fields
    if fields is not None:
        _check_fields(resource, version, fields)
        if name and fields.terms and fields.exact("metadata.name") != name:
            raise status.bad_request("fieldSelector metadata.name doesn't match requested name")
    return Predicate(
        namespace if resource.namespaced else "", chosen.labels, fields, name, resource.selectable, resource.namespaced
    )


def _check_fields(resource: Resource, version: str, fields: fieldselectors.FieldSelector) -> None:
    for term in fields.terms:
        name = term.field
        if name == "metadata.namespace" and resource.selectable and not resource.namespaced:
            raise status.bad_request(_unknown_field(resource, version, name))
        if name in ("metadata.name", "metadata.namespace") or name in resource.selectable:
            continue
        raise status.bad_request(_unknown_field(resource, version, name))


def _unknown_field(resource: Resource, version: str, name: str) -> str:
    if resource.not_selectable:
        return resource.not_selectable.format(quote(name))
    if resource.selectable:
        return f"field label not supported: {name}"
    return f'"{name}" is not a known field selector: only "metadata.name", "metadata.namespace"'


class Page(Struct, frozen=True):
    """Entries, at which revision, and how to go on."""

    entries: Sequence[Entry]
    revision: int
    """0 for objects that are kept nowhere."""
    token: str = ""
    remaining: int | None = None


class Revised(Protocol):
    """Whatever counts the revisions of a collection: the cache for those in it."""

    @property
    def revision(self) -> int:
        """The latest one."""


def page(cache: Revised, resource: Resource, collection: Collection, chosen: Predicate, options: Object) -> Page:
    """One page of a list. Raises BadRequest (400), Expired (410), Timeout (504), 500 for revisions of the future."""
    limit, token = max(options.get("limit") or 0, 0), options.get("continue", "")
    text, match = options.get("resourceVersion", ""), options.get("resourceVersionMatch", "")
    if resource.watch_cached and text and not token and match != "Exact" and (not limit or text == "0"):
        _check_fresh(revisions.of_option(text), cache.revision)
        return Page(_selected(collection.list(chosen.namespace), chosen), cache.revision)
    if chosen.single and not token:
        return _one(cache, collection, chosen, text, match)
    wanted = revisions.of_list(text)
    if token:
        exact, start = continuation.decode(token)
        if text and text != "0":
            raise status.bad_request("specifying resource version is not allowed when using continue")
    else:
        exact, start = _exact(wanted, match, limit), ""
    entries = _entries(cache, collection, chosen, exact, (token, start))
    _check_fresh(wanted, cache.revision, retry=0)
    return _cut(entries, chosen, limit, exact if exact > 0 else cache.revision)


def _exact(wanted: int, match: str, limit: int) -> int:
    """The revision to be listed; 0: the current one."""
    return wanted if match == "Exact" or (limit and match != "NotOlderThan") else 0


def _one(cache: Revised, collection: Collection, chosen: Predicate, text: str, match: str) -> Page:
    """The list of at most the one object that the selector names: neither paged nor cut."""
    wanted = revisions.of_list(text)
    try:
        entries = _at(cache, collection, chosen.namespace, wanted if match == "Exact" else 0)
    except TooOld:
        raise status.unexpected(COMPACTED) from None
    _check_fresh(wanted, cache.revision, retry=0)
    return Page(_selected(entries, chosen), cache.revision)


def _entries(
    cache: Revised, collection: Collection, chosen: Predicate, exact: int, begin: tuple[str, str]
) -> Sequence[Entry]:
    """What there was, from where the token says on. Raises Expired (410)."""
    token, start = begin
    try:
        entries = _at(cache, collection, chosen.namespace, exact)
    except TooOld:
        raise continuation.expired(token, start) from None
    return [entry for entry in entries if _sort_key(entry, chosen) >= start] if start else entries


def _at(cache: Revised, collection: Collection, namespace: str, exact: int) -> Sequence[Entry]:
    if exact > cache.revision:
        raise status.unexpected(FUTURE)
    return collection.at(exact if exact > 0 else cache.revision, namespace)


def _selected(entries: Sequence[Entry], chosen: Predicate) -> Sequence[Entry]:
    return entries if chosen.empty else [entry for entry in entries if chosen.matches(entry.object)]


def _cut(entries: Sequence[Entry], chosen: Predicate, limit: int, revision: int) -> Page:
    """As many as the limit allows. There is more wherever a key is left, whether selected or not."""
    if not limit or len(entries) <= limit:
        return Page(_selected(entries, chosen), revision)
    shown: list[Entry] = []
    for position, entry in enumerate(entries, start=1):
        if chosen.empty or chosen.matches(entry.object):
            shown.append(entry)
        if len(shown) == limit and position < len(entries):
            token = continuation.encode(revision, _sort_key(entry, chosen) + "\0")
            return Page(shown, revision, token, len(entries) - limit if chosen.countable else None)
    return Page(shown, revision)


def _sort_key(entry: Entry, chosen: Predicate) -> str:
    return entry.key.name if chosen.namespace else str(entry.key)


def _check_fresh(wanted: int, current: int, retry: int = 1) -> None:
    """Raises Timeout (504) for a revision of the future."""
    if wanted > current:
        raise too_large(wanted, current, retry)


def too_large(wanted: int, current: int, retry: int = 1) -> status.StatusError:
    """504: a revision of the future. `retry` is when to come back (seconds), if at all."""
    message = f"Too large resource version: {wanted}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details: Object = {"causes": [cause]}
    if retry:
        details["retryAfterSeconds"] = retry
    body = status.failure(504, "Timeout", f"Timeout: {message}", details)
    return status.StatusError(body, {"Retry-After": str(retry)} if retry else {})


def check_not_newer(resource: Resource, text: str, current: int) -> None:
    """The resourceVersion of a GET. Raises Timeout (504) for the future, 400 or 500 for what is no number."""
    wanted = revisions.of_option(text) if resource.watch_cached else revisions.of_list(text)
    _check_fresh(wanted, current, retry=1 if resource.watch_cached else 0)
