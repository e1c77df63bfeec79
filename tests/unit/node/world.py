"""A small world for nodes: stores in memory and a clock that tests move; no HTTP, no controllers, no scheduler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from imagesamples import some_images

from fakekube.admission.chain import Chain
from fakekube.apis import catalog, schema
from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.node.nodes import Nodes
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.runtime.clock import Clock
from fakekube.sandbox.images import Images
from fakekube.sandbox.runtime import SandboxRuntime
from fakekube.storage.cache import Cache
from fakekube.storage.memory import Memory


@cache
def codec() -> Codec:
    return Codec(schema.load("1.20"))


class StillClock(Clock):
    """Stands still unless it is moved."""

    def now(self) -> float:
        return 1_600_000_000.0 + self._offset


class World:
    """`async with World(nodes=1) as world`."""

    def __init__(self, nodes: int = 1, images: Images | None = None) -> None:
        self.clock = StillClock()
        self.cache = Cache(Memory())
        chain = Chain([])
        self.registry = Registry(catalog.builtin("1.20"), self.cache, codec(), chain, self.clock)
        self.api = self.registry.client(UserInfo("admin"), "test")
        chain.client = self.api
        self.runtime = SandboxRuntime(self.clock, self.api, lambda: ("127.0.0.1", 6443))
        self.images = images or some_images()
        self.nodes = self.some(nodes)

    def some(self, count: int) -> Nodes:
        """So many nodes, not started."""
        return Nodes(count, self.registry, self.client, self.api, self.clock, self.runtime, self.images, "v1.20.2")

    def client(self, user: UserInfo) -> Any:
        return self.registry.client(user, "kubelet")

    async def __aenter__(self) -> World:
        await self.cache.start()
        await self.api.create(NAMESPACES, {"metadata": {"name": "default"}})
        await self.nodes.start()
        await self.nodes.idle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.nodes.stop()
        await self.runtime.close()
        self.clock.close()

    async def pod(self, name: str = "p", **spec: Any) -> Object:
        """A pod on the first node."""
        spec.setdefault("containers", [{"name": "c", "image": "nginx"}])
        metadata = {"name": name, "namespace": "default", **spec.pop("metadata", {})}
        return await self.api.create(PODS, {"metadata": metadata, "spec": {"nodeName": "fakekube-node-1", **spec}})

    async def move(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass, in steps, and let the nodes do what falls due."""
        await self.turns()
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            await self.turns()

    async def turns(self) -> None:
        """Let everything that can go on go on; not `idle`, since a retry waits for a clock that stands still."""
        for _ in range(400):
            await asyncio.sleep(0)

    def status(self, name: str = "p") -> Object:
        pod = self.api.get(PODS, Key("default", name))
        assert pod is not None
        return pod["status"]

    def container(self, name: str = "p", index: int = 0) -> Object:
        return self.status(name)["containerStatuses"][index]

    def events(self, name: str = "p") -> list[tuple[str, str]]:
        """(reason, message) of the events about an object, in order."""
        found = [one for one in self.api.list(EVENTS) if one["involvedObject"]["name"] == name]
        found.sort(key=lambda one: int(one["metadata"]["resourceVersion"]))
        return [(one["reason"], one["message"]) for one in found]

    def exists(self, name: str = "p") -> bool:
        return self.api.get(PODS, Key("default", name)) is not None


Check = Callable[[World], Any]
