"""Runs a table of controllers: changes fill their queues, workers empty them. Nothing polls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from fakekube.controllers.controller import Controller, Watch
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.changes import Changes, Handler
from fakekube.registry.client import Client
from fakekube.runtime.clock import Clock
from fakekube.runtime.queue import SOON, WorkQueue
from fakekube.runtime.workers import Workers

AT_ONCE = 5
"""How many times in a second a key is reconciled as soon as something changes."""
ClientFor = Callable[[Controller], Client]
"""A client that writes as the controller's service account and field manager."""


class Rests:
    """Keys for which something changes again and again rest between two times, so that many changes are met at once.

    A ReplicaSet of a thousand pods would else be counted, and its status written, anew for each that becomes ready.
    """

    def __init__(self) -> None:
        self._second = 0.0
        self._seen: dict[Key, tuple[int, float]] = {}
        """key -> how many times in this second, the last one."""

    def note(self, key: Key, now: float) -> None:
        """The key is reconciled."""
        if now - self._second >= 1.0:
            self._second = now
            self._seen.clear()
        self._seen[key] = self._seen.get(key, (0, 0.0))[0] + 1, now

    def remaining(self, key: Key, now: float) -> float:
        """Seconds for which the key still rests."""
        times, last = self._seen.get(key, (0, 0.0))
        return max(0.0, last + SOON - now) if times >= AT_ONCE else 0.0


class Running:
    """One controller with its queue, its workers and its client."""

    def __init__(self, controller: Controller, client: Client, clock: Clock) -> None:
        self.controller = controller
        self.client = client
        self.queue: WorkQueue[Key] = WorkQueue(clock)
        self._rests = Rests()
        self._workers = Workers(controller.name, self.queue, self._reconcile, controller.workers, (StatusError,))

    def start(self, changes: Changes) -> None:
        """Subscribe, which queues what exists, and begin to work."""
        for watch in self.controller.watches:
            changes.subscribe(watch.resource, self._handler(watch))
        if self.controller.listen is not None:
            self.controller.listen(changes, self.queue.add)
        for key in self.controller.start:
            self.queue.add(key)
        self._workers.start()

    async def stop(self) -> None:
        """End the workers."""
        await self._workers.stop()

    def _handler(self, watch: Watch) -> Handler:
        keys, when, delay, client, queue = watch.keys, watch.when, watch.delay, self.client, self.queue
        rests, moment = self._rests, time.monotonic

        def handle(old: Object | None, new: Object | None) -> None:
            if when is not None and not when(old, new):
                return
            for obj in (old, new):
                if obj is not None:
                    for key in keys(obj, client):
                        if delay is None:
                            queue.add_soon(key, rests.remaining(key, moment()))
                        else:
                            queue.add_after(key, delay(old, new, key, client.clock.now()))

        return handle

    async def _reconcile(self, key: Key) -> float | None:
        self._rests.note(key, time.monotonic())
        return await self.controller.reconcile(key, self.client)


class Manager:
    """All controllers of one world."""

    def __init__(
        self, controllers: Iterable[Controller], changes: Changes, client_for: ClientFor, clock: Clock
    ) -> None:
        self._changes = changes
        self._running = [Running(controller, client_for(controller), clock) for controller in controllers]

    def start(self) -> None:
        """Start all of them; on the event loop."""
        for running in self._running:
            running.start(self._changes)

    async def stop(self) -> None:
        """End all of them."""
        await asyncio.gather(*(running.stop() for running in self._running))

    @property
    def busy(self) -> bool:
        """Whether any controller has work to do now."""
        return any(running.queue.busy for running in self._running)

    async def idle(self) -> None:
        """Wait until no controller has work to do; what is due later does not count."""
        while busy := [running for running in self._running if running.queue.busy]:
            await busy[0].queue.idle()
