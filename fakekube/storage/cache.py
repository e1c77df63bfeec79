"""The watch cache: every object parsed, its encoded forms, and a window of the latest changes for watchers.

It sits above an engine and is always as new as the engine's last commit. What it hands out is shared and read-only.
A watcher is a cursor on the window, not a queue of its own: one that falls off the window is told so.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import orjson
from msgspec import Struct

from fakekube.machinery.objects import Key, Object
from fakekube.storage.index import Index, Value
from fakekube.storage.interface import Engine, Row
from fakekube.storage.rounds import Rounds

WINDOW = 10_000
"""Changes that a collection keeps at least, for watches that resume and lists that continue."""


class Entry:
    """One object at one revision. `encoded` keeps bytes by whatever name their maker chose."""

    __slots__ = ("created", "encoded", "key", "object", "revision")

    def __init__(self, key: Key, obj: Object, revision: int, created: int) -> None:
        self.key = key
        self.object = obj
        self.revision = revision
        self.created = created
        self.encoded: dict[Any, bytes] = {}


class Change:
    """A commit as watchers see it: `entry` is the new state, of a deletion the last one at the deletion's revision."""

    __slots__ = ("entry", "previous", "revision", "type")

    def __init__(self, type_: str, entry: Entry, previous: Entry | None) -> None:
        self.type = type_
        self.entry = entry
        self.previous = previous
        self.revision = entry.revision


Subscriber = Callable[[Object | None, Object | None], None]


class TooOld(Exception):
    """The revision asked for has left the window; `oldest` is the first one that could be asked for."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"oldest revision kept: {oldest}")
        self.oldest = oldest


class Interrupted(Exception):
    """What is watched has changed its shape or is served no more; clients begin anew."""


class Collection:
    """All objects under one prefix, in key order, and the window of their changes."""

    def __init__(self, prefix: str, revision: int, window: int | None = None) -> None:
        self.prefix = prefix
        self._window = window or WINDOW
        self.entries: dict[str, Entry] = {}
        self.revision = revision
        """Of the last change of any of its objects."""
        self._order: list[str] = []
        self._changes: list[Change] = []
        self._first = 0
        self._floor = revision
        self._begun = 0
        """Watches do not go back beyond that revision, though lists may."""
        self._rounds = Rounds()
        self._subscribers: list[Subscriber] = []
        self._indexes: dict[Value, Index[Entry]] = {}
        self.interruptions = 0
        """How often all watches have been ended."""

    @property
    def latest(self) -> int:
        """The revision of the last change in the window; 0 if there is none."""
        return self._changes[-1].revision if self._changes else 0

    def get(self, key: Key) -> Entry | None:
        """The object of that key."""
        return self.entries.get(str(key))

    def list(self, namespace: str = "") -> list[Entry]:
        """All objects, or those of one namespace, in key order."""
        entries = self.entries
        if not namespace:
            return [entries[name] for name in self._order]
        return [entries[name] for name in _range(self._order, f"{namespace}/", f"{namespace}0")]

    def by(self, value: Value, wanted: Hashable) -> Sequence[Entry]:
        """The objects for which the function gives what is wanted, in key order; what it gives is kept up from the
        first call on, so that no call looks at any other object."""
        index = self._indexes.get(value)
        if index is None:
            index = self._indexes[value] = Index(value)
            index.fill((name, entry.object, entry) for name, entry in self.entries.items())
        return index.get(wanted)

    def at(self, revision: int, namespace: str = "") -> Sequence[Entry]:
        """The list as it was at a revision. Raises TooOld."""
        if revision >= self.revision:
            return self.list(namespace)
        self._position(revision)
        then: dict[str, Entry | None] = dict(self.entries)
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            then[str(change.entry.key)] = change.previous
        names = sorted(name for name, entry in then.items() if entry is not None)
        if namespace:
            names = _range(names, f"{namespace}/", f"{namespace}0")
        return [entry for name in names if (entry := then[name]) is not None]

    def watch(self, revision: int) -> Cursor:
        """A cursor before the first change after that revision. Raises TooOld."""
        if revision < self._begun:
            raise TooOld(self._begun)
        return Cursor(self, self._position(revision))

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call with (old, new) on each commit, at once; objects that exist already are told first, as (None, new)."""
        for entry in self.list():
            subscriber(None, entry.object)
        self._subscribers.append(subscriber)

    def take(self, change: Change) -> None:
        """Take a commit in and tell everyone."""
        name = str(change.entry.key)
        if change.type == "DELETED":
            del self.entries[name]
            del self._order[bisect_left(self._order, name)]
        else:
            if change.previous is None:
                insort(self._order, name)
            self.entries[name] = change.entry
        self.revision = change.revision
        self._changes.append(change)
        self._trim()
        self._tell(change)

    def add_last(self, name: str, entry: Entry, most: int) -> Entry | None:
        """Take in a new object whose key (`name` as text) comes after all others.

        With more than `most` of them the first is dropped as if it had never been there: no watcher hears of it.
        Gives what was dropped.
        """
        self.entries[name] = entry
        self._order.append(name)
        self.revision = entry.revision
        change = Change("ADDED", entry, None)
        self._changes.append(change)
        self._trim()
        self._tell(change)
        return self.entries.pop(self._order.pop(0)) if len(self._order) > most else None

    def fill(self, entry: Entry) -> None:
        """Take in an object that was there before the cache; in key order."""
        name = str(entry.key)
        self.entries[name] = entry
        insort(self._order, name)
        self.revision = max(self.revision, entry.revision)

    def begin(self, revision: int) -> None:
        """Let no watch go back beyond a revision: what is kept has taken its shape only now."""
        self._begun = revision

    def interrupt(self) -> None:
        """End all watches."""
        self.interruptions += 1
        self._rounds.announce()

    def _tell(self, change: Change) -> None:
        self._rounds.announce()
        if not self._subscribers and not self._indexes:
            return
        old = change.previous.object if change.previous else None
        new = None if change.type == "DELETED" else change.entry.object
        for index in self._indexes.values():
            index.move(str(change.entry.key), old, new, change.entry)
        for subscriber in self._subscribers:
            subscriber(old, new)

    def _trim(self) -> None:
        window = self._window
        if len(self._changes) >= 2 * window:
            self._floor = self._changes[window - 1].revision
            del self._changes[:window]
            self._first += window

    def _position(self, revision: int) -> int:
        if revision < self._floor:
            raise TooOld(self._floor)
        return self._first + bisect_right(self._changes, revision, key=lambda change: change.revision)

    def changes_from(self, position: int) -> Sequence[Change]:
        """The window's part from a cursor's position on. Raises TooOld."""
        if position < self._first:
            raise TooOld(self._floor)
        return self._changes[position - self._first :]

    def changed(self) -> asyncio.Future[None]:
        """Done soon after the next commit."""
        return self._rounds.join()


class Cursor:
    """A watcher's place in the window."""

    __slots__ = ("_collection", "_interruptions", "_position")

    def __init__(self, collection: Collection, position: int) -> None:
        self._collection = collection
        self._position = position
        self._interruptions = collection.interruptions

    def pending(self) -> Sequence[Change]:
        """The changes since the last call. Raises TooOld when the cursor has fallen off the window, Interrupted."""
        changes = self._collection.changes_from(self._position)
        if not changes and self._interruptions != self._collection.interruptions:
            raise Interrupted
        self._position += len(changes)
        return changes

    def changed(self) -> asyncio.Future[None]:
        """Done soon after the collection's next commit."""
        return self._collection.changed()


class Snapshot(Struct, frozen=True):
    """All objects at one moment, shared by every cache that begins with it."""

    entries: dict[str, list[Entry]]
    """Prefix -> entries in key order."""


class Cache:
    """The collections above one engine; each is made when first asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._collections: dict[str, Collection] = {}
        self._offered: tuple[bytes, Object] | None = None
        self._began = engine.revision
        """What had happened before is not known."""

    @property
    def revision(self) -> int:
        """The engine's."""
        return self._engine.revision

    async def start(self) -> None:
        """Read everything that the engine has and follow it."""
        rows = await self._engine.start(self._on_commit)
        self._began = self._engine.revision
        for row in rows:
            prefix, key = split(row.key)
            self.collection(prefix).fill(self._entry(row, key))

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        entries = {prefix: collection.list() for prefix, collection in self._collections.items()}
        return Snapshot(entries)

    async def adopt(self, snapshot: Snapshot) -> None:
        """Begin with a snapshot instead of reading the engine, which must hold the same rows."""
        await self._engine.start(self._on_commit)
        self._began = self._engine.revision
        for prefix, entries in snapshot.entries.items():
            collection = self.collection(prefix)
            for entry in entries:
                collection.fill(entry)

    async def close(self) -> None:
        """Close the engine."""
        await self._engine.close()

    def collection(self, prefix: str) -> Collection:
        """The objects under "group/plural"."""
        found = self._collections.get(prefix)
        if found is None:
            found = self._collections[prefix] = Collection(prefix, self._began)
        return found

    async def commit(self, prefix: str, key: Key, obj: Object | None, expected: int) -> Entry | None:
        """Write the object (it is the cache's from then on) or delete (None). Raises Conflict.

        Gives the new entry, of a deletion the last state at the deletion's revision.
        """
        value = None if obj is None else orjson.dumps(obj)
        if value is not None and obj is not None:
            self._offered = (value, obj)
        collection = self.collection(prefix)
        before = collection.get(key) if obj is None else None
        row = await self._engine.commit(f"/registry/{prefix}/{key}", value, expected)
        if obj is not None:
            return collection.get(key)
        return before and at_revision(before, row.revision)

    def _on_commit(self, row: Row) -> None:
        prefix, key = split(row.key)
        collection = self.collection(prefix)
        previous = collection.get(key)
        if row.value is not None:
            type_ = "MODIFIED" if previous else "ADDED"
            collection.take(Change(type_, self._entry(row, key), previous))
        elif previous is not None:
            collection.take(Change("DELETED", at_revision(previous, row.revision), previous))

    def _entry(self, row: Row, key: Key) -> Entry:
        offered, self._offered = self._offered, None
        known = offered is not None and offered[0] is row.value  # what a commit of ours wrote need not be parsed
        obj = offered[1] if known and offered else orjson.loads(row.value or b"{}")
        obj["metadata"]["resourceVersion"] = str(row.revision)
        return Entry(key, obj, row.revision, row.created)


def at_revision(entry: Entry, revision: int) -> Entry:
    """The entry's state as a deletion at that revision shows it."""
    metadata = {**entry.object["metadata"], "resourceVersion": str(revision)}
    return Entry(entry.key, {**entry.object, "metadata": metadata}, revision, entry.created)


def _range(names: list[str], start: str, end: str) -> list[str]:
    return names[bisect_left(names, start) : bisect_left(names, end)]


def split(row_key: str) -> tuple[str, Key]:
    """ "/registry/apps/deployments/ns/name" -> ("apps/deployments", Key("ns", "name"))."""
    _, _, group, plural, *rest = row_key.split("/")
    return f"{group}/{plural}", Key(*rest) if len(rest) == 2 else Key("", rest[0])
