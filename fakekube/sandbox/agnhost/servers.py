"""The small servers: liveness, porter, serve-hostname, test-webserver, and nettest's counterpart for preStop hooks."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fakekube.machinery.jsontext import dumps_sorted
from fakekube.sandbox.agnhost import web
from fakekube.sandbox.agnhost.flags import ends_on_signal, log, parse
from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.files import Directory
from fakekube.sandbox.kernel import Proc, Program
from fakekube.sandbox.serving import Answer, http
from fakekube.sandbox.streams import Duplex

HEALTHY = 10.0
"""Seconds that `liveness` is."""
LINGERS = 60.0
"""Seconds that `serve-hostname` waits after the signal to end."""
PORTS = {"SERVE_PORT_": False, "SERVE_TLS_PORT_": True}
"""Variables that name a port and what is served there; whether with TLS."""


async def liveness(proc: Proc) -> int:
    """Alive for ten seconds."""
    started = proc.kernel.clock.now()

    async def answer(request: HttpRequest) -> HttpAnswer:
        passed = proc.kernel.clock.now() - started
        path = web.path_of(request)
        if path == "/started":
            return web.text(f"{passed}s")
        if path == "/redirect":
            return HttpAnswer(302, (("Location", web.values_of(request).get("loc", "")),))
        if path != "/healthz":
            return web.text("404 page not found\n", 404)
        return web.text("ok") if passed <= HEALTHY else web.text(f"error: {passed}", 500)

    return await web.serve(proc, 8080, answer)


async def porter(proc: Proc) -> int:
    """Each port that the environment names, with what it is to say."""
    flags, _ = parse(proc.argv[2:], {"json-response": False})
    for name, value in proc.env.items():
        for prefix, tls in PORTS.items():
            port = name.removeprefix(prefix)
            if name.startswith(prefix) and port.isdigit():
                proc.listen(int(port), http(int(port), _saying(value, bool(flags["json-response"]))), tls=tls)
    ends_on_signal(proc)
    return await proc.ending


def _saying(value: str, as_json: bool) -> Answer:
    async def answer(request: HttpRequest) -> HttpAnswer:
        if not as_json:
            return web.text(value)
        body = json.dumps({"Method": request.method, "Body": value}, separators=(",", ":"))
        return HttpAnswer(200, (("Content-Type", "application/json"),), body.encode())

    return answer


async def serve_hostname(proc: Proc) -> int:
    """The host's name, over HTTP, or TCP and UDP as they are."""
    flags, _ = parse(proc.argv[2:], {"tcp": False, "udp": False, "http": True, "close": False, "port": 9376})
    port, name = int(flags["port"]), proc.kernel.hostname
    closing = (("Connection", "close"),) if flags["close"] else ()

    async def answer(request: HttpRequest) -> HttpAnswer:
        await log(proc, f"HTTP request from {request.peer}")
        return HttpAnswer(200, (("Content-Type", "text/plain; charset=utf-8"), *closing), name.encode())

    async def raw(connection: Duplex, peer: str) -> None:
        await log(proc, f"TCP request from {peer}")
        await connection.write(name.encode())
        connection.end()

    if flags["http"] or flags["tcp"]:
        proc.listen(port, http(port, answer) if flags["http"] else raw)
    if flags["udp"]:
        proc.kernel.datagrams[port] = lambda data, peer: name.encode()
    await log(proc, f"Serving on port {port}.\n")
    ends_on_signal(proc)
    await proc.ending
    await log(proc, "Shutting down after receiving signal: terminated.\n")
    await log(proc, "Awaiting pod deletion.\n")
    await proc.kernel.clock.sleep(LINGERS)
    return 0


ALLOWED = (
    ("Cache-Control", "private"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type",
    ),
)


async def test_webserver(proc: Proc) -> int:
    """The container's files."""
    flags, _ = parse(proc.argv[2:], {"port": 80})

    async def answer(request: HttpRequest) -> HttpAnswer:
        path = web.path_of(request)
        try:
            if isinstance(proc.fs.lookup(path), Directory):
                rows = "".join(f'<a href="{name}">{name}</a>\n' for name in sorted(proc.fs.listing(path)))
                return HttpAnswer(200, (*ALLOWED, ("Content-Type", "text/html")), f"<pre>\n{rows}</pre>\n".encode())
            return HttpAnswer(200, (*ALLOWED, ("Content-Type", "text/plain; charset=utf-8")), proc.read_file(path))
        except OSError:
            return web.text("404 page not found\n", 404)

    return await web.serve(proc, int(flags["port"]), answer)


async def nettest(proc: Proc) -> int:
    """Take notice of who writes, and tell."""
    flags, _ = parse(
        proc.argv[2:], {"port": 8080, "peers": 8, "service": "nettest", "namespace": "default", "delay-shutdown": 0}
    )
    received: dict[str, int] = {}

    async def answer(request: HttpRequest) -> HttpAnswer:
        path = web.path_of(request)
        if path == "/write":
            try:
                source = str(json.loads(request.body)["Source"])
                received[source] = received.get(source, 0) + 1
            except (ValueError, LookupError, TypeError):
                await log(proc, "Got request with no source")
            return web.as_json({"Hostname": proc.kernel.hostname})
        if path == "/read":
            state = {"Hostname": proc.kernel.hostname, "Sent": None, "Received": received or None, "Errors": None}
            return web.text(dumps_sorted({**state, "Log": None, "StillContactingPeers": True}))
        return web.text("running")

    return await web.serve(proc, int(flags["port"]), answer)


COMMANDS: Mapping[str, Program] = {
    "liveness": liveness,
    "porter": porter,
    "serve-hostname": serve_hostname,
    "test-webserver": test_webserver,
    "nettest": nettest,
}
