"""Builds a whole control plane out of Options: the one place where everything meets.

A lasting shell (certificates, schema, socket) holds a reference to a disposable world (store, caches, queues, clock).
`reset` swaps that reference for a world that begins where the first one stood when it was ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import web

from fakekube import bootstrap, pki, release
from fakekube.admission import table as admission_table
from fakekube.admission.chain import Chain
from fakekube.apis import catalog, schema
from fakekube.authn import chain as authn
from fakekube.authz import chain as authz
from fakekube.controllers import table as controller_table
from fakekube.controllers.controller import Controller
from fakekube.controllers.manager import Manager
from fakekube.endpoints import table as endpoint_table
from fakekube.endpoints.endpoint import Services
from fakekube.machinery.objects import Object, UserInfo, key_of
from fakekube.options import Options
from fakekube.registry.client import Client
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.runtime.clock import Clock
from fakekube.server.handler import handle
from fakekube.server.plane import ControlPlane
from fakekube.server.tls import Context
from fakekube.storage.cache import Cache, Snapshot
from fakekube.storage.memory import Memory

SYSTEM = UserInfo("system:apiserver", groups=("system:masters",))
"""As whom the API server itself writes."""


class World:
    """Everything that a reset throws away."""

    def __init__(self, shell: Cluster) -> None:
        options = shell.options
        self.clock = Clock()
        self.engine = Memory()
        self.cache = Cache(self.engine)
        self.admission = Chain(
            admission_table.plugins(options.enable_admission_plugins, options.disable_admission_plugins)
        )
        kinds = catalog.builtin(options.kubernetes_version)
        self.registry = Registry(kinds, self.cache, shell.codec, self.admission, self.clock)
        self.client = self.registry.client(SYSTEM, "kube-apiserver")
        self.admission.client = self.client
        authorizer = authz.build(options.authorization_mode, self.client)
        authenticator = authn.build(options, shell.identities, shell.signing_key, self.client)
        services = Services(self.registry, authenticator, authorizer)
        self.plane = ControlPlane(
            self.registry,
            services,
            endpoint_table.ENDPOINTS,
            release.version(options.kubernetes_version),
            shell.address,
        )
        self.controllers = Manager(
            controller_table.controllers(shell.authority_pem, shell.issue_token, shell.sign, kinds, authorizer),
            self.registry,
            self._controller_client,
            self.clock,
        )

    def _controller_client(self, controller: Controller) -> Client:
        name = f"system:serviceaccount:kube-system:{controller.name}"
        groups = ("system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated")
        return self.registry.client(UserInfo(name, groups=groups), controller.manager)

    async def begin(self, objects: list[tuple[Any, Object]]) -> None:
        """Fill an empty store with what every cluster has, and set the controllers going."""
        await self.cache.start()
        for resource, obj in objects:
            if self.client.get(resource, key_of(obj)) is None:
                await self.client.create(resource, obj)
        self.controllers.start()

    async def resume(self, snapshot: Snapshot) -> None:
        """Begin where the snapshot was taken."""
        self.engine.restore(snapshot)
        await self.cache.adopt(snapshot)
        self.controllers.start()

    async def close(self) -> None:
        """Stop everything that runs."""
        await self.controllers.stop()
        self.clock.close()
        await self.cache.close()


class Cluster:
    """A control plane in this process, on the running event loop."""
