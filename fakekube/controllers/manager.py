"""Runs a table of controllers: changes fill their queues, workers empty them. Nothing polls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from fakekube.controllers.controller import Controller, Watch
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.changes import Changes, Handler
from fakekube.registry.client import Client
from fakekube.runtime.clock import Clock
from fakekube.runtime.queue import WorkQueue
from fakekube.runtime.workers import Workers

ClientFor = Callable[[Controller], Client]
"""A client that writes as the controller's service account and field manager."""


class Running:
    """One controller with its queue, its workers and its client."""

    def __init__(self, controller: Controller, client: Client, clock: Clock) -> None:
        self.controller = controller
        self.client = client
        self.queue: WorkQueue[Key] = WorkQueue(clock)
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

        def handle(old: Object | None, new: Object | None) -> None:
            if when is not None and not when(old, new):
                return
            for obj in (old, new):
                if obj is not None:
                    for key in keys(obj, client):
                        queue.add_after(key, delay(old, new, key, client.clock.now()) if delay else 0)

        return handle

    async def _reconcile(self, key: Key) -> float | None:
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
