"""The watch cache: a list and everything since then is the list of now, from wherever a client begins."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery.objects import Key, Object
from fakekube.storage.cache import Cache, Collection, Cursor, Entry, TooOld
from fakekube.storage.interface import Conflict
from fakekube.storage.memory import Memory

NAMES = st.sampled_from([Key("a", "x"), Key("a", "y"), Key("b", "x")])
WRITES = st.lists(st.tuples(NAMES, st.booleans()), min_size=1, max_size=25)


def thing(key: Key, text: str) -> Object:
    metadata = {"namespace": key.namespace, "name": key.name, "resourceVersion": "0"}
    return {"kind": "Thing", "apiVersion": "v1", "metadata": metadata, "text": text}


async def started() -> Cache:
    cache = Cache(Memory())
    await cache.start()
    return cache


async def write_all(cache: Cache, writes: list[tuple[Key, bool]]) -> list[int]:
    """Create, change or (True) delete; gives the revisions before and after each."""
    revisions = [cache.revision]
    collection = cache.collection("core/things")
    for number, (key, deletes) in enumerate(writes):
        entry = collection.get(key)
        if deletes and entry is None:
            continue
        obj = None if deletes else thing(key, str(number))
        await cache.commit("core/things", key, obj, entry.revision if entry else 0)
        revisions.append(cache.revision)
    return revisions


def state(entries: list[Entry]) -> dict[str, Object]:
    return {str(entry.key): entry.object for entry in entries}


def replay(before: dict[str, Object], cursor: Cursor) -> dict[str, Object]:
    now = dict(before)
    for change in cursor.pending():
        if change.type == "DELETED":
            del now[str(change.entry.key)]
        else:
            assert (change.type == "ADDED") == (str(change.entry.key) not in now)
            now[str(change.entry.key)] = change.entry.object
    return now


@given(WRITES)
def test_a_list_and_what_follows_is_the_list_of_now(writes: list[tuple[Key, bool]]) -> None:
    async def check() -> None:
        cache = await started()
        collection = cache.collection("core/things")
        for revision in await write_all(cache, writes):
            before = state(list(collection.at(revision)))
            assert replay(before, collection.watch(revision)) == state(collection.list())

    asyncio.run(check())


@given(WRITES, st.sampled_from(["", "a", "b"]))
def test_lists_of_the_past_are_in_key_order_and_of_one_namespace(
    writes: list[tuple[Key, bool]], namespace: str
) -> None:
    async def check() -> None:
        cache = await started()
        collection = cache.collection("core/things")
        for revision in await write_all(cache, writes):
            keys = [str(entry.key) for entry in collection.at(revision, namespace)]
            whole = [str(entry.key) for entry in collection.at(revision)]
            assert keys == [key for key in sorted(whole) if key.startswith(f"{namespace}/") or not namespace]

    asyncio.run(check())


@given(WRITES)
def test_objects_carry_the_revision_of_their_last_change(writes: list[tuple[Key, bool]]) -> None:
    async def check() -> None:
        cache = await started()
        await write_all(cache, writes)
        for change in cache.collection("core/things").watch(1).pending():
            assert change.entry.object["metadata"]["resourceVersion"] == str(change.revision)

    asyncio.run(check())


async def test_a_collection_that_nobody_has_asked_for_yet_can_be_watched_from_the_past() -> None:
    cache = await started()
    begin = cache.revision
    await cache.commit("core/things", Key("a", "x"), thing(Key("a", "x"), "1"), 0)
    assert list(cache.collection("core/others").watch(begin).pending()) == []


async def test_what_the_window_has_lost_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = await started()
    begin = cache.revision
    collection = cache.collection("core/things")
    monkeypatch.setattr(collection, "_window", 3)
    slow = collection.watch(begin)
    for number in range(6):
        key = Key("a", str(number))
        await cache.commit("core/things", key, thing(key, ""), 0)
    for attempt in (lambda: collection.watch(begin), slow.pending, lambda: collection.at(begin)):
        with pytest.raises(TooOld) as error:
            attempt()
        assert error.value.oldest == begin + 3
    assert len(collection.watch(begin + 3).pending()) == 3


async def test_a_lost_race_is_a_conflict_and_tells_nobody() -> None:
    cache = await started()
    key = Key("a", "x")
    await cache.commit("core/things", key, thing(key, "1"), 0)
    collection: Collection = cache.collection("core/things")
    cursor = collection.watch(cache.revision)
    with pytest.raises(Conflict):
        await cache.commit("core/things", key, thing(key, "2"), 0)
    assert list(cursor.pending()) == []
    entry = collection.get(key)
    assert entry is not None
    assert entry.object["text"] == "1"


async def test_subscribers_hear_of_what_is_there_and_of_every_change() -> None:
    cache = await started()
    key = Key("a", "x")
    first = await cache.commit("core/things", key, thing(key, "1"), 0)
    heard: list[tuple[str | None, str | None]] = []
    cache.collection("core/things").subscribe(lambda old, new: heard.append((old and old["text"], new and new["text"])))
    assert first is not None
    second = await cache.commit("core/things", key, thing(key, "2"), first.revision)
    assert second is not None
    await cache.commit("core/things", key, None, second.revision)
    assert heard == [(None, "1"), ("1", "2"), ("2", None)]


async def test_a_cache_begins_with_what_the_engine_holds() -> None:
    engine = Memory()
    first = Cache(engine)
    await first.start()
    key = Key("a", "x")
    entry = await first.commit("core/things", key, thing(key, "1"), 0)
    second = Cache(engine.fork())
    await second.start()
    found = second.collection("core/things").get(key)
    assert entry is not None
    assert found is not None
    assert (found.object, found.revision, found.created) == (entry.object, entry.revision, entry.created)
    with pytest.raises(TooOld):
        second.collection("core/things").watch(entry.revision - 1)
