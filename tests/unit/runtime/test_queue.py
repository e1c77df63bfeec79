from __future__ import annotations

import asyncio

import pytest

from fakekube.runtime.clock import Clock
from fakekube.runtime.queue import QueueClosed, WorkQueue
from fakekube.runtime.workers import Workers


class StillClock(Clock):
    def now(self) -> float:
        return self._offset


def queue() -> tuple[WorkQueue[str], StillClock]:
    clock = StillClock()
    return WorkQueue(clock), clock


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_key_is_queued_once_and_in_order() -> None:
    work, _ = queue()
    for key in "abacb":
        work.add(key)
    assert [await work.get() for _ in range(3)] == ["a", "b", "c"]


async def test_a_taken_key_comes_back_only_when_it_is_done() -> None:
    work, _ = queue()
    work.add("a")
    assert await work.get() == "a"
    work.add("a")
    work.add("a")
    assert len(work) == 0
    work.done("a")
    assert len(work) == 1


async def test_getters_are_served_in_turn() -> None:
    work, _ = queue()
    getters = [asyncio.create_task(work.get()) for _ in range(2)]
    await settle()
    work.add("a")
    work.add("b")
    assert await asyncio.gather(*getters) == ["a", "b"]


async def test_a_cancelled_getter_loses_no_key() -> None:
    work, _ = queue()
    first, second = (asyncio.create_task(work.get()) for _ in range(2))
    await settle()
    work.add("a")
    first.cancel()
    await settle()
    assert second.done()
    assert second.result() == "a"


async def test_back_off_doubles_up_to_the_ceiling_and_is_forgotten() -> None:
    work, clock = WorkQueue[str](clock := StillClock(), first=1, longest=4), clock
    for delay in (1, 2, 4, 4):
        work.retry("a")
        clock.advance(delay - 0.01)
        assert len(work) == 0
        clock.advance(0.02)
        assert await work.get() == "a"
        work.done("a")
    work.forget("a")
    work.retry("a")
    clock.advance(1.01)
    assert len(work) == 1


async def test_of_several_delays_the_shortest_counts() -> None:
    work, clock = queue()
    work.add_after("a", 10)
    work.add_after("a", 5)
    work.add_after("a", 20)
    clock.advance(5)
    assert len(work) == 1
    await work.get()
    work.done("a")
    clock.advance(30)
    assert len(work) == 0


async def test_idle_waits_for_the_queued_and_the_taken_but_not_for_later() -> None:
    work, clock = queue()
    work.add_after("later", 60)
    await asyncio.wait_for(work.idle(), 1)
    work.add("a")
    idle = asyncio.create_task(work.idle())
    key = await work.get()
    await settle()
    assert not idle.done()
    work.done(key)
    await asyncio.wait_for(idle, 1)
    clock.close()


async def test_idle_waits_for_a_quick_retry() -> None:
    work, clock = queue()
    work.retry("a")
    idle = asyncio.create_task(work.idle())
    await settle()
    assert not idle.done()
    clock.advance(0.01)
    work.done(await work.get())
    await asyncio.wait_for(idle, 1)


async def test_closing_ends_getters_and_idlers_and_drops_the_rest() -> None:
    work, clock = queue()
    getter = asyncio.create_task(work.get())
    await settle()
    work.add_after("b", 1)
    work.close()
    with pytest.raises(QueueClosed):
        await getter
    clock.advance(2)
    work.add("a")
    assert len(work) == 0
    await asyncio.wait_for(work.idle(), 1)


async def test_workers_survive_errors_and_come_back(caplog: pytest.LogCaptureFixture) -> None:
    work, clock = queue()
    seen: list[str] = []

    async def handle(key: str) -> float | None:
        seen.append(key)
        if len(seen) == 1:
            raise ValueError("unexpected")
        return 7 if len(seen) == 2 else None

    workers = Workers("test", work, handle, count=2)
    workers.start()
    work.add("a")
    await settle()
    clock.advance(0.01)
    await asyncio.wait_for(work.idle(), 1)
    assert seen == ["a", "a"]
    assert "unexpected" in caplog.text
    clock.advance(7)
    await asyncio.wait_for(work.idle(), 1)
    assert seen == ["a", "a", "a"]
    await workers.stop()


async def test_what_comes_soon_counts_as_work() -> None:
    queue: WorkQueue[str] = WorkQueue(Clock())
    queue.add_soon("a", 0.01)
    queue.add_soon("b", 0)
    assert (len(queue), queue.busy) == (1, True)
    taken = [await queue.get(), await queue.get()]
    assert (taken, queue.busy) == (["b", "a"], True)
    for key in taken:
        queue.done(key)
    assert not queue.busy
