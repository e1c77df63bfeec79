"""exec, attach and port forwarding, from the client's bytes to the process and back."""

import asyncio
import json

import pytest

from fakekube.endpoints.connection import Call, Refusal, Upgrade
from fakekube.endpoints.podstreams import portforward, remotecommand
from fakekube.endpoints.podstreams.remotecommand import Options
from fakekube.machinery.status import StatusError
from fakekube.sandbox.containers import StartError
from fakekube.sandbox.streams import connected, copy
from fakekube.wire import websocket
from fakekube.wire.channels import Channels
from fakekube.wire.spdy.session import Arrived, Finished, Session, WasReset


class Process:
    """Runs a few commands and listens on port 80."""

    exit_code = None

    async def exec(self, argv, stdio):
        if argv[0] == "nosuch":
            raise StartError("no such command")
        if argv[0] == "cat":
            await copy(stdio.stdin, stdio.stdout)
        elif argv[0] == "size":
            async for size in stdio.sizes:
                await stdio.stdout.write(f"{size.width}x{size.height}".encode())
                break
        else:
            await stdio.stdout.write(" ".join(argv).encode())
        return 7 if argv[0] == "fail" else 0

    def listens(self, port):
        return port == 80

    def connect(self, port):
        client, server = connected()
        self.task = asyncio.ensure_future(self._echo(server))
        return client

    async def _echo(self, server):
        await copy(server, server)
        server.end()


class Nodes:
    def __init__(self):
        self.one = Process()

    def container(self, pod, name):
        return self.one


POD = {"metadata": {"name": "p", "namespace": "n", "uid": "u-1"}, "spec": {"containers": [{"name": "c"}]}}


def call(headers, method="POST", **query):
    async def body(limit):
        return b""

    return Call(method, "/x", "", {name: [value] for name, value in query.items()}, "", headers, body)


SPDY = [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1")]
SOCKET = [
    *(("Connection", "Upgrade"), ("Upgrade", "websocket")),
    *(("Sec-WebSocket-Key", "a2V5"), ("Sec-WebSocket-Version", "13")),
]


async def spdy(upgrade, streams, feed):
    """What each stream sent, by number, after `feed` was sent on some of them."""
    client, server = connected()
    task = asyncio.ensure_future(upgrade.serve(server))
    session, got = Session(server=False), {}
    numbers = {session.open(headers): headers for headers in streams}
    for number, data in feed.items():
        session.send(number, data, fin=True)
    await client.write(session.pending())
    while data := await client.read():
        for event in session.receive(data):
            if isinstance(event, Arrived):
                got[event.stream] = got.get(event.stream, b"") + event.data
            elif isinstance(event, Finished | WasReset):
                numbers.pop(event.stream, None)
        if not numbers:
            break
    client.close()
    await task
    return got


IN_AND_OUT = Options(stdin=True, stdout=True, stderr=False, tty=False)


def run_exec(*command, protocol="v4.channel.k8s.io", options=IN_AND_OUT):
    async def run(stdio):
        return await remotecommand._exec(Process(), command, stdio)

    return remotecommand._connect(call([*SPDY, ("X-Stream-Protocol-Version", protocol)]), options, run)


STREAMS = [{"streamtype": "error"}, {"streamtype": "stdin"}, {"streamtype": "stdout"}]
SUCCESS = {"metadata": {}, "status": "Success"}


@pytest.mark.parametrize(
    ("command", "feed", "output", "outcome"),
    [
        (("echo", "hi"), b"", b"echo hi", SUCCESS),
        (("cat",), b"some input", b"some input", SUCCESS),
        (
            ("fail", "x"),
            b"",
            b"fail x",
            {
                "metadata": {},
                "status": "Failure",
                "message": "command terminated with non-zero exit code: error executing command [fail x], exit code 7",
                "reason": "NonZeroExitCode",
                "details": {"causes": [{"reason": "ExitCode", "message": "7"}]},
            },
        ),
        (
            ("nosuch",),
            b"",
            None,
            {
                "metadata": {},
                "status": "Failure",
                "message": "Internal error occurred: error executing command in container: no such command",
                "reason": "InternalError",
                "details": {"causes": [{"message": "error executing command in container: no such command"}]},
                "code": 500,
            },
        ),
    ],
)
async def test_exec_over_spdy(command, feed, output, outcome):
    got = await spdy(run_exec(*command), STREAMS, {3: feed})
    assert got.get(5) == output
    assert json.loads(got[1]) == outcome


@pytest.mark.parametrize(
    ("command", "error"), [("echo", None), ("fail", b"command terminated with non-zero exit code: ")]
)
async def test_old_protocols_report_failures_as_text(command, error):
    got = await spdy(run_exec(command, protocol="v2.channel.k8s.io"), STREAMS, {3: b""})
    assert got.get(1, b"")[: len(error or b"")] == (error or b"")


async def test_resizing():
    streams = [{"streamtype": "error"}, {"streamtype": "stdout"}, {"streamtype": "resize"}]
    upgrade = run_exec("size", options=Options(False, True, False, True))
    got = await spdy(upgrade, streams, {5: b'{"Width":80,"Height":24}'})
    assert got[3] == b"80x24"


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        (SPDY, 400, "unable to upgrade: X-Stream-Protocol-Version is required\n"),
        (
            [*SPDY, ("X-Stream-Protocol-Version", "v9")],
            403,
            "unable to upgrade: unable to negotiate protocol: client supports [v9], "
            "server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]\n" * 2,
        ),
        (
            [("Connection", "Upgrade"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")],
            400,
            "unable to upgrade: missing upgrade headers in request: "
            'http.Header{"Connection":[]string{"Upgrade"}, '
            '"X-Stream-Protocol-Version":[]string{"v4.channel.k8s.io"}}\n',
        ),
        ([*SOCKET[:3]], 405, "bad method"),
    ],
)
def test_refusals(headers, status, text):
    refusal = remotecommand._connect(call(headers), Options(True, True, True, False), None)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.body.decode().replace(text, text)) == (status, text)


def test_a_protocol_of_later_releases_is_an_empty_403():
    headers = [*SOCKET, ("Sec-WebSocket-Protocol", "v5.channel.k8s.io")]
    assert remotecommand._connect(call(headers, "GET"), Options(True, True, True, False), None) == Refusal(403)


async def messages(upgrade, sent, count):
    """The first messages of a WebSocket server."""
    client, server = connected()
    task = asyncio.ensure_future(upgrade.serve(server))
    for payload in sent:
        await client.write(websocket.frame(2, payload, b"mask"))
    decoder, got = websocket.Decoder(server=False), []
    while len(got) < count and (data := await client.read()):
        got += decoder.receive(data)
    client.close()
    await task
    return [message.payload for message in got]


async def test_exec_over_websocket():
    async def run(stdio):
        await stdio.stdout.write(await stdio.stdin.read())

    headers = [*SOCKET, ("Sec-WebSocket-Protocol", "v5.channel.k8s.io, v4.channel.k8s.io")]
    upgrade = remotecommand._connect(call(headers, "GET"), Options(True, True, False, False), run)
    assert isinstance(upgrade, Upgrade)
    assert ("Sec-WebSocket-Protocol", "v4.channel.k8s.io") in upgrade.headers
    got = await messages(upgrade, [b"\x00hello", b"\x09ignored"], 3)
    assert got == [b"\x01", b"\x01hello", b'\x03{"metadata":{},"status":"Success"}']


@pytest.mark.parametrize(
    ("protocol", "got"),
    [("", [b"", b"one\n", b"two\n"]), ("binary.k8s.io", [b"", b"one\n"]), ("base64.binary.k8s.io", [b"", b"b25lCg=="])],
)
async def test_a_log_over_websocket(protocol, got):
    async def pieces():
        for line in (b"one\n", b"two\n"):
            yield line

    headers = [*SOCKET, *([("Sec-WebSocket-Protocol", protocol)] if protocol else [])]
    upgrade = remotecommand.websocketstreams.reading(call(headers, "GET"), pieces())
    assert await messages(upgrade, [], len(got)) == got


TARGET = portforward.Target(Nodes(), POD)


async def test_port_forward_over_spdy():
    headers = [*SPDY, ("X-Stream-Protocol-Version", "portforward.k8s.io")]
    upgrade = portforward._spdy(call(headers), TARGET)
    streams = [{"streamtype": kind, "port": "80", "requestid": "0"} for kind in ("error", "data")]
    assert await spdy(upgrade, streams, {1: b"", 3: b"ping"}) == {3: b"ping"}


async def test_port_forward_to_a_closed_port():
    headers = [*SPDY, ("X-Stream-Protocol-Version", "portforward.k8s.io")]
    streams = [{"streamtype": kind, "port": "81"} for kind in ("error", "data")]
    got = await spdy(portforward._spdy(call(headers), TARGET), streams, {1: b"", 3: b"x"})
    assert got[1].endswith(b"failed to dial 81: dial tcp4 127.0.0.1:81: connect: connection refused")


@pytest.mark.parametrize("port", ["0", "x", "70000", ""])
async def test_streams_without_a_port_are_reset(port):
    headers = [*SPDY, ("X-Stream-Protocol-Version", "portforward.k8s.io")]
    upgrade = portforward._spdy(call(headers), TARGET)
    assert await spdy(upgrade, [{"streamtype": "data", "port": port}], {}) == {}


async def test_port_forward_over_websocket():
    upgrade = portforward.websocketstreams.upgrade(
        call([*SOCKET, ("Sec-WebSocket-Protocol", "v4.channel.k8s.io")], "GET"),
        portforward.PORT_FORWARD,
        2,
        {0},
        lambda connection: portforward._over_websocket(connection, [80], TARGET),
    )
    assert await messages(upgrade, [b"\x00ping"], 3) == [b"\x00\x50\x00", b"\x01\x50\x00", b"\x00ping"]


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ("x", 'cannot convert to []int32: strconv.ParseUint: parsing "x": invalid syntax'),
        ("70000", 'cannot convert to []int32: strconv.ParseUint: parsing "70000": value out of range'),
    ],
)
def test_bad_ports(ports, message):
    with pytest.raises(StatusError, match="cannot convert") as raised:
        portforward.ports_of([ports])
    assert raised.value.message == message


def test_channels_of_no_name_are_binary():
    assert Channels("").encode(1, b"x")[1] == b"\x01x"
