"""Every plugin that is on, mutating ones first, then validating ones. Follows apiserver's admission/chain.go."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.admission.plugin import Act, Plugin
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client


class Chain:
    """Plugins in the order of v1.20. The registry calls the chain and the plugins need the registry: `begin` joins."""

    client: Client

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = tuple(plugins)

    def begin(self, plugins: Sequence[Plugin], client: Client) -> None:
        """Let these plugins decide from now on; they read and write through the client."""
        self.plugins = tuple(plugins)
        self.client = client

    async def mutate(self, attributes: Attributes) -> None:
        """Let the mutating plugins change the object, twice if a webhook asks for it. Raises StatusError."""
        await self._mutate(attributes)
        if attributes.reinvocation.wanted:
            attributes.reinvocation.running = True
            await self._mutate(attributes)

    async def _mutate(self, attributes: Attributes) -> None:
        for plugin in self.plugins:
            if plugin.mutate is not None and plugin.on.handles(attributes):
                await self._call(plugin.mutate, attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Let the validating plugins judge. Raises StatusError."""
        for plugin in self.plugins:
            if plugin.validate is not None and plugin.on.handles(attributes):
                await self._call(plugin.validate, attributes)

    async def _call(self, act: Act, attributes: Attributes) -> None:
        waiting = act(attributes, self.client)
        if waiting is not None:
            await waiting
