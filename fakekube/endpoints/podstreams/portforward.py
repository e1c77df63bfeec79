"""portforward, over SPDY or WebSocket. Follows the kubelet's cri/streaming/portforward."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from msgspec import Struct, field

from fakekube.endpoints.connection import Call, Refusal, Reply, Upgrade
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate, websocketstreams
from fakekube.endpoints.podstreams.ports import ports_of
from fakekube.endpoints.podstreams.spdystreams import SpdyConnection, SpdyStream
from fakekube.endpoints.podstreams.upgrades import handshake
from fakekube.endpoints.podstreams.websocketstreams import WebSocketConnection
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.node.nodes import Nodes
from fakekube.registry.scope import Scope
from fakekube.sandbox.streams import Duplex, Sink, copy
from fakekube.wire.channels import PORT_FORWARD
from fakekube.wire.spdy.frames import Headers

PROTOCOLS = ("portforward.k8s.io",)
PORT, TYPE, REQUEST = "port", "streamtype", "requestid"
"""Headers of a stream."""
GRACE = 1.0
"""Seconds that one direction goes on after the other has ended, as containerd has it."""
CREATION_TIMEOUT = 30.0
"""Seconds that the second stream of a pair may come after the first."""


async def forward(scope: Scope, call: Call, services: Services) -> Reply:
    """Connect to ports of a pod. Raises BadRequest (400), NotFound (404), InternalError (500)."""
    ports = ports_of(call.query.get("ports", ()))
    pod = locate.pod_of(scope, services)
    host = locate.assigned_host(pod, services)
    if not call.wants_upgrade:
        raise status.bad_request("Upgrade request required")
    nodes = locate.nodes(host, services, "error dialing backend: ")
    if call.wants_websocket and not ports:
        return Refusal(400, b'query parameter "port" is required')
    if call.wants_websocket and 0 in ports:
        return Refusal(400, f'port "{",".join(map(str, ports))}" must be > 0'.encode())
    if not any(locate.running(nodes, pod, container["name"]) for container in pod["spec"]["containers"]):
        where = f"{pod['metadata']['name']}_{pod['metadata']['namespace']}"
        return Refusal(500, f'pod not found ("{where}")'.encode())
    target = Target(nodes, pod)
    if call.wants_websocket:
        readable = range(0, 2 * len(ports), 2)
        serve = partial(_over_websocket, ports=ports, target=target)
        return websocketstreams.upgrade(call, PORT_FORWARD, 2 * len(ports), readable, serve)
    return _spdy(call, target)


class Target(Struct, frozen=True):
    """The pod whose ports are meant."""

    nodes: Nodes
    pod: Object

    async def splice(self, port: int, data: Duplex, error: Sink) -> None:
        """Connect a client's stream with a port, until both sides have ended."""
        try:
            inner = self._dial(port)
        except ConnectionRefusedError:
            text = self._refused(port)
            with suppress(BrokenPipeError):
                await error.write(text.encode())
            return
        ways = [asyncio.ensure_future(_one_way(data, inner)), asyncio.ensure_future(_one_way(inner, data))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(ways, timeout=GRACE)
        finally:
            for way in ways:
                way.cancel()
            inner.close()

    def _dial(self, port: int) -> Duplex:
        process = locate.listening(self.nodes, self.pod, port)
        if process is not None:
            return process.connect(port)
        raise ConnectionRefusedError

    def _refused(self, port: int) -> str:
        """containerd's words; the sandbox and its network namespace are named by the pod's UID."""
        uid: str = self.pod["metadata"]["uid"]
        why = (
            f'failed to execute portforward in network namespace "/var/run/netns/cni-{uid}": '
            f"failed to dial {port}: dial tcp4 127.0.0.1:{port}: connect: connection refused"
        )
        return f"error forwarding port {port} to pod {uid.replace('-', '') * 2}, uid : {why}"


async def _one_way(source: Duplex, sink: Duplex) -> None:
    with suppress(ConnectionError):
        await copy(source, sink)
    sink.end()


def _spdy(call: Call, target: Target) -> Upgrade | Refusal:
    found = handshake(call, PROTOCOLS)
    if isinstance(found, Refusal):
        return found

    async def serve(duplex: Duplex) -> None:
        await SpdyConnection(duplex, _valid).run(partial(_over_spdy, target=target))

    return Upgrade(found[1], serve)


def _valid(headers: Headers) -> bool:
    port = headers.get(PORT, "")
    return port.isascii() and port.isdigit() and 0 < int(port) < 65536 and headers.get(TYPE) in ("error", "data")


class Pair(Struct):
    """The two streams of one forwarded connection."""

    streams: dict[str, SpdyStream] = field(default_factory=dict)


async def _over_spdy(connection: SpdyConnection, target: Target) -> None:
    pairs: dict[str, Pair] = {}
    async with asyncio.TaskGroup() as group:
        while (stream := await connection.accept()) is not None:
            await connection.flush()
            name, type_ = request_id(stream), stream.headers[TYPE]
            pair = pairs.setdefault(name, Pair())
            if type_ in pair.streams:
                text = f"error processing stream for request {name}: {type_} stream already assigned"
                await _tell(pair, text)
                continue
            pair.streams[type_] = stream
            if len(pair.streams) == 2:
                del pairs[name]
                group.create_task(_forward(connection, pair, target))
            else:
                group.create_task(_expire(pairs, name, pair))


def request_id(stream: SpdyStream) -> str:
    """What pairs two streams; clients older than the header open the error stream right before the data stream."""
    given = stream.headers.get(REQUEST, "")
    return given or str(stream.number - 2 * (stream.headers[TYPE] == "data"))


async def _expire(pairs: dict[str, Pair], name: str, pair: Pair) -> None:
    await asyncio.sleep(CREATION_TIMEOUT)
    if pairs.get(name) is pair:
        del pairs[name]
        await _tell(pair, f"(conn=0x0, request={name}) timed out waiting for streams")


async def _tell(pair: Pair, text: str) -> None:
    if "error" in pair.streams:
        with suppress(BrokenPipeError):
            await pair.streams["error"].write(text.encode())


async def _forward(connection: SpdyConnection, pair: Pair, target: Target) -> None:
    data, error = pair.streams["data"], pair.streams["error"]
    await target.splice(int(data.headers[PORT]), data, error)
    data.close()
    error.close()
    with suppress(ConnectionError):
        await connection.flush()


async def _over_websocket(connection: WebSocketConnection, ports: list[int], target: Target) -> None:
    """Two channels for each port; each begins with the port's number."""
    channels = connection.channels
    for index, port in enumerate(ports):
        for channel in channels[2 * index : 2 * index + 2]:
            await channel.write(port.to_bytes(2, "little"))
    pairs = zip(ports, channels[::2], channels[1::2], strict=True)
    await asyncio.gather(*(target.splice(port, data, error) for port, data, error in pairs))
