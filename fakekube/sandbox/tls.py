"""The server's side of TLS over any connection. OpenSSL works in memory: what pods serve with is in no file."""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL

from fakekube.sandbox.streams import CHUNK, Duplex

PROBLEMS = (SSL.Error, ValueError, TypeError)
"""What a certificate or key that cannot be used raises."""


class Secured:
    """A `Duplex` whose bytes travel encrypted in another one; `handshake` comes first."""

    def __init__(self, inner: Duplex, context: SSL.Context) -> None:
        self._inner = inner
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()
        self._sending = asyncio.Lock()

    async def handshake(self) -> None:
        """Raises SSL.Error."""
        while True:
            try:
                self._connection.do_handshake()
                break
            except SSL.WantReadError:
                await self._send()
                await self._receive()
            except SSL.Error:
                await self._send()  # why, for the other side
                raise
        await self._send()

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end."""
        while True:
            try:
                return self._connection.recv(limit)
            except SSL.WantReadError:
                await self._send()
                await self._receive()
            except SSL.Error:
                return b""

    async def write(self, data: bytes) -> None:
        """Everything. Raises BrokenPipeError."""
        try:
            for start in range(0, len(data), CHUNK):
                self._connection.sendall(data[start : start + CHUNK])
                await self._send()
        except SSL.Error:
            raise BrokenPipeError from None

    def end(self) -> None:
        """Nothing: TLS ends both directions at once."""

    def close(self) -> None:
        """Hang up; the other side is not told in TLS's words."""
        self._inner.close()

    async def _send(self) -> None:
        async with self._sending:
            while data := self._written():
                await self._inner.write(data)

    def _written(self) -> bytes:
        try:
            return self._connection.bio_read(CHUNK)
        except SSL.WantReadError:
            return b""

    async def _receive(self) -> None:
        if data := await self._inner.read():
            self._connection.bio_write(data)
        else:
            self._connection.bio_shutdown()


def server_context(certificate: bytes, key: bytes) -> SSL.Context:
    """A context that shows this certificate, its chain behind it (PEM). Raises one of PROBLEMS."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    own, *chain = load_pem_x509_certificates(certificate)
    context.use_certificate(own)
    for authority in chain:
        context.add_extra_chain_cert(authority)
    private = load_pem_private_key(key, None)
    if not isinstance(private, EllipticCurvePrivateKey | RSAPrivateKey):
        raise ValueError("tls: failed to parse private key")
    context.use_privatekey(private)
    context.check_privatekey()
    return context
