"""A load client that costs little itself: prepared requests over kept TLS connections, answers measured by length.

The connections of a measurement are shared out among processes, so that the client is not what is measured.
"""

from __future__ import annotations

import base64
import multiprocessing
import select
import selectors
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import processes
import yaml

CLIENTS = 2
"""Processes."""
BUFFER = 1 << 18
LEAD = 0.5
"""Seconds in which all clients connect before they begin."""
LAST_CHUNK = b"0\r\n\r\n"
FORK = multiprocessing.get_context("fork")


@dataclass
class Target:
    """A server, the administrator's way in, and the processes whose CPU time its answers take."""

    host: str
    port: int
    context: ssl.SSLContext
    servers: Sequence[int] = ()

    @classmethod
    def of(cls, kubeconfig: Path) -> Target:
        """What a kubeconfig's first cluster and user are. Raises OSError, KeyError."""
        document = yaml.safe_load(kubeconfig.read_text())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        where = urlsplit(cluster["server"])
        with tempfile.TemporaryDirectory() as folder:
            authority, certificate, key = (
                _file(Path(folder) / name, kubeconfig, found, name)
                for found, name in (
                    (cluster, "certificate-authority"), (user, "client-certificate"), (user, "client-key"),
                )
            )  # fmt: skip
            context = ssl.create_default_context(cafile=str(authority))
            context.load_cert_chain(certificate, key)
        port = where.port or 443
        return cls(where.hostname or "127.0.0.1", port, context, processes.control_plane(port))


def _file(path: Path, kubeconfig: Path, found: dict[str, str], name: str) -> Path:
    """A file that holds what the kubeconfig embeds or names."""
    if data := found.get(f"{name}-data"):
        path.write_bytes(base64.b64decode(data))
        return path
    return kubeconfig.parent / found[name]


def request(method: str, path: str, body: bytes = b"", media: str = "application/json") -> bytes:
    """The bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: benchmark\r\n"
    if body:
        head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection:
    """One connection; its requests follow one another."""

    def __init__(self, target: Target) -> None:
        """Connect. Raises OSError."""
        plain = socket.create_connection((target.host, target.port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = target.context.wrap_socket(plain, server_hostname=target.host)
        self._socket.setblocking(False)
        self._data = bytearray()
        self._due: int | None = None
        """Bytes that the answer has in all; None if that is not known yet, or only its last chunk will tell."""

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        """Send a request, small enough for the socket to take it at once."""
        self._data.clear()
        self._due = None
        self._socket.sendall(data)

    def received(self) -> bytes:
        """What has come since the last call."""
        parts = []
        try:
            while part := self._socket.recv(BUFFER):
                parts.append(part)
        except ssl.SSLWantReadError:
            return b"".join(parts)
        raise ConnectionResetError("the server has hung up")

    def wait(self) -> None:
        """Until something has come."""
        readable = select.poll()
        readable.register(self, select.POLLIN)
        readable.poll()

    def answered(self) -> bool:
        """Take in what has come; whether the answer is whole."""
        self._data += self.received()
        if self._due is None and (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._data[:end]).lower()
            start = head.find(b"\ncontent-length:")
            if start >= 0:
                self._due = end + 4 + int(head[start + 16 :].partition(b"\r")[0])
        return len(self._data) == self._due if self._due is not None else self._data.endswith(LAST_CHUNK)

    @property
    def status(self) -> int:
        """The answer's."""
        return int(self._data[9:12])

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send a request and wait; gives status and body."""
        self.send(data)
        while not self.answered():
            self.wait()
        return self.status, bytes(self._data.partition(b"\r\n\r\n")[2])

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclass
class Rate:
    """What came of a while of load."""

    per_second: float
    median: float
    """Milliseconds."""
    cpu: float
    """Milliseconds of the servers' processes each."""


class Client:
    """A process that says when it is ready, and then what came of its work."""

    def __init__(self, work: Callable[[Callable[[], None]], Any]) -> None:
        """`work` is called with what tells that it is ready."""
        self._pipe, theirs = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=_work, args=(work, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def result(self) -> Any:
        """What comes next. Raises RuntimeError."""
        value = self._pipe.recv()
        if isinstance(value, Exception):
            raise RuntimeError(str(value))
        return value


def _work(work: Callable[[Callable[[], None]], Any], pipe: Pipe) -> None:
    try:
        pipe.send(work(lambda: pipe.send(None)))
    except Exception as error:
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


def measure(target: Target, requests: Callable[[int], Iterator[bytes]], connections: int, seconds: float) -> Rate:
    """Load from `requests(number of the connection)` over so many connections. Raises RuntimeError for a refusal."""
    begin = time.perf_counter() + LEAD
    shares = [range(first, connections, CLIENTS) for first in range(min(CLIENTS, connections))]
    clients = [Client(partial(_drive, target, map(requests, share), begin, seconds)) for share in shares]
    _sleep_until(begin)
    used = processes.cpu(target.servers)
    took = sorted(chain.from_iterable(client.result() for client in clients))
    elapsed, used = time.perf_counter() - begin, processes.cpu(target.servers) - used
    return Rate(len(took) / elapsed, took[len(took) // 2] * 1000, used * 1000 / len(took))


def _drive(
    target: Target, streams: Iterator[Iterator[bytes]], begin: float, seconds: float, _: Callable[[], None]
) -> list[float]:
    """One client's share of a load: the seconds that each answer took."""
    took: list[float] = []
    sent: dict[Connection, float] = {}
    waiting = {Connection(target): stream for stream in streams}
    _sleep_until(begin)
    with selectors.DefaultSelector() as selector:
        for connection, stream in waiting.items():
            selector.register(connection, selectors.EVENT_READ, connection)
            sent[connection] = time.perf_counter()
            connection.send(next(stream))
        while waiting:
            for connection in [key.data for key, _ in selector.select()]:
                if not connection.answered():
                    continue
                if connection.status >= 300:
                    raise RuntimeError(f"answered {connection.status}")
                now = time.perf_counter()
                took.append(now - sent[connection])
                if now < begin + seconds:
                    sent[connection] = now
                    connection.send(next(waiting[connection]))
                else:
                    del waiting[connection]
    return took


def _sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.perf_counter(), 0))


def deliveries(target: Target, path: str, writes: list[bytes], watchers: int) -> Rate:
    """So many watches of `path` while `writes` happen, one after the other: events delivered per second in all, and the
    median of how late they came after their write was sent."""
    share, count = watchers // CLIENTS, len(writes)
    clients = [Client(partial(_listen, target, path, share, count)) for _ in range(CLIENTS)]
    for client in clients:
        client.result()
    writer = Connection(target)
    sent: list[float] = []
    used = processes.cpu(target.servers)
    for write in writes:
        sent.append(time.perf_counter())
        status, body = writer.ask(write)
        if status >= 300:
            raise RuntimeError(f"{status}: {body.decode()}")
    seen = [arrivals for client in clients for arrivals in client.result()]
    elapsed, used = time.perf_counter() - sent[0], processes.cpu(target.servers) - used
    writer.close()
    late = sorted(came - went for arrivals in seen for came, went in zip(arrivals, sent, strict=True))
    return Rate(len(late) / elapsed, late[len(late) // 2] * 1000, used * 1000 / len(late))


def _listen(target: Target, path: str, watchers: int, count: int, ready: Callable[[], None]) -> list[list[float]]:
    """When each watcher got each of `count` events."""
    seen: dict[Connection, list[float]] = {}
    last: dict[Connection, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for _ in range(watchers):
            connection = Connection(target)
            connection.send(request("GET", path))
            selector.register(connection, selectors.EVENT_READ, connection)
            seen[connection], last[connection] = [], b""
            while not connection.received():  # the head, which comes before any event
                connection.wait()
        ready()
        while any(len(arrivals) < count for arrivals in seen.values()):
            for connection in [key.data for key, _ in selector.select()]:
                data = last[connection] + connection.received()
                seen[connection] += [time.perf_counter()] * data.count(b"}\n")
                last[connection] = data[-1:] if data.endswith(b"}") else b""
    return list(seen.values())
