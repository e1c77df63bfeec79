"""Tasks that take keys from a work queue, one handler for all; failures come back with a back-off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from fakekube.runtime.queue import QueueClosed, WorkQueue

K = TypeVar("K", bound=Hashable)
Handle = Callable[[K], Awaitable[float | None]]
"""Gives the seconds after which the key comes back, or None. What it raises makes the key come back with a back-off."""


class Workers(Generic[K]):
    """`count` tasks over one queue. No exception ends them; what is not in `expected` is logged."""

    def __init__(
        self,
        name: str,
        queue: WorkQueue[K],
        handle: Handle[K],
        count: int = 1,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        self.name = name
        self.queue = queue
        self._handle = handle
        self._count = count
        self._expected = expected
        self._tasks: list[asyncio.Task[None]] = []
        self._log = logging.getLogger(f"fakekube.{name}")

    def start(self) -> None:
        """Begin to take keys."""
        self._tasks = [asyncio.create_task(self._run(), name=self.name) for _ in range(self._count)]

    async def stop(self) -> None:
        """Close the queue and end the tasks, even in the midst of a key."""
        self.queue.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _run(self) -> None:
        while True:
            try:
                key = await self.queue.get()
            except QueueClosed:
                return
            try:
                await self._work(key)
            finally:
                self.queue.done(key)
            await asyncio.sleep(0)  # what is done in memory never waits: requests and signals get their turn

    async def _work(self, key: K) -> None:
        try:
            delay = await self._handle(key)
        except self._expected as error:
            self._log.debug("%s: %s", key, error)
            self.queue.retry(key)
        except Exception:
            self._log.exception("%s failed at %s", self.name, key)
            self.queue.retry(key)
        else:
            self.queue.forget(key)
            if delay is not None:
                self.queue.add_after(key, delay)
