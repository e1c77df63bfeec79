"""What every storage engine promises. Follows etcd's KV: one revision, compare-and-swap, ranges in key order."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from engines import KITS, Kit
from hypothesis import given
from hypothesis import strategies as st

from fakekube.storage.interface import Conflict, Engine, Row


@pytest.fixture(params=KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture
async def engine(kit: Kit, tmp_path: Path) -> Any:
    engine = kit.make(tmp_path)
    yield engine
    await engine.close()


async def opened(engine: Engine) -> list[Row]:
    """The commits that the engine tells of from now on."""
    told: list[Row] = []
    await engine.start(told.append)
    return told


async def test_a_new_engine_is_empty(engine: Engine) -> None:
    assert await engine.start(lambda row: None) == []
    assert await engine.range("", "\x7f") == []
    assert engine.revision >= 1  # 0 means "no revision" to clients


async def test_each_commit_takes_one_revision(engine: Engine) -> None:
    await opened(engine)
    before = engine.revision
    first = await engine.commit("/a", b"1", 0)
    second = await engine.commit("/b", b"2", 0)
    third = await engine.commit("/a", b"3", first.revision)
    assert [first.revision, second.revision, third.revision] == [before + 1, before + 2, before + 3]
    assert engine.revision == before + 3


async def test_rows_know_when_they_were_created(engine: Engine) -> None:
    await opened(engine)
    made = await engine.commit("/a", b"1", 0)
    changed = await engine.commit("/a", b"2", made.revision)
    gone = await engine.commit("/a", None, changed.revision)
    again = await engine.commit("/a", b"3", 0)
    assert (made.created, changed.created) == (made.revision, made.revision)
    assert gone.value is None
    assert again.created == again.revision > gone.revision


@pytest.mark.parametrize("value", [b"new", None])
@pytest.mark.parametrize("expected", [0, -1, 1000])
async def test_a_writer_with_an_old_view_changes_nothing(engine: Engine, value: bytes | None, expected: int) -> None:
    told = await opened(engine)
    row = await engine.commit("/a", b"old", 0)
    wrong = expected if expected >= 0 else row.revision - 1
    with pytest.raises(Conflict) as conflict:
        await engine.commit("/a", value, wrong)
    assert conflict.value.current == row
    assert (await engine.range("/a", "/b"), engine.revision, told) == ([row], row.revision, [row])


async def test_what_is_not_there_is_at_revision_0(engine: Engine) -> None:
    await opened(engine)
    with pytest.raises(Conflict) as conflict:
        await engine.commit("/a", b"1", 5)
    assert (conflict.value.current.revision, conflict.value.current.value) == (0, None)


async def test_ranges_have_their_start_and_not_their_end(engine: Engine) -> None:
    await opened(engine)
    for key in ("/b", "/a/2", "/a", "/a/1", "/a0", "/c"):
        await engine.commit(key, key.encode(), 0)
    assert [row.key for row in await engine.range("/a", "/a0")] == ["/a", "/a/1", "/a/2"]
    assert [row.key for row in await engine.range("/a/", "/a0")] == ["/a/1", "/a/2"]
    assert [row.key for row in await engine.range("/b", "/b")] == []
    assert [row.value for row in await engine.range("/c", "/d")] == [b"/c"]


async def test_commits_are_told_once_in_order_and_before_they_return(engine: Engine) -> None:
    told = await opened(engine)
    made = await engine.commit("/a", b"1", 0)
    assert told == [made]
    gone = await engine.commit("/a", None, made.revision)
    assert [(row.key, row.value, row.revision) for row in told] == [
        ("/a", b"1", made.revision), ("/a", None, gone.revision),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [b"", b"\x00\xff", b"x" * 1_500_000])
async def test_values_are_bytes(engine: Engine, value: bytes) -> None:
    await opened(engine)
    row = await engine.commit("/a", value, 0)
    assert row.value == value
    assert [found.value for found in await engine.range("/a", "/b")] == [value]


async def test_no_increment_is_lost(engine: Engine) -> None:
    await opened(engine)
    await engine.commit("/n", b"0", 0)

    async def increment() -> None:
        while True:
            (row,) = await engine.range("/n", "/o")
            await asyncio.sleep(0)
            try:
                await engine.commit("/n", str(int(row.value or b"0") + 1).encode(), row.revision)
            except Conflict:
                continue
            return

    await asyncio.gather(*(increment() for _ in range(20)))
    assert [row.value for row in await engine.range("/n", "/o")] == [b"20"]


async def test_durable_engines_keep_every_acknowledged_write(kit: Kit, tmp_path: Path) -> None:
    if not kit.durable:
        pytest.skip("gone with the process")
    first = kit.make(tmp_path)
    await opened(first)
    rows = [await first.commit(key, b"v", 0) for key in ("/a", "/b")]
    await first.commit("/b", None, rows[1].revision)
    revision = first.revision
    second = kit.make(tmp_path)  # the first one is not even closed
    assert await second.start(lambda row: None) == [rows[0]]
    assert second.revision == revision
    await second.close()


KEYS = st.sampled_from(["/a", "/a/x", "/b"])
OPERATIONS = st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=3), st.booleans()), max_size=30)


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
@given(operations=OPERATIONS)
def test_an_engine_behaves_as_a_dictionary_with_revisions(
    kit: Kit, operations: list[tuple[str, bytes | None, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(kit.make(Path(folder)), operations))


async def compare(engine: Engine, operations: list[tuple[str, bytes | None, bool]]) -> None:
    told = await opened(engine)
    model: dict[str, Row] = {}
    for key, value, stale in operations:
        current = model.get(key)
        expected = current.revision if current else 0
        if stale or (value is None and current is None):
            continue
        row = await engine.commit(key, value, expected)
        if value is None:
            del model[key]
        else:
            model[key] = row
    assert await engine.range("", "\x7f") == [model[key] for key in sorted(model)]
    assert [row.revision for row in told] == sorted({row.revision for row in told})
    await engine.close()
