"""exec and attach, over SPDY or WebSocket. Follows the kubelet's server.go and cri/streaming/remotecommand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from fakekube.endpoints.connection import Call, Refusal, Reply, Upgrade
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate, websocketstreams
from fakekube.endpoints.podstreams.spdystreams import SpdyConnection, SpdyStream
from fakekube.endpoints.podstreams.upgrades import handshake
from fakekube.endpoints.podstreams.websocketstreams import WebSocketConnection
from fakekube.machinery import status, times
from fakekube.machinery.objects import Object, key_of
from fakekube.node.nodes import Nodes
from fakekube.registry.scope import Scope
from fakekube.sandbox.containers import Process, StartError
from fakekube.sandbox.streams import Duplex, Sink, Source, Stdio
from fakekube.wire.channels import REMOTE_COMMAND
from fakekube.wire.terminal import Size, SizeReader

PROTOCOLS = ("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")
"""Over SPDY, the newest first; v3 has resizing, v4 structured errors."""
RESIZING = PROTOCOLS[:2]
STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
"""WebSocket channels."""
GRACE = 10.0
"""Seconds that a container which has ended can still be attached to."""
CREATION_TIMEOUT = 30.0
"""Seconds that a client has to open its streams."""


class Options(Struct, frozen=True):
    """Which streams the client wants."""

    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool

    @property
    def wanted(self) -> list[str]:
        """Stream types that an SPDY client opens, "resize" aside."""
        asked = (("stdin", self.stdin), ("stdout", self.stdout), ("stderr", self.stderr))
        return ["error", *(name for name, wants in asked if wants)]


Run = Callable[[Stdio], Awaitable[Object | None]]
"""Gives the Status of a failure, None for success. Raises StartError."""


async def exec_(scope: Scope, call: Call, services: Services) -> Reply:
    """Run a command in a container. Raises BadRequest (400), NotFound (404), 500 where no kubelet is."""
    pod, container, nodes = _target(scope, call, services)
    options = _options(call)
    if isinstance(options, Refusal):
        return options
    process = locate.running(nodes, pod, container)
    if process is None:
        return Refusal(500, f'container not found ("{container}")'.encode())
    return _connect(call, options, partial(_exec, process, tuple(call.query.get("command", ()))))


async def attach(scope: Scope, call: Call, services: Services) -> Reply:
    """Connect to what runs in a container. Raises as `exec_`."""
    pod, container, nodes = _target(scope, call, services)
    options = _options(call)
    if isinstance(options, Refusal):
        return options
    process = nodes.container(key_of(pod), container)
    if process is None or (
        process.exit_code is not None and not _just_ended(pod, container, services.registry.clock.now())
    ):
        where = f"{pod['metadata']['name']}_{pod['metadata']['namespace']}"
        return Refusal(500, f"container {container} not found in pod {where}".encode())
    return _connect(call, options, partial(_attach, process))


def _just_ended(pod: Object, container: str, now: float) -> bool:
    """Whether a client may have been told a moment ago that the container runs: simulated ones are quick to end."""
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    state: Object = next((one.get("state") or {} for one in statuses if one["name"] == container), {})
    finished: str = (state.get("terminated") or {}).get("finishedAt") or ""
    return "running" in state or (finished != "" and now - times.parse_time(finished) < GRACE)


def _target(scope: Scope, call: Call, services: Services) -> tuple[Object, str, Nodes]:
    pod = locate.pod_of(scope, services)
    container = locate.container_of(pod, (call.query.get("container") or [""])[0])
    host = locate.assigned_host(pod, services)
    if not call.wants_upgrade:
        raise status.bad_request("Upgrade request required")
    return pod, container, locate.nodes(host, services, "error dialing backend: ")


def _options(call: Call) -> Options | Refusal:
    tty = call.flag("tty")
    options = Options(call.flag("stdin"), call.flag("stdout"), call.flag("stderr") and not tty, tty)
    if not (options.stdin or options.stdout or options.stderr):
        return Refusal(400, b"you must specify at least 1 of stdin, stdout, stderr")
    return options


def _connect(call: Call, options: Options, run: Run) -> Upgrade | Refusal:
    if call.wants_websocket:
        serve = partial(_over_websocket, options=options, run=run)
        readable = {RESIZE, STDIN} if options.stdin else {RESIZE}
        return websocketstreams.upgrade(call, REMOTE_COMMAND, 5, readable, serve)
    found = handshake(call, PROTOCOLS)
    if isinstance(found, Refusal):
        # the real server writes the refusal of its handshake twice
        return replace(found, body=found.body * 2) if found.status == 403 else found
    protocol, headers = found

    async def serve_spdy(duplex: Duplex) -> None:
        await SpdyConnection(duplex).run(partial(_over_spdy, options=options, protocol=protocol, run=run))

    return Upgrade(headers, serve_spdy)


async def _over_spdy(connection: SpdyConnection, options: Options, protocol: str, run: Run) -> None:
    wanted = options.wanted + (["resize"] if options.tty and protocol in RESIZING else [])
    try:
        streams = await asyncio.wait_for(_streams(connection, wanted), CREATION_TIMEOUT)
    except TimeoutError:
        return
    if streams is None:
        return
    stdio = Stdio(
        streams.get("stdin"),
        streams.get("stdout"),
        streams.get("stderr"),
        options.tty,
        sizes(streams["resize"]) if "resize" in streams else None,
    )
    failure = await _outcome(run, stdio)
    for name in ("stdout", "stderr"):
        if name in streams:
            streams[name].end()
    await report(streams["error"], failure, structured=protocol == PROTOCOLS[0])
    streams["error"].end()
    await connection.flush()


async def _streams(connection: SpdyConnection, wanted: list[str]) -> dict[str, SpdyStream] | None:
    """The client's streams by type; None if the client goes away before it has opened them."""
    streams: dict[str, SpdyStream] = {}
    await connection.flush()
    while not all(name in streams for name in wanted):
        stream = await connection.accept()
        if stream is None:
            return None
        await connection.flush()
        streams[stream.headers.get("streamtype", "")] = stream
    return streams


async def _over_websocket(connection: WebSocketConnection, options: Options, run: Run) -> None:
    channels = connection.channels
    first = STDOUT if options.stdout else STDERR if options.stderr else ERROR
    await channels[first].write(b"")  # tells the client that the connection stands
    stdio = Stdio(
        channels[STDIN] if options.stdin else None,
        channels[STDOUT] if options.stdout else None,
        channels[STDERR] if options.stderr else None,
        options.tty,
        sizes(channels[RESIZE]),
    )
    failure = await _outcome(run, stdio)
    await report(channels[ERROR], failure, structured=connection.protocol.structured_errors)


async def sizes(source: Source) -> AsyncIterator[Size]:
    """The sizes that a client sends."""
    reader = SizeReader()
    while data := await source.read():
        for size in reader.receive(data):
            yield size


async def _outcome(run: Run, stdio: Stdio) -> Object | None:
    try:
        return await run(stdio)
    except BrokenPipeError:
        return None


async def _exec(process: Process, command: tuple[str, ...], stdio: Stdio) -> Object | None:
    try:
        code = await process.exec(command, stdio)
    except StartError as error:
        why = status.internal_error(f"error executing command in container: {error}")
        return why.status
    return exit_status(command, code) if code else None


def exit_status(command: tuple[str, ...], code: int) -> Object:
    """The Status of a command that failed; containerd names the command as Go prints a list."""
    text = f"error executing command [{' '.join(command)}], exit code {code}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {text}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


async def _attach(process: Process, stdio: Stdio) -> Object | None:
    await process.attach(stdio)
    return None


async def report(error: Sink, failure: Object | None, structured: bool) -> None:
    """Write how it ended on the error stream: as a Status, or for old clients the text of a failure only."""
    if structured:
        shown = {key: value for key, value in (failure or {}).items() if key not in ("kind", "apiVersion")}
        outcome = shown or {"metadata": {}, "status": "Success"}
        await _try(error, json.dumps(outcome, separators=(",", ":")).encode())
    elif failure is not None:
        await _try(error, str(failure["message"]).encode())


async def _try(sink: Sink, data: bytes) -> None:
    try:
        await sink.write(data)
    except BrokenPipeError:
        return
