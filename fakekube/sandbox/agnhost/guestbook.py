"""guestbook: a store that tells its replicas, and a front end before both."""

from __future__ import annotations

import asyncio
import json

from msgspec import Struct, field

from fakekube.sandbox.agnhost import web
from fakekube.sandbox.agnhost.flags import log, parse
from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.kernel import Proc
from fakekube.sandbox.network import UnknownHost, Unreachable
from fakekube.wire.http1 import ProtocolError

PATIENCE, PAUSE = 15.0, 1.0
"""Seconds that a replica tries to register, and between two tries."""
FAILURES = (UnknownHost, ConnectionError, Unreachable, ProtocolError)


async def guestbook(proc: Proc) -> int:
    """Serve, and register with the primary if there is one."""
    flags, _ = parse(proc.argv[2:], {"http-port": 80, "backend-port": 6379, "replicaof": ""})
    book = Book(proc, int(flags["backend-port"]))
    if primary := str(flags["replicaof"]):
        registering = asyncio.ensure_future(book.register(primary))
        try:
            return await web.serve(proc, int(flags["http-port"]), book.answer)
        finally:
            registering.cancel()
    return await web.serve(proc, int(flags["http-port"]), book.answer)


class Book(Struct):
    """One server's part of it."""

    proc: Proc
    backend: int
    store: dict[str, str] = field(default_factory=dict)
    replicas: list[str] = field(default_factory=list)

    async def register(self, primary: str) -> None:
        """Become a replica; the program ends if that fails for too long."""
        end = self.proc.kernel.clock.now() + PATIENCE
        while self.proc.kernel.clock.now() < end:
            try:
                target = f"/register?host={self.proc.network.address}"
                self.store = json.loads(await web.get(self.proc, primary, self.backend, target))["data"] or {}
                await log(self.proc, f"Registered to node: {primary}")
                return
            except (*FAILURES, ValueError) as error:
                await log(self.proc, f"encountered error while registering to primary: {error}. Retrying in 1s.")
            await self.proc.kernel.clock.sleep(PAUSE)
        await log(self.proc, "Timed out while registering to primary.")
        if not self.proc.ending.done():
            self.proc.ending.set_result(1)

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """By the path."""
        values = web.values_of(request)
        key, value = values.get("key", ""), values.get("value", "")
        match web.path_of(request):
            case "/register":
                self.replicas.append(values.get("host", ""))
                return web.as_json({"data": self.store})
            case "/get":
                return web.as_json({"data": self.store.get(key, "") if key else self.store})
            case "/set":
                return await self._set(key, value)
            case "/guestbook":
                return await self._front(values.get("cmd", "").lower(), key, value)
        return web.text("404 page not found\n", 404)

    async def _set(self, key: str, value: str) -> HttpAnswer:
        if not key:
            return web.text("cannot set with empty key.\n", 400)
        self.store[key] = value
        for replica in self.replicas:
            try:
                await web.get(self.proc, replica, self.backend, f"/set?key={key}&value={value}")
            except FAILURES as error:
                return web.text(f"encountered error while propagating to replica '{replica}': {error}\n", 417)
        return web.as_json({"message": "Updated"})

    async def _front(self, command: str, key: str, value: str) -> HttpAnswer:
        if command not in ("get", "set"):
            return web.text(f"unsupported cmd: '{command}'\n", 400)
        host = "agnhost-replica" if command == "get" else "agnhost-primary"
        try:
            return web.text(await web.get(self.proc, host, self.backend, f"/{command}?key={key}&value={value}"))
        except FAILURES as error:
            return web.text(f"encountered error: {error}\n", 417)
