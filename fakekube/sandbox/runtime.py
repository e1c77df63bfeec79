"""Starts containers in the sandbox: the container runtime of simulated nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from fakekube.registry.client import Reader
from fakekube.runtime.clock import Clock
from fakekube.sandbox.clusternet import Cluster, PodNetwork, pod_exists
from fakekube.sandbox.container import Container
from fakekube.sandbox.containers import Launch, OnExit
from fakekube.sandbox.kernel import Budget, Program
from fakekube.sandbox.network import Unreachable
from fakekube.sandbox.streams import Duplex

RATE, BURST = 4_000.0, 40_000.0
"""Steps a second that all containers together get, so that the server keeps answering."""


class SandboxRuntime:
    """`containers.Runtime`. `api` gives host and port on which this API server listens."""

    def __init__(self, clock: Clock, reader: Reader, api: Callable[[], tuple[str, int]]) -> None:
        self._clock = clock
        self._containers: dict[str, list[Container]] = {}
        """By the pod's address."""
        self._machine = Budget(RATE, BURST)
        self._cluster = Cluster(reader, api, self._local)

    def start(self, launch: Launch, on_exit: OnExit) -> Container:
        """Start a container. Raises StartError."""
        network = PodNetwork(self._cluster, launch.pod["metadata"]["namespace"], launch.ip, launch.hostname)

        def ended(code: int) -> None:
            self._forget(launch.ip, container)
            on_exit(code)

        container = Container(launch, ended, self._clock, self._programs, network, self._machine)
        self._containers.setdefault(launch.ip, []).append(container)
        try:
            container.begin()
        except Exception:
            self._forget(launch.ip, container)
            raise
        return container

    def stop(self) -> None:
        """End everything that runs in them."""
        for containers in list(self._containers.values()):
            for container in containers:
                container.abandon()

    def _forget(self, address: str, container: Container) -> None:
        running = self._containers.get(address, [])
        if container in running:
            running.remove(container)
        if not running:
            self._containers.pop(address, None)

    def _local(self, address: str, port: int) -> Duplex:
        """A connection to a pod. Raises ConnectionRefusedError, Unreachable."""
        running = self._containers.get(address, [])
        for container in running:
            if container.listens(port):
                return container.connect(port)
        if running or pod_exists(self._cluster.reader, address):
            raise ConnectionRefusedError
        raise Unreachable

    @cached_property
    def _programs(self) -> Mapping[str, Program]:
        from fakekube.sandbox import commands
        from fakekube.sandbox.shell import program

        return {**commands.table(), **program.PROGRAMS}
