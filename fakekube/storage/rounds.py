"""Waking those who wait for commits: in rounds, since it takes time to tell two hundred watchers of each single one.

A round begins at the next turn of the event loop, but not before the last one is as long over as it took. A few
watchers therefore hear of a commit at once, and many of them hear of several together, in one write each.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

LONGEST_REST = 0.02
"""Seconds."""


class Rounds:
    """Who waits for the next commit of a collection."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._due = False
        self._began = self._rests_until = 0.0

    def join(self) -> asyncio.Future[None]:
        """Done in the round after the next commit."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def announce(self) -> None:
        """Something has been committed."""
        if self._due or not self._waiting:
            return
        self._due = True
        loop = asyncio.get_running_loop()
        pause = self._rests_until - perf_counter()
        if pause > 0:
            loop.call_later(pause, self._wake)
        else:
            loop.call_soon(self._wake)

    def _wake(self) -> None:
        self._due = False
        waiting, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        loop.call_soon(self._begin)
        for future in waiting:
            if not future.done():
                future.set_result(None)  # runs the watcher between the calls that come before and after it
        loop.call_soon(self._end)

    def _begin(self) -> None:
        self._began = perf_counter()

    def _end(self) -> None:
        now = perf_counter()
        self._rests_until = now + min(now - self._began, LONGEST_REST)
