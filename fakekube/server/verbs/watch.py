"""Watches: a stream of events, one JSON document a line. Follows apiserver's handlers/watch.go and the cacher.

Each event is encoded once, beside the entry it shows, and joined to whatever else a watcher has not had yet.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable

from aiohttp import web

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import status
from fakekube.machinery.completion import complete
from fakekube.machinery.objects import Key, Object
from fakekube.registry import listing
from fakekube.registry.codec import Codec, dumps
from fakekube.registry.listing import Predicate
from fakekube.server import tables
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable
from fakekube.server.negotiation import JSON, PROTOBUF, Media
from fakekube.server.plane import ControlPlane
from fakekube.server.verbs import common
from fakekube.server.verbs.read import list_options
from fakekube.storage.cache import Change, Cursor, Entry, TooOld, at_revision

STREAMS = (f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
MIN_TIMEOUT = 1800
"""Seconds; kube-apiserver's --min-request-timeout. A watch that asks for none lasts once to twice as long."""
BOOKMARK_EVERY, BOOKMARK_BEFORE_END = 60.0, 2.0
"""Seconds."""
LINE = {
    "ADDED": b'{"type":"ADDED","object":%b}\n',
    "MODIFIED": b'{"type":"MODIFIED","object":%b}\n',
    "DELETED": b'{"type":"DELETED","object":%b}\n',
    "BOOKMARK": b'{"type":"BOOKMARK","object":%b}\n',
    "ERROR": b'{"type":"ERROR","object":%b}\n',
}
Encode = Callable[[str, Entry], bytes]


async def watch(ctx: RequestContext, plane: ControlPlane) -> web.StreamResponse:
    """Stream what happens to the objects that a list with these options would show. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    options = list_options(ctx)
    chosen = listing.predicate(resource, version.name, ctx.info.namespace, ctx.info.name, options)
    revision = listing.parse_revision(options.get("resourceVersion", ""))
    if media.type != JSON:
        raise status.not_acceptable(STREAMS)
    feed = Feed(plane, resource, version, chosen, encoder(ctx, plane.registry.codec, media))
    response = web.StreamResponse(headers={"Content-Type": JSON})
    response.enable_chunked_encoding()
    await response.prepare(ctx.request)
    timeout = options.get("timeoutSeconds") or MIN_TIMEOUT * (1 + random.random())
    await feed.serve(response, revision, timeout, bookmarks=bool(options.get("allowWatchBookmarks")))
    await response.write_eof()
    return response


def encoder(ctx: RequestContext, codec: Codec, media: Media) -> Encode:
    """How this watch writes an event. Raises BadRequest (400) for a bad includeObject."""
    resource, version = common.target(ctx)
    if media.kind == "Table":
        return _Tables(resource, version, codec, media, tables.include_object(ctx.query.get("includeObject", "")))
    if media.kind:
        partial = f"{tables.META}/{media.version}"
        return lambda type_, entry: LINE[type_] % dumps(tables.partial(resource, entry.object, partial))

    def whole(type_: str, entry: Entry) -> bytes:
        name = (type_, resource.group, version.name)
        line = entry.encoded.get(name)
        if line is None:
            line = entry.encoded[name] = LINE[type_] % codec.whole(resource, version, entry)
        return line

    return whole


class _Tables:
    """Events as Tables of one row; only the first one describes the columns."""

    def __init__(self, resource: Resource, version: Version, codec: Codec, media: Media, include: str) -> None:
        self._resource, self._version, self._codec = resource, version, codec
        self._media, self._include = media, include
        self._first = True

    def __call__(self, type_: str, entry: Entry) -> bytes:
        shown = self._codec.version_of(self._resource, self._version, entry.object)
        meta = {"resourceVersion": entry.object["metadata"]["resourceVersion"]}
        table = tables.table(
            self._resource, self._media.version, [entry.object], [shown], meta, self._include, tables.now()
        )
        if not self._first:
            table["columnDefinitions"] = None
        self._first = False
        return LINE[type_] % dumps(table)


class Feed:
    """One watch: a cursor, a selection and a way to write events."""

    def __init__(
        self, plane: ControlPlane, resource: Resource, version: Version, chosen: Predicate, encode: Encode
    ) -> None:
        self._cache = plane.registry.cache
        self._collection = plane.registry.store(resource).collection
        self._codec = plane.registry.codec
        self._resource, self._version, self._chosen, self._encode = resource, version, chosen, encode
        self._namespace, self._all = chosen.namespace, chosen.empty
        self._due = False
        self._waiting: asyncio.Future[None] | None = None

    async def serve(self, response: web.StreamResponse, revision: int, seconds: float, *, bookmarks: bool) -> None:
        """Write events until the time is over, the client goes or the cursor falls off the window."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        bookmark = min(loop.time() + BOOKMARK_EVERY, end - BOOKMARK_BEFORE_END) if bookmarks else end
        try:
            cursor, first = self._begin(revision)
            if first:
                await response.write(first)
            while loop.time() < end:
                await self._until(min(bookmark, end), cursor, response)
                if bookmark <= loop.time() < end:
                    await response.write(self._bookmark())
                    bookmark = loop.time() + BOOKMARK_EVERY
        except TooOld as error:
            await response.write(self._too_old(revision, error.oldest))

    def _begin(self, revision: int) -> tuple[Cursor, bytes]:
        if revision:
            return self._collection.watch(revision), b""
        entries = self._collection.list(self._namespace)
        first = b"".join([self._encode("ADDED", entry) for entry in entries if self._chosen.matches(entry.object)])
        return self._collection.watch(self._collection.revision), first

    async def _until(self, moment: float, cursor: Cursor, response: web.StreamResponse) -> None:
        """Write events as they come until that moment of the loop's clock."""
        loop = asyncio.get_running_loop()
        self._due = False
        timer = loop.call_at(moment, self._fall_due)
        try:
            while not self._due:
                changes = cursor.pending()
                data = b"".join(self._lines(changes)) if changes else b""
                if data:
                    await response.write(data)
                elif not changes:
                    self._waiting = cursor.changed()
                    await self._waiting
        finally:
            timer.cancel()

    def _fall_due(self) -> None:
        self._due = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _lines(self, changes: Iterable[Change]) -> Iterable[bytes]:
        namespace = self._namespace
        for change in changes:
            if namespace and change.entry.key.namespace != namespace:
                continue
            if self._all:
                yield self._encode(change.type, change.entry)
            elif line := self._selected(change):
                yield line

    def _selected(self, change: Change) -> bytes:
        """A change as the selection sees it: what enters it is ADDED, what leaves it DELETED."""
        matches = self._chosen.matches
        before = change.previous is not None and matches(change.previous.object)
        after = change.type != "DELETED" and matches(change.entry.object)
        if after:
            return self._encode("MODIFIED" if before else "ADDED", change.entry)
        if not before:
            return b""
        assert change.previous is not None
        gone = change.entry if change.type == "DELETED" else at_revision(change.previous, change.revision)
        return self._encode("DELETED", gone)

    def _bookmark(self) -> bytes:
        type_ = self._codec.type_of(self._resource.group, self._version.name, self._resource.kind)
        obj: Object = {
            "kind": self._resource.kind,
            "apiVersion": api_version(self._resource.group, self._version.name),
            "metadata": {"resourceVersion": str(self._cache.revision), "creationTimestamp": None},
        }
        revision = self._cache.revision
        return self._encode("BOOKMARK", Entry(Key("", ""), complete(obj, type_), revision, 0))

    def _too_old(self, revision: int, oldest: int) -> bytes:
        error = status.expired(f"too old resource version: {revision} ({oldest})")
        return LINE["ERROR"] % dumps(error.status)
