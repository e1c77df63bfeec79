"""netexec: a server that answers in many ways, runs commands, and asks other servers, over HTTP and UDP."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from fakekube.sandbox.agnhost import web
from fakekube.sandbox.agnhost.flags import duration, ends_on_signal, log, parse
from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.kernel import Proc
from fakekube.sandbox.network import UnknownHost, Unreachable
from fakekube.wire.http1 import ProtocolError

TRIES = 1000
FLAGS: dict[str, str | int] = {"http-port": 8080, "udp-port": 8081, "sctp-port": -1, "http-override": ""}
FLAGS |= {"tls-cert-file": "", "tls-private-key-file": ""}


async def netexec(proc: Proc) -> int:
    """Serve."""
    flags, _ = parse(proc.argv[2:], FLAGS)
    server, port, udp = Server(proc, str(flags["http-override"])), int(flags["http-port"]), int(flags["udp-port"])
    proc.kernel.datagrams[udp] = server.datagram
    ends_on_signal(proc)
    await log(proc, f"Started HTTP server on port {port}")
    await log(proc, f"Started UDP server on port  {udp}")
    return await web.serve(proc, port, server.answer, tls=bool(flags["tls-cert-file"]))


class Server(Struct, frozen=True):
    """The routes."""

    proc: Proc
    override: str = ""
    """The path that is answered whatever was asked."""

    async def answer(self, request: HttpRequest) -> HttpAnswer:
        """By the path."""
        if self.override:
            request = HttpRequest(request.port, "GET", self.override, peer=request.peer)
        handler = ROUTES.get(web.path_of(request), Server.root)
        return await handler(self, request, web.values_of(request))

    def datagram(self, data: bytes, peer: str) -> bytes:
        """hostName, echo and clientIP over UDP."""
        words = data.decode(errors="replace").strip().lower()
        if words == "hostname":
            return self.proc.kernel.hostname.encode()
        if words == "clientip":
            return peer.encode()
        return words[5:].encode() if words.startswith("echo ") else b""

    async def root(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """The time."""
        await log(self.proc, "GET /")
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.proc.kernel.clock.now()))
        return web.text(f"NOW: {now} +0000 UTC")

    async def client_ip(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """Who asks."""
        await log(self.proc, "GET /clientip")
        return web.text(request.peer)

    async def hostname(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """Who answers."""
        await log(self.proc, f"GET {web.path_of(request)}")
        return web.text(self.proc.kernel.hostname)

    async def healthz(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """Fine."""
        await log(self.proc, "GET /healthz")
        return HttpAnswer(200)

    async def echo(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """What was sent."""
        message, code = values.get("msg", ""), values.get("code", "")
        await log(self.proc, f"GET /echo?msg={message}&code={code}")
        if code and not code.isdigit():
            return web.text(f"argument 'code' must be an integer or empty, got \"{code}\"\n")
        return web.text(message, int(code or 200))

    async def redirect(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """To another place."""
        location, code = values.get("location", ""), values.get("code", "")
        await log(self.proc, f"{request.method} /redirect?msg={location}&code={code}")
        status = int(code) if code.isdigit() else 302
        body = f'<a href="{location}">Found</a>.\n\n'.encode()
        return HttpAnswer(status, (("Location", location), ("Content-Type", "text/html; charset=utf-8")), body)

    async def exit(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """End, perhaps later."""
        code, timeout, wait = (values.get(name, "") for name in ("code", "timeout", "wait"))
        await log(self.proc, f"GET /exit?code={code}&timeout={timeout}&wait={wait}")
        try:
            await self.proc.kernel.clock.sleep(duration(wait) if wait else 0)
        except ValueError:
            return web.text(f"argument 'wait' must be a valid golang duration or empty, got \"{wait}\"\n")
        return self._end(int(code) if code.isdigit() else 0)

    async def shutdown(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """End."""
        await log(self.proc, "GET /shutdown")
        return self._end(0)

    def _end(self, code: int) -> HttpAnswer:
        if not self.proc.ending.done():
            self.proc.ending.set_result(code)
        return HttpAnswer(200)

    async def shell(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """Run a command."""
        command = values.get("shellCommand") or values.get("cmd", "")
        await log(self.proc, f"GET /shell?cmd={command}")
        output, code = await web.output_of(self.proc, ["/bin/sh", "-c", command])
        shown = {"output": output} if output else {}
        return web.as_json({**shown, "error": f"exit status {code}"} if code else shown)

    async def dial(self, request: HttpRequest, values: Mapping[str, str]) -> HttpAnswer:
        """Ask another server, as often as wanted."""
        host, port, wanted = values.get("host", ""), values.get("port", ""), values.get("request", "")
        protocol, tries = values.get("protocol", "").lower() or "http", values.get("tries") or "1"
        shown = f"host={host}&protocol={protocol}&port={port}&request={wanted}&tries={tries}"
        await log(self.proc, f"GET /dial?{shown}")
        if not tries.isdigit() or not wanted or not port.isdigit() or protocol not in ("http", "udp"):
            return web.text("a parameter is missing or invalid\n", 400)
        ask = self._ask_http if protocol == "http" else self._ask_udp
        responses, errors = [], []
        for _ in range(min(int(tries), TRIES)):
            try:
                responses.append(await ask(host, int(port), wanted))
            except (UnknownHost, ConnectionError, Unreachable, ProtocolError) as error:
                errors.append(f"dial {host}:{port}: {str(error) or type(error).__name__}")
        made = {"responses": responses, "errors": errors}
        return web.as_json({name: value for name, value in made.items() if value})

    async def _ask_http(self, host: str, port: int, wanted: str) -> str:
        return await web.get(self.proc, host, port, f"/{wanted}")

    async def _ask_udp(self, host: str, port: int, wanted: str) -> str:
        network = self.proc.network
        return (await network.datagram(network.resolve(host)[0][1], port, wanted.encode())).decode()


ROUTES: Mapping[str, Callable[[Server, HttpRequest, Mapping[str, str]], Awaitable[HttpAnswer]]] = {
    "/clientip": Server.client_ip,
    "/dial": Server.dial,
    "/echo": Server.echo,
    "/exit": Server.exit,
    "/healthz": Server.healthz,
    "/hostname": Server.hostname,
    "/hostName": Server.hostname,
    "/redirect": Server.redirect,
    "/shell": Server.shell,
    "/shutdown": Server.shutdown,
}
