"""The work queue: each key at most once in it, and never in two hands. Follows client-go's util/workqueue.

A key moves so: added -> queued -> taken by `get` -> `done`. One that is added while it is taken is queued again when
it is done. `retry` adds with a delay that doubles with each failure until `forget`. All calls are made on the loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from fakekube.runtime.clock import Clock, Timer

K = TypeVar("K", bound=Hashable)

FIRST_DELAY = 0.005
LONGEST_DELAY = 1000.0
SOON = 0.1
"""A retry that is due within so many seconds still counts as work in `idle`; a longer back-off does not."""


class QueueClosed(Exception):
    """There will be no more keys: the worker ends."""


class WorkQueue(Generic[K]):
    """Keys to be worked on, in the order in which they were added first."""

    def __init__(self, clock: Clock, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._queued: deque[K] = deque()
        self._dirty: set[K] = set()
        self._taken: set[K] = set()
        self._timers: dict[K, Timer] = {}
        self._soon: set[K] = set()
        self._failures: dict[K, int] = {}
        self._getters: deque[asyncio.Future[None]] = deque()
        self._idlers: list[asyncio.Future[None]] = []
        self._closed = False

    def __len__(self) -> int:
        return len(self._queued)

    def add(self, key: K) -> None:
        """Queue the key, unless it is queued already."""
        if self._closed or key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._taken:
            self._enqueue(key)

    def add_after(self, key: K, delay: float) -> None:
        """Queue the key in `delay` seconds; of several such calls the earliest moment counts."""
        if self._closed:
            return
        if delay <= 0:
            self.add(key)
            return
        earlier = self._timers.get(key)
        if earlier is not None and earlier.due <= self._clock.now() + delay:
            return
        if earlier is not None:
            earlier.cancel()
        self._timers[key] = self._clock.call_later(delay, lambda: self._due(key))

    def add_soon(self, key: K, delay: float) -> None:
        """Queue the key in a moment (at most SOON seconds), which counts as work in `idle`."""
        if self._closed or key in self._dirty:
            return
        if delay > 0:
            self._soon.add(key)
        self.add_after(key, delay)

    def retry(self, key: K) -> None:
        """Queue the key after its back-off."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(self._first * 2 ** min(failures, 60), self._longest)
        if delay <= SOON and not self._closed:
            self._soon.add(key)
        self.add_after(key, delay)

    def forget(self, key: K) -> None:
        """The key's next failure is its first."""
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        """How often the key was retried since it was forgotten."""
        return self._failures.get(key, 0)

    async def get(self) -> K:
        """Wait for a key and take it. Raises QueueClosed."""
        while not self._queued:
            if self._closed:
                raise QueueClosed
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._getters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._pass_on(waiter)
                raise
        key = self._queued.popleft()
        self._dirty.discard(key)
        self._taken.add(key)
        return key

    def done(self, key: K) -> None:
        """Give the key back; it is queued again if it was added meanwhile."""
        self._taken.discard(key)
        if key in self._dirty:
            self._enqueue(key)
        self._wake_idlers()

    @property
    def busy(self) -> bool:
        """Whether a key is queued, taken, or about to be retried."""
        return bool(self._queued or self._taken or self._soon)

    async def idle(self) -> None:
        """Wait until nothing is queued, taken, or about to be retried; what is due later does not count."""
        while self.busy and not self._closed:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idlers.append(waiter)
            await waiter

    def close(self) -> None:
        """Drop what is queued or delayed, and end those that wait."""
        self._closed = True
        self._queued.clear()
        self._dirty.clear()
        self._soon.clear()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for getter in self._getters:
            _wake(getter)
        self._wake_idlers()

    def _enqueue(self, key: K) -> None:
        self._queued.append(key)
        self._wake_getter()

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self._soon.discard(key)
        self.add(key)

    def _wake_getter(self) -> None:
        while self._getters:
            if _wake(self._getters.popleft()):
                return

    def _pass_on(self, waiter: asyncio.Future[None]) -> None:
        """A cancelled getter hands its wake-up to the next."""
        if waiter in self._getters:
            self._getters.remove(waiter)
        elif self._queued:
            self._wake_getter()

    def _wake_idlers(self) -> None:
        if not self.busy or self._closed:
            idlers, self._idlers = self._idlers, []
            for idler in idlers:
                _wake(idler)


def _wake(waiter: asyncio.Future[None]) -> bool:
    if waiter.done():
        return False
    waiter.set_result(None)
    return True
