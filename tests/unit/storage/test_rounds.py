"""Watchers are woken in rounds: at once if that is cheap, else after a rest in which commits gather."""

from __future__ import annotations

import asyncio
import time

from fakekube.storage.rounds import LONGEST_REST, Rounds


async def test_who_waits_is_woken_once_for_all_commits_of_a_turn() -> None:
    rounds = Rounds()
    futures = [rounds.join() for _ in range(3)]
    rounds.announce()
    rounds.announce()
    await asyncio.gather(*futures)
    late = rounds.join()
    await asyncio.sleep(0)
    assert not late.done()


async def test_one_that_has_given_up_is_passed_over() -> None:
    rounds = Rounds()
    gone, here = rounds.join(), rounds.join()
    gone.cancel()
    rounds.announce()
    await here


async def test_nobody_waits() -> None:
    rounds = Rounds()
    rounds.announce()
    future = rounds.join()
    await asyncio.sleep(0)
    assert not future.done()


async def test_a_long_round_is_followed_by_a_rest_of_bounded_length() -> None:
    rounds = Rounds()

    async def watcher() -> None:
        await rounds.join()
        time.sleep(2 * LONGEST_REST)  # noqa: ASYNC251  the work of many watchers

    slow = asyncio.ensure_future(watcher())
    await asyncio.sleep(0)
    rounds.announce()
    await slow
    await asyncio.sleep(0)
    begun = time.perf_counter()
    future = rounds.join()
    rounds.announce()
    await future
    assert time.perf_counter() - begun >= LONGEST_REST / 2
