"""The one source of time. Everything that waits or stamps asks a Clock, so that tests can move it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable


class Timer:
    """A call that is due at a moment of a Clock; `cancel` makes it void."""

    __slots__ = ("call", "due")

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """The call will not be made."""
        self.call = None


class Clock:
    """The machine's time plus an offset that only grows. Moments are seconds since the epoch, as floats."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        """Make the call `delay` seconds from now, on the running event loop."""
        timer = Timer(self.now() + delay, call)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        self._schedule()
        return timer

    async def sleep(self, delay: float) -> None:
        """Wait until the clock has moved on by `delay` seconds."""
        woken = asyncio.Event()
        timer = self.call_later(delay, woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()

    def advance(self, seconds: float) -> None:
        """Move the clock on; what falls due meanwhile is called at once, in order. Runs on the event loop's thread."""
        self._offset += seconds
        self._fire()

    def close(self) -> None:
        """Forget all timers."""
        self._timers.clear()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _schedule(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        if self._timers:
            delay = max(0.0, self._timers[0][0] - self.now())
            self._wake = asyncio.get_running_loop().call_later(delay, self._fire)

    def _fire(self) -> None:
        now = self.now()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            call, timer.call = timer.call, None
            if call is not None:
                call()
        self._schedule()
