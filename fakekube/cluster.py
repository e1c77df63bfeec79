"""Builds a whole control plane out of Options: the one place where everything meets.

A lasting shell (certificates, schema, socket) holds a reference to a disposable world (store, caches, queues, clock).
`reset` swaps that reference for a world that begins where the first one stood when it was ready.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fakekube import bootstrap, pki, release
from fakekube.admission import table as admission_table
from fakekube.admission.chain import Chain
from fakekube.apis import catalog, schema
from fakekube.authn import chain as authn
from fakekube.authz import chain as authz
from fakekube.controllers import table as controller_table
from fakekube.controllers.manager import Manager
from fakekube.endpoints import table as endpoint_table
from fakekube.endpoints.endpoint import Services
from fakekube.machinery.objects import UserInfo, key_of
from fakekube.machinery.status import StatusError
from fakekube.options import Options
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.runtime.clock import Clock
from fakekube.server.plane import ControlPlane
from fakekube.storage.cache import Cache, Snapshot
from fakekube.storage.memory import Memory

if TYPE_CHECKING:
    from aiohttp import web

SYSTEM = UserInfo("system:apiserver", groups=("system:masters",))


class World:
    """Everything that a reset throws away."""

    def __init__(self, shell: Cluster, snapshot: Snapshot | None) -> None:
        options = shell.options
        self.clock = Clock()
        self.cache = Cache(Memory(*snapshot.rows) if snapshot else Memory(), snapshot)
        self.admission = Chain(
            admission_table.plugins(options.enable_admission_plugins, options.disable_admission_plugins)
        )
        self.registry = Registry(
            catalog.builtin(options.kubernetes_version), self.cache, shell.codec, self.admission, self.clock
        )
        self.client = self.registry.client(SYSTEM, "kube-apiserver")
        self.admission.client = self.client
        authorizer = authz.build(options.authorization_mode, self.client)
        authenticator = authn.build(options, shell.keys, self.client)
        services = Services(self.registry, authenticator, authorizer)
        self.plane = ControlPlane(
            self.registry,
            services,
            endpoint_table.ENDPOINTS,
            release.version(options.kubernetes_version),
            shell.address,
        )
        self.controllers = Manager(controller_table.controllers(shell.keys), self.registry)

    async def start(self) -> None:
        """Fill the store with what every cluster has, and set the controllers going."""
        await self.cache.start()

    async def close(self) -> None:
        """Stop everything that runs."""
        await self.controllers.stop()
        self.clock.close()
        await self.cache.close()


class Cluster:
    """A control plane in this process, on the running event loop."""

    def __init__(self, options: Options) -> None:
        self.options = options
