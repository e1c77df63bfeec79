"""TLS over any connection, on either side."""

from __future__ import annotations

import asyncio
import ssl
import tempfile

from fakekube.sandbox.streams import CHUNK, Duplex


class Secured:
    """A `Duplex` whose bytes travel encrypted in another one; `handshake` comes first."""

    def __init__(self, inner: Duplex, context: ssl.SSLContext, *, server: bool = False, host: str = "") -> None:
        """`host` is the name that the server's certificate is to have."""
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server, host or None)
        self._sending = asyncio.Lock()

    async def handshake(self) -> None:
        """Raises ssl.SSLError."""
        while True:
            try:
                self._object.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._send()
                await self._receive()
            except ssl.SSLError:
                await self._send()  # why, for the other side
                raise
        await self._send()

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end."""
        while True:
            try:
                return self._object.read(limit)
            except ssl.SSLWantReadError:
                await self._send()
                await self._receive()
            except ssl.SSLError:
                return b""

    async def write(self, data: bytes) -> None:
        """Everything. Raises BrokenPipeError."""
        try:
            for start in range(0, len(data), CHUNK):
                self._object.write(data[start : start + CHUNK])
                await self._send()
        except ssl.SSLError:
            raise BrokenPipeError from None

    def end(self) -> None:
        """Nothing: TLS ends both directions at once."""

    def close(self) -> None:
        """Hang up; the other side is not told in TLS's words."""
        self._inner.close()

    async def _send(self) -> None:
        async with self._sending:
            if data := self._outgoing.read():
                await self._inner.write(data)

    async def _receive(self) -> None:
        if data := await self._inner.read():
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def server_context(certificate: bytes, key: bytes) -> ssl.SSLContext:
    """A context that shows this certificate (PEM). Raises ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:  # Python loads keys from files alone; only the owner reads this one
        file.write(key + b"\n" + certificate)
        file.flush()
        context.load_cert_chain(file.name)
    return context
