"""Watches: a stream of events, one JSON document a line. Follows apiserver's handlers/watch.go and the cacher.

Each event is encoded once, beside the entry it shows, and joined to whatever else a watcher has not had yet.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from functools import partial

import orjson
from aiohttp.web_response import StreamResponse

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import status
from fakekube.machinery.completion import complete
from fakekube.machinery.objects import Key, Object
from fakekube.registry import listing, revisions
from fakekube.registry.codec import Codec, dumps
from fakekube.registry.listing import Predicate
from fakekube.server import tables
from fakekube.server.context import RequestContext
from fakekube.server.encoding import acceptable, protobuf_of
from fakekube.server.negotiation import JSON, PROTOBUF, YAML, Media
from fakekube.server.plane import ControlPlane
from fakekube.server.verbs import common
from fakekube.server.verbs.read import list_options
from fakekube.server.verbs.streams import Sink, framing, stream
from fakekube.storage.cache import Change, Cursor, Entry, Interrupted, TooOld, at_revision

STREAMS = (f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
BOOKMARK_EVERY, BOOKMARK_BEFORE_END = 60.0, 2.0
"""Seconds."""
Encode = Callable[[str, Entry], bytes]


async def watch(ctx: RequestContext, plane: ControlPlane) -> StreamResponse:
    """Stream what happens to the objects that a list with these options would show. Raises StatusError."""
    resource, version = common.target(ctx)
    media = acceptable(ctx)
    options, selectors = list_options(ctx)
    chosen = listing.predicate(resource, version.name, ctx.info.namespace, ctx.info.name, selectors)
    revision = revisions.of_option(options.get("resourceVersion", ""))
    include = tables.include_object(ctx.query.get("includeObject", "")) if media.kind == "Table" else ""
    if media.type == YAML:
        raise status.not_acceptable(STREAMS)
    feed = Feed(plane, resource, version, chosen, Writer(ctx, plane.registry.codec, media, include))
    timeout = options.get("timeoutSeconds") or plane.min_request_timeout * (1 + random.random())
    content_type = JSON if media.type == JSON else f"{media.type};stream=watch"
    serve = partial(feed.serve, revision, timeout, bookmarks=bool(options.get("allowWatchBookmarks")))
    return await stream(ctx, content_type, serve)


class Writer:
    """How one watch writes events. The plain forms are kept beside the entries, for all watches."""

    def __init__(self, ctx: RequestContext, codec: Codec, media: Media, include: str) -> None:
        self._resource, self._version = common.target(ctx)
        self._codec, self._media = codec, media
        self._tables = _Tables(self._resource, self._version, codec, media, include)
        self._event = _frame if media.type == PROTOBUF else _line
        self._framing = framing(ctx)
        self._name = f"{self._framing.__name__} {media} {self._resource.group}/{self._version.name}"

    def event(self, type_: str, entry: Entry) -> bytes:
        """A change, or a bookmark. Raises NotShown."""
        if self._media.kind == "Table":  # which tells ages, and the columns only once
            return self._framed(type_, self._bytes(self._tables.of(entry)))
        name = type_, self._name
        event = entry.encoded.get(name)
        if event is None:
            event = entry.encoded[name] = self._framed(type_, self._whole(entry))
        return event

    def error(self, problem: Object) -> bytes:
        """A Status that ends the stream."""
        return self._framed("ERROR", self._bytes(problem))

    def _framed(self, type_: str, whole: bytes) -> bytes:
        return self._framing(self._event(type_, whole))

    def _whole(self, entry: Entry) -> bytes:
        if self._media.kind == "PartialObjectMetadata":
            return self._bytes(tables.partial(self._resource, entry.object, f"{tables.META}/{self._media.version}"))
        if self._media.kind:
            raise NotShown
        whole = self._codec.whole(self._resource, self._version, entry)
        return protobuf_of(self._codec, orjson.loads(whole)) if self._media.type == PROTOBUF else whole

    def _bytes(self, value: Object) -> bytes:
        return protobuf_of(self._codec, value) if self._media.type == PROTOBUF else dumps(value)


def _line(type_: str, whole: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (type_.encode(), whole)


def _frame(type_: str, whole: bytes) -> bytes:
    from fakekube.wire import protobuf_writer

    return protobuf_writer.event(type_, whole)


def _next_bookmark(now: float, end: float) -> float:
    """When to tell how far the watch has come: about every minute and shortly before it ends."""
    moment = min(now + BOOKMARK_EVERY, end - BOOKMARK_BEFORE_END)
    return moment if moment > now else end


class NotShown(Exception):
    """The form asked for cannot show an event; the stream ends."""


class _Tables:
    """Events as Tables of one row; only the first one describes the columns."""

    def __init__(self, resource: Resource, version: Version, codec: Codec, media: Media, include: str) -> None:
        self._resource, self._version, self._codec = resource, version, codec
        self._media, self._include = media, include
        self._first = True

    def of(self, entry: Entry) -> Object:
        """The Table of one object."""
        shown = self._codec.version_of(self._resource, self._version, entry.object)
        meta = {"resourceVersion": entry.object["metadata"]["resourceVersion"]}
        table = tables.table(
            self._resource,
            self._media.version,
            [entry.object],
            [shown],
            meta,
            self._include,
            tables.now(),
            self._version.columns,
        )
        if not self._first:
            table["columnDefinitions"] = None
        self._first = False
        return table


class Feed:
    """One watch: a cursor, a selection and a way to write events."""

    def __init__(
        self, plane: ControlPlane, resource: Resource, version: Version, chosen: Predicate, writer: Writer
    ) -> None:
        self._collection = plane.collection(resource)
        self._codec = plane.registry.codec
        self._resource, self._version, self._chosen, self._writer = resource, version, chosen, writer
        self._encode: Encode = writer.event
        self._namespace, self._all = chosen.namespace, chosen.empty
        self._due = False
        self._from = 0
        """The revision that was asked for, which may be one of the future."""
        self._after = 0
        """What had happened when the watch began."""
        self._waiting: asyncio.Future[None] | None = None

    async def serve(self, revision: int, seconds: float, sink: Sink, *, bookmarks: bool) -> None:
        """Write events until the time is over, the client goes or the cursor falls off the window."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        bookmark = _next_bookmark(loop.time(), end) if bookmarks else end
        try:
            cursor, first = self._begin(revision)
            if first:
                await sink.write(first)
            while loop.time() < end:
                await self._until(min(bookmark, end), cursor, sink)
                if bookmark <= loop.time() < end:
                    if self._collection.latest > self._after:  # something has happened since
                        await sink.write([self._bookmark()])
                    bookmark = _next_bookmark(loop.time(), end)
        except TooOld as error:
            await sink.write([self._too_old(revision, error.oldest)])
        except (NotShown, Interrupted):
            return

    def _begin(self, revision: int) -> tuple[Cursor, list[bytes]]:
        collection = self._collection
        if revision:
            self._from = revision
            self._after = max(revision, collection.latest)
            return collection.watch(revision), []
        entries = collection.list(self._namespace)
        first = [self._encode("ADDED", entry) for entry in entries if self._chosen.matches(entry.object)]
        self._after = collection.revision if collection.entries else 0
        return collection.watch(collection.revision), first

    async def _until(self, moment: float, cursor: Cursor, sink: Sink) -> None:
        """Write events as they come until that moment of the loop's clock."""
        loop = asyncio.get_running_loop()
        self._due = False
        timer = loop.call_at(moment, self._fall_due)
        try:
            while not self._due:
                changes = cursor.pending()
                data = list(self._lines(changes)) if changes else []
                if data:
                    await sink.write(data)
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
            if (namespace and change.entry.key.namespace != namespace) or change.revision <= self._from:
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
        revision = self._collection.latest
        obj: Object = {
            "kind": self._resource.kind,
            "apiVersion": api_version(self._resource.group, self._version.name),
            "metadata": {"resourceVersion": str(revision), "creationTimestamp": None},
        }
        return self._encode("BOOKMARK", Entry(Key("", ""), complete(obj, type_), revision, 0))

    def _too_old(self, revision: int, oldest: int) -> bytes:
        error = status.expired(f"too old resource version: {revision} ({oldest})")
        return self._writer.error(error.status)
