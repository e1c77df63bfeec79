"""Programs of the network: nslookup, wget, nc, ping."""

from __future__ import annotations

import asyncio
import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from fakekube.sandbox.commands.options import Usage, split
from fakekube.sandbox.executing import start
from fakekube.sandbox.kernel import Handle, Proc, Program, decode, encode
from fakekube.sandbox.network import TlsProblem, UnknownHost, Unreachable
from fakekube.sandbox.serving import read_answer
from fakekube.sandbox.streams import Duplex, copy
from fakekube.wire import http1

WGET_LONG = {"header": "H", "post-data": "D", "output-document": "O", "timeout": "T", "quiet": "q", "spider": "s"}
WGET_LONG |= {
    "no-check-certificate": "N",
    "tries": "t",
    "user-agent": "U",
    "server-response": "S",
    "ca-certificate": "A",
}


async def nslookup(proc: Proc) -> int:
    """Ask the cluster's DNS."""
    words = [word for word in proc.argv[1:] if not word.startswith("-")]
    if not words:
        return await proc.fail("usage: nslookup HOST [DNS_SERVER]")
    try:
        network = proc.network
        server = words[1] if len(words) > 1 else network.name_server
        await proc.out(f"Server:    {server}\nAddress 1: {server} kube-dns.kube-system.svc.cluster.local\n\n")
        found = network.resolve(words[0])
    except UnknownHost:
        return await proc.fail(f"can't resolve '{words[0]}'")
    await proc.out(f"Name:      {words[0]}\n")
    for number, (name, address) in enumerate(found, 1):
        await proc.out(f"Address {number}: {address} {name}\n")
    return 0


KINDS = ("A", "AAAA", "CNAME", "PTR", "SRV")


async def dig(proc: Proc) -> int:
    """The records of a name; values alone with +short."""
    name, kind, words = "", "A", proc.argv[1:]
    for word in words:
        if word.upper() in KINDS:
            kind = word.upper()
        elif not word.startswith(("+", "@", "-")):
            name = word
    if not name:
        return 0
    for record in proc.network.query(name, kind, search="+search" in words):
        value = record.value if record.kind == "A" else f"{record.value}."
        await proc.out(f"{value}\n" if "+short" in words else f"{record.name}.\t\t5\tIN\t{record.kind}\t{value}\n")
    return 0


async def host(proc: Proc) -> int:
    """The addresses of a name."""
    name = next((word for word in proc.argv[1:] if not word.startswith("-")), "")
    try:
        found = proc.network.resolve(name)
    except UnknownHost:
        await proc.out(f"Host {name} not found: 3(NXDOMAIN)\n")
        return 1
    await proc.out("".join(f"{whole} has address {address}\n" for whole, address in found))
    return 0


async def getent(proc: Proc) -> int:
    """Addresses of hosts, or lines of a file."""
    if len(proc.argv) < 2:
        return 1
    if proc.argv[1] in ("hosts", "ahosts"):
        return await _hosts(proc, proc.argv[2] if len(proc.argv) > 2 else "")
    try:
        rows = proc.read_file(f"/etc/{posixpath.basename(proc.argv[1])}").decode(errors="replace").splitlines()
    except OSError:
        return 1
    wanted = proc.argv[2:]
    shown = [row for row in rows if not wanted or any(name in row.split(":")[:3] for name in wanted)]
    await proc.out("".join(f"{row}\n" for row in shown))
    return 0 if shown else 2


async def _hosts(proc: Proc, name: str) -> int:
    """The hosts file knows first, then the cluster's DNS."""
    rows = [row.partition("#")[0].split() for row in decode(proc.read_file("/etc/hosts")).splitlines()]
    if known := next((row for row in rows if name in row[1:]), None):
        await proc.out(f"{known[0]:<16}{'  '.join(known[1:])}\n")
        return 0
    try:
        for whole, address in proc.network.resolve(name):
            await proc.out(f"{address:<16}{whole}\n")
    except UnknownHost:
        return 2
    return 0


async def ping(proc: Proc) -> int:
    """Whether a host answers."""
    words = proc.argv[1:]
    count, host = 0, ""
    while words:
        word = words.pop(0)
        if word in ("-c", "-w", "-W", "-i", "-s") and words:
            value = words.pop(0)
            count = int(value) if word == "-c" and value.isdigit() else count
        elif not word.startswith("-"):
            host = word
    try:
        address = proc.network.resolve(host)[0][1]
    except UnknownHost:
        return await proc.fail(f"bad address '{host}'")
    await proc.out(f"PING {host} ({address}): 56 data bytes\n")
    sent = 0
    while not count or sent < count:
        if sent:
            await proc.kernel.clock.sleep(1)
        await proc.out(f"64 bytes from {address}: seq={sent} ttl=64 time=0.06{sent % 10} ms\n")
        sent += 1
    await proc.out(
        f"\n--- {host} ping statistics ---\n{sent} packets transmitted, {sent} packets received, 0% packet loss\n"
    )
    return 0


async def nc(proc: Proc) -> int:
    """A connection from the command line."""
    try:
        words, program = _program(proc.argv[1:])
        options, words = split(words, "zvnuktl46", "wqip", {})
    except Usage as problem:
        return await proc.fail(str(problem))
    if "l" in options:
        return await _listen(proc, [*options.get("p", []), *words[-1:]][:1], program, again="k" in options)
    if len(words) < 2 or not words[1].isdigit():
        return await proc.fail("usage: nc [-zv] [-w SEC] HOST PORT")
    host, port = words[0], int(words[1][:6])
    seconds = options.get("w", [""])[-1]
    patience = float(seconds) if re.fullmatch(r"\d{1,6}", seconds) else 0
    if "u" in options:
        return await _datagram(proc, host, port, patience, shown="v" in options, probing="z" in options)
    try:
        connection = await _dial(proc, host, port, patience)
    except UnknownHost:
        return await proc.fail(f"bad address '{host}'")
    except (ConnectionRefusedError, Unreachable) as error:
        text = "Connection refused" if isinstance(error, ConnectionRefusedError) else "Operation timed out"
        return await proc.fail(f"{host} ({host}:{port}): {text}") if "v" in options or "z" not in options else 1
    try:
        if "v" in options:
            await proc.err(f"{host} ({host}:{port}) open\n")
        if "z" not in options:
            await _splice(proc, connection)
    finally:
        connection.close()
    return 0


def _program(words: list[str]) -> tuple[list[str], list[str]]:
    """The words up to -e, and those after it: what talks to the other side."""
    at = next((at for at, word in enumerate(words) if re.fullmatch("-[a-z]*e", word)), len(words))
    return [*words[:at], *([words[at][:-1]] if words[at : at + 1] not in ([], ["-e"]) else [])], words[at + 1 :]


async def _listen(proc: Proc, port: list[str], program: list[str], *, again: bool) -> int:
    """Take a connection, or (-k) one after the other, and join it to the terminal or to a program."""
    if not port or not re.fullmatch(r"\d{1,5}", port[0]):
        return await proc.fail("usage: nc -l [-k] -p PORT [-e PROG ARGS]")
    waiting: asyncio.Queue[tuple[Duplex, asyncio.Event]] = asyncio.Queue()

    async def serve(connection: Duplex, peer: str) -> None:
        done = asyncio.Event()
        await waiting.put((connection, done))
        await done.wait()

    try:
        proc.listen(int(port[0]), serve)
    except OSError as error:
        return await proc.fail(f"bind: {error.strerror}")
    while True:
        connection, done = await waiting.get()
        try:
            await _talk(proc, connection, program)
        finally:
            done.set()
            connection.close()
        if not again:
            return 0


async def _talk(proc: Proc, connection: Duplex, program: list[str]) -> None:
    if not program:
        await _splice(proc, connection)
        return
    handle = Handle(connection, connection.end)
    try:
        child = start(proc, program, fds={0: handle, 1: handle.share()})
    except OSError as error:
        await proc.fail(f"can't execute '{program[0]}': {error.strerror}")
        return
    await child.wait()


async def _datagram(proc: Proc, host: str, port: int, patience: float, *, shown: bool, probing: bool) -> int:
    """Each piece of the input as a datagram; ends when nothing has come for a while. Probing: one that says nothing."""
    try:
        address = proc.network.resolve(host)[0][1]
    except UnknownHost:
        return await proc.fail(f"bad address '{host}'")
    if probing:
        return await _probe(proc, host, address, port, shown=shown)
    with suppress(ConnectionRefusedError, Unreachable):
        while data := await proc.stdin.read():
            await proc.out(await proc.network.datagram(address, port, data))
    await proc.kernel.clock.sleep(patience)
    return 0


async def _probe(proc: Proc, host: str, address: str, port: int, *, shown: bool) -> int:
    """Only who hears that nobody listens knows it."""
    try:
        await proc.network.datagram(address, port, b"")
    except ConnectionRefusedError:
        return await proc.fail(f"{host} ({host}:{port}): Connection refused") if shown else 1
    except Unreachable:
        pass
    if shown:
        await proc.err(f"{host} ({host}:{port}) open\n")
    return 0


async def _dial(proc: Proc, host: str, port: int, patience: float) -> Duplex:
    network = proc.network
    address = network.resolve(host)[0][1]
    try:
        return await network.connect(address, port)
    except Unreachable:
        await proc.kernel.clock.sleep(patience or 127)
        raise


async def _splice(proc: Proc, connection: Duplex) -> None:
    async def send() -> None:
        await copy(proc.stdin, connection)
        connection.end()

    sending = asyncio.ensure_future(send())
    try:
        while data := await connection.read():
            await proc.out(data)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await sending


async def telnet(proc: Proc) -> int:
    """As nc."""
    if len(proc.argv) < 3:
        return await proc.fail("usage: telnet HOST PORT")
    proc.argv = ["telnet", *proc.argv[1:3]]
    return await nc(proc)


async def wget(proc: Proc) -> int:
    """Fetch a URL."""
    try:
        options, words = split(proc.argv[1:], "qcSsN", "OTHDtUPYA", WGET_LONG)
    except Usage as problem:
        return await proc.fail(str(problem))
    if not words:
        return await proc.fail("missing URL")
    url = words[0] if "://" in words[0] else f"http://{words[0]}"
    for _ in range(5):
        try:
            head, body = await _fetch(proc, url, options)
        except (UnknownHost, ConnectionError, Unreachable, TlsProblem, http1.ProtocolError, ValueError) as error:
            return await _wget_failure(proc, url, error)
        code = int(head.first[1])
        if 300 <= code < 400 and head.header("Location"):
            url = urljoin(url, head.header("Location"))
            continue
        if code >= 400:
            return await proc.fail(f"server returned error: {' '.join(head.first)}")
        return await _wget_save(proc, url, body, options)
    return await proc.fail("too many redirections")


async def _fetch(proc: Proc, url: str, options: Mapping[str, list[str]]) -> tuple[http1.Head, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    network = proc.network
    address = network.resolve(host)[0][1]
    if "q" not in options:
        await proc.err(f"Connecting to {host} ({address}:{port})\n")
    try:
        dialling = network.connect_tls(address, port, host, None, False) if secure else network.connect(address, port)
        connection = await dialling
    except Unreachable:
        await proc.kernel.clock.sleep(float(options["T"][-1]) if options.get("T", ["x"])[-1].isdigit() else 127)
        raise
    headers = [("Host", parts.netloc), ("User-Agent", options.get("U", ["Wget"])[-1]), ("Connection", "close")]
    headers += [
        (name.strip(), value.strip()) for name, _, value in (one.partition(":") for one in options.get("H", []))
    ]
    body = encode(options.get("D", [""])[-1])
    if "D" in options:
        headers += [("Content-Length", str(len(body))), ("Content-Type", "application/x-www-form-urlencoded")]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        await connection.write(http1.request("POST" if "D" in options else "GET", target, headers, body))
        return await read_answer(connection)
    finally:
        connection.close()


async def _wget_failure(proc: Proc, url: str, error: Exception) -> int:
    parts = urlsplit(url)
    if isinstance(error, UnknownHost):
        return await proc.fail(f"bad address '{parts.hostname}'")
    if isinstance(error, ConnectionRefusedError | Unreachable):
        text = "Connection refused" if isinstance(error, ConnectionRefusedError) else "Operation timed out"
        return await proc.fail(f"can't connect to remote host ({parts.hostname}): {text}")
    return await proc.fail("error getting response")


async def _wget_save(proc: Proc, url: str, body: bytes, options: Mapping[str, list[str]]) -> int:
    name = options.get("O", [""])[-1] or posixpath.basename(urlsplit(url).path) or "index.html"
    if "s" in options:
        return 0
    if name == "-":
        await proc.out(body)
        shown = "-"
    else:
        if "O" not in options and proc.fs.exists(proc.path(name)):
            return await proc.fail(f"can't open '{name}': File exists")
        await proc.open_to_write(name).write(body)
        shown = f"'{name}'"
    if "q" not in options:
        title = name if name != "-" else "-"
        await proc.err(f"{'saving to ' + shown if name != '-' else 'writing to stdout'}\n")
        await proc.err(f"{title:<20} 100% |********************************| {len(body):5}  0:00:00 ETA\n")
        await proc.err(f"{shown} saved\n" if name != "-" else "written to stdout\n")
    return 0


async def netstat(proc: Proc) -> int:
    """No connections to show."""
    await proc.out(
        "Active Internet connections (w/o servers)\n"
        "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
    )
    return 0


async def ifconfig(proc: Proc) -> int:
    """The pod's interface; it cannot be changed."""
    if proc.name == "ip" and {"add", "del", "delete", "set"} & set(proc.argv[1:]):
        await proc.err("RTNETLINK answers: Operation not permitted\n")
        return 2
    try:
        address = proc.network.address
    except UnknownHost:
        address = "127.0.0.1"
    if proc.name == "ip":
        await proc.out(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n"
            "    inet 127.0.0.1/8 scope host lo\n"
            "3: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue\n"
            f"    inet {address}/24 scope global eth0\n"
        )
    else:
        await proc.out(f"eth0      Link encap:Ethernet\n          inet addr:{address}  Mask:255.255.255.0\n\n")
    return 0


_ALL = (nslookup, dig, host, getent, ping, nc, telnet, wget, netstat, ifconfig)
PROGRAMS: Mapping[str, Program] = {**{one.__name__: one for one in _ALL}, "ip": ifconfig}
