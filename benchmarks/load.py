"""A load client that costs little itself: prepared requests over kept TLS connections, answers measured by length."""

from __future__ import annotations

import asyncio
import base64
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

BUFFER = 1 << 20


@dataclass
class Target:
    """A server and the administrator's way in."""

    host: str
    port: int
    context: ssl.SSLContext

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
        return cls(where.hostname or "127.0.0.1", where.port or 443, context)


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
    """One connection that waits for each answer before it asks again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, target: Target) -> Connection:
        """Connect."""
        return cls(*await asyncio.open_connection(target.host, target.port, ssl=target.context, limit=BUFFER))

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send a request; gives status and body."""
        self._writer.write(data)
        return await self.answer()

    async def answer(self) -> tuple[int, bytes]:
        """The next answer."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        low = head.lower()
        if b"transfer-encoding: chunked" in low:
            return status, b"".join([chunk async for chunk in self.chunks()])
        start = low.index(b"content-length:") + 15
        return status, await self._reader.readexactly(int(low[start : low.index(b"\r", start)]))

    async def begin(self, data: bytes) -> None:
        """Send a request whose answer is a stream, and read the answer's head."""
        self._writer.write(data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())

    async def chunks(self) -> AsyncIterator[bytes]:
        """The chunks of a stream."""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            data = await self._reader.readexactly(size + 2)
            yield data[:-2]
        await self._reader.readexactly(2)

    def close(self) -> None:
        """Hang up."""
        self._writer.transport.abort()


@dataclass
class Rate:
    """What came of a while of load."""

    per_second: float
    median: float
    """Milliseconds."""


async def measure(target: Target, requests: Callable[[int], Iterator[bytes]], connections: int, seconds: float) -> Rate:
    """Load from `requests(number of the connection)` over so many connections. Raises RuntimeError for a refusal."""
    opened = [await Connection.open(target) for _ in range(connections)]
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def drive(connection: Connection, stream: Iterator[bytes]) -> None:
        while (begun := time.perf_counter()) < end:
            status, body = await connection.ask(next(stream))
            if status >= 300:
                raise RuntimeError(f"{status}: {body.decode()}")
            took.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(drive(each, requests(number)) for number, each in enumerate(opened)))
    elapsed = time.perf_counter() - begun
    for each in opened:
        each.close()
    return Rate(len(took) / elapsed, sorted(took)[len(took) // 2] * 1000)


async def deliveries(target: Target, path: str, watchers: int, writes: list[bytes]) -> Rate:
    """So many watches of `path` while `writes` happen, one after the other: events delivered per second in all, and the
    median of how late they came after their write was sent."""
    streams = [await Connection.open(target) for _ in range(watchers)]
    writer = await Connection.open(target)
    for stream in streams:
        await stream.begin(request("GET", path))
    sent: list[float] = []
    late: list[float] = []

    async def listen(stream: Connection) -> None:
        seen = 0
        async for chunk in stream.chunks():
            now = time.perf_counter()
            for _ in range(chunk.count(b"\n")):
                late.append(now - sent[seen])
                seen += 1
            if seen >= len(writes):
                return

    listening = asyncio.gather(*map(listen, streams))
    begun = time.perf_counter()
    for write in writes:
        sent.append(time.perf_counter())
        status, body = await writer.ask(write)
        if status >= 300:
            raise RuntimeError(f"{status}: {body.decode()}")
    await listening
    elapsed = time.perf_counter() - begun
    for stream in (*streams, writer):
        stream.close()
    return Rate(len(late) / elapsed, sorted(late)[len(late) // 2] * 1000)
