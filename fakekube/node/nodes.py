"""All simulated nodes of one world: which pods are theirs, what wakes them, and how others reach their containers.

One queue of pods serves all nodes; nothing polls. A pod comes into it when it, or something that it waits for, has
changed, when one of its containers ends, and when its life cycle says that something is due.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.apis.podspec.walk import is_terminal
from fakekube.machinery.objects import Key, Object, UserInfo, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.users import API_SERVER
from fakekube.node import addresses, failures
from fakekube.node.kubelet import RENEWAL, Kubelet, Shared, belongings
from fakekube.node.lifecycle import Delays, is_deleted
from fakekube.node.pulling import Note
from fakekube.node.registration import Machine
from fakekube.node.restoring import restore
from fakekube.node.serviceenv import ServiceVariables
from fakekube.node.state import Attempt, Run
from fakekube.node.volumes import Storage, Token, sources
from fakekube.node.worker import Worker
from fakekube.registry import events
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader
from fakekube.runtime.clock import Clock
from fakekube.runtime.queue import WorkQueue
from fakekube.runtime.workers import Workers
from fakekube.sandbox.containers import Process, Runtime
from fakekube.sandbox.images import Images

NAME = "fakekube-node-{}"
"""The names of nodes; the number counts from 1."""
OWN = re.compile(NAME.format(r"[1-9]\d*"))
WORKERS = 8
SANDBOX_CHANGED = "Pod sandbox changed, it will be killed and re-created."
PATIENCE = 5_000
"""Events that may wait for the pods to come to rest before they are written all the same."""
ClientFor = Callable[[UserInfo], Client]
"""A client that writes as a user, under the field manager "kubelet"."""


def identity(name: str) -> UserInfo:
    """As whom a node writes."""
    return UserInfo(f"system:node:{name}", groups=("system:nodes", "system:authenticated"))


class Nodes:
    """`count` nodes that run pods. Their objects are made by `start`, unless they are there already."""

    def __init__(
        self,
        count: int,
        changes: Changes,
        client_for: ClientFor,
        reader: Reader,
        clock: Clock,
        runtime: Runtime,
        images: Images,
        version: str,
        token: Token | None = None,
        delays: Delays | None = None,
    ) -> None:
        self._changes = changes
        self._reader = reader
        self._caretaker = client_for(API_SERVER)
        self._clock = clock
        self._log = logging.getLogger("fakekube.node")
        self._runs: dict[Key, Run] = {}
        self._on: dict[str, dict[Key, Run]] = {}
        """The same by node."""
        self._events: deque[tuple[Client, Object]] = deque()
        self._some_event = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue: WorkQueue[Key] = WorkQueue(clock)
        self._workers = Workers("node", self._queue, self._sync, WORKERS, (StatusError,))
        self._kubelets: dict[str, Kubelet] = {}
        self._hands: dict[str, Worker] = {}
        services = ServiceVariables(reader)
        shared = Shared(runtime, images, services, Storage(), delays or Delays(), self._emit, token)
        for number in range(count):
            machine = Machine(NAME.format(number + 1), addresses.of_node(number), version, number)
            self._add(Kubelet(machine, client_for(identity(machine.name)), shared))

    def _add(self, kubelet: Kubelet) -> None:
        self._kubelets[kubelet.name] = kubelet
        self._hands[kubelet.name] = Worker(kubelet, self._wake, self._spawn)
        self._on[kubelet.name] = {}

    async def start(self) -> None:
        """Register, and begin to run pods. Raises StatusError."""
        await self._retire()
        if not self._kubelets:
            return
        for kubelet in self._kubelets.values():
            await kubelet.register()
        self._changes.subscribe(NODES, self._on_node)
        self._changes.subscribe(PODS, self._on_pod)
        self._changes.subscribe(SECRETS, partial(self._on_source, "secret"))
        self._changes.subscribe(CONFIG_MAPS, partial(self._on_source, "configMap"))
        self._workers.start()
        self._spawn(self._write_events())
        for number, kubelet in enumerate(self._kubelets.values()):
            self._beat_in(RENEWAL * (number + 1) / len(self._kubelets), kubelet)

    async def _retire(self) -> None:
        """Take out the nodes of an earlier life that this one has no more, with what was theirs."""
        names = [node["metadata"]["name"] for node in self._reader.list(NODES)]
        surplus = [name for name in names if OWN.fullmatch(name) and name not in self._kubelets]
        for name in surplus:
            for resource, key in belongings(name, self._reader):
                with suppress(StatusError):
                    await self._caretaker.delete(resource, key)

    async def stop(self) -> None:
        """End everything that runs on them."""
        await self._workers.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def busy(self) -> bool:
        """Whether a pod is being worked on, or an event waits to be written."""
        return self._queue.busy or bool(self._events)

    async def idle(self) -> None:
        """Wait until nothing is to be done now; what is due later does not count."""
        while self.busy:
            await self._queue.idle()
            await asyncio.sleep(0)

    def serves(self, node: str) -> bool:
        """Whether that node is one of them."""
        return node in self._kubelets

    def container(self, pod: Key, name: str, *, previous: bool = False) -> Process | None:
        """The process of a pod's container, the latest or the one before; also after it has ended."""
        attempt = self._attempt(pod, name, previous)
        return attempt.process if attempt else None

    def at_address(self, ip: str) -> list[Process]:
        """The running processes of the pod that has that address."""
        for run in self._runs.values():
            if run.ip == ip and not run.pod["spec"].get("hostNetwork"):
                return [attempt.process for attempt in run.running() if attempt.process is not None]
        return []

    def pods(self, node: str) -> list[Object]:
        """The pods that the node runs or has run."""
        return [run.pod for run in self._on.get(node, {}).values()]

    def why_no_log(self, pod: Key, name: str, *, previous: bool = False) -> str:
        """Why there is no log of that container, in the kubelet's words; "" if there is one."""
        if self.container(pod, name, previous=previous) is not None:
            return ""
        if previous:
            return f'previous terminated container "{name}" in pod "{pod.name}" not found'
        run = self._runs.get(pod)
        failure = run.failures.get(name) if run else None
        return failures.no_log_text(name, run.pod if run else None, pod.name, failure.reason if failure else "")

    def _attempt(self, pod: Key, name: str, previous: bool) -> Attempt | None:
        run = self._runs.get(pod)
        attempts = [one for one in run.attempts.get(name, ()) if one.process is not None] if run else []
        if previous:
            ended = [one for one in attempts if not one.running]
            waiting = run is not None and name in run.failures
            attempts = ended if waiting or not attempts or attempts[-1].running else ended[:-1]
        return attempts[-1] if attempts else None

    def _on_node(self, old: Object | None, new: Object | None) -> None:
        if new is not None and (kubelet := self._kubelets.get(new["metadata"]["name"])):
            kubelet.adopt(new)

    def _on_pod(self, old: Object | None, new: Object | None) -> None:
        pod = new or old
        if pod is not None and pod["spec"].get("nodeName") in self._kubelets:
            self._queue.add(key_of(pod))

    def _on_source(self, kind: str, old: Object | None, new: Object | None) -> None:
        """A secret or config map has come, for which pods may wait, has changed or gone, which their volumes show."""
        metadata = (new or old or {})["metadata"]
        source = (kind, metadata["name"])
        for key, run in self._runs.items():
            if key.namespace != metadata["namespace"]:
                continue
            if new is not None and (run.volumes is None or run.failures):
                _try_again(run)
                self._queue.add(key)
            if run.volumes and source in sources(run.pod):
                self._hands[run.node].refresh(run)

    def _wake(self, run: Run) -> None:
        run.quiet_until = 0.0
        self._queue.add(run.key)

    async def _sync(self, key: Key) -> float | None:
        pod, run = self._reader.get(PODS, key), self._runs.get(key)
        if run is not None and (pod is None or pod["metadata"]["uid"] != run.uid):
            self._hands[run.node].discard(run)
            del self._runs[key], self._on[run.node][key]
            run = None
        if pod is None or (node := pod["spec"].get("nodeName", "")) not in self._kubelets:
            return None
        if run is None and is_terminal(pod):
            return None
        if run is None:
            run = self._runs[key] = self._on[node][key] = self._begin(key, pod, node)
        return await self._hands[node].sync(run, pod)

    def _begin(self, key: Key, pod: Object, node: str) -> Run:
        run = Run(key, pod["metadata"]["uid"], node, self._clock.now(), pod)
        kubelet = self._kubelets[node]
        if restore(run):
            kubelet.tell(pod, Note("Normal", "SandboxChanged", SANDBOX_CHANGED))
        elif not is_deleted(pod):
            others = [one.pod for one in self._on[node].values() if one.key != key and not is_terminal(one.pod)]
            run.rejected = kubelet.admit(pod, others)
        return run

    def _emit(self, client: Client, event: Object) -> None:
        self._events.append((client, event))
        self._some_event.set()

    async def _write_events(self) -> None:
        while True:
            await self._some_event.wait()
            while self._events:
                if self._queue.busy and len(self._events) < PATIENCE:
                    await self._queue.idle()
                client, event = self._events[0]
                try:
                    await events.write(client, event)
                except Exception:
                    self._log.exception("an event could not be written")
                finally:
                    self._events.popleft()
                await asyncio.sleep(0)
            self._some_event.clear()

    def _beat_in(self, delay: float, kubelet: Kubelet) -> None:
        self._clock.call_later(delay, lambda: self._beat(kubelet))

    def _beat(self, kubelet: Kubelet) -> None:
        self._spawn(self._heartbeat(kubelet))
        self._beat_in(RENEWAL, kubelet)

    async def _heartbeat(self, kubelet: Kubelet) -> None:
        try:
            await kubelet.heartbeat()
        except StatusError as error:
            self._log.debug("%s: %s", kubelet.name, error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("%s", error, exc_info=error)


def _try_again(run: Run) -> None:
    """What could not be mounted or configured is tried again at once."""
    run.quiet_until = 0.0
    run.mount_at = 0.0
    for name, failure in run.failures.items():
        if failure.reason == failures.CONFIG_ERROR:
            run.retry.pop(name, None)
