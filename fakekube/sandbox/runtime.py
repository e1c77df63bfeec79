"""Starts containers in the sandbox: the container runtime of simulated nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from fakekube.registry.client import Reader
from fakekube.runtime.clock import Clock
from fakekube.sandbox.clusternet import Cluster, PodNetwork, pod_exists
from fakekube.sandbox.containers import Launch, OnExit
from fakekube.sandbox.network import Unreachable
from fakekube.sandbox.streams import Duplex

if TYPE_CHECKING:
    from fakekube.sandbox.container import Container
    from fakekube.sandbox.kernel import Budget, Program

RATE, BURST = 4_000.0, 40_000.0
"""Steps a second that all containers together get, so that the server keeps answering."""


class SandboxRuntime:
    """`containers.Runtime`. `api` gives host and port on which this API server listens."""

    def __init__(self, clock: Clock, reader: Reader, api: Callable[[], tuple[str, int]]) -> None:
        self._clock = clock
        self._containers: dict[str, list[Container]] = {}
        """By the pod's address."""
        self._cluster = Cluster(reader, api, self)

    def start(self, launch: Launch, on_exit: OnExit) -> Container:
        """Start a container. Raises StartError."""
        from fakekube.sandbox.container import Container

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

    async def close(self) -> None:
        """End everything that runs in them."""
        running = [container for containers in self._containers.values() for container in containers]
        ending = [task for container in running for task in container.abandon()]
        await asyncio.gather(*ending, return_exceptions=True)

    def _forget(self, address: str, container: Container) -> None:
        running = self._containers.get(address, [])
        if container in running:
            running.remove(container)
        if not running:
            self._containers.pop(address, None)

    def connect(self, address: str, port: int, peer: str) -> Duplex:
        """A TCP connection to a pod. Raises ConnectionRefusedError, Unreachable."""
        for container in self._at(address):
            if container.listens(port):
                return container.connect(port, peer)
        raise ConnectionRefusedError

    def speaks_tls(self, address: str, port: int) -> bool:
        """Whether a pod expects TLS there. Raises ConnectionRefusedError, Unreachable."""
        for container in self._at(address):
            if container.listens(port):
                return container.speaks_tls(port)
        raise ConnectionRefusedError

    def datagram(self, address: str, port: int, data: bytes, peer: str) -> bytes:
        """A pod's answer to a UDP datagram. Raises ConnectionRefusedError, Unreachable."""
        for container in self._at(address):
            with suppress(ConnectionRefusedError):
                return container.answer(port, data, peer)
        raise ConnectionRefusedError

    def _at(self, address: str) -> list[Container]:
        """What runs at an address, perhaps nothing. Raises Unreachable if there is no such pod."""
        running = self._containers.get(address, [])
        if not running and not pod_exists(self._cluster.reader, address):
            raise Unreachable
        return list(running)

    @cached_property
    def _machine(self) -> Budget:
        from fakekube.sandbox.kernel import Budget

        return Budget(RATE, BURST)

    @cached_property
    def _programs(self) -> Mapping[str, Program]:
        from fakekube.sandbox import agnhost, commands
        from fakekube.sandbox.shell import program

        return {**commands.table(), **program.PROGRAMS, **agnhost.PROGRAMS}
