"""TLS that asks for a client certificate and lets everyone in, as kube-apiserver does.

kube-apiserver's listener requests a certificate without verifying it: who shows one by an unknown authority gets a 401
with a Status, not a broken handshake. Python's ssl cannot do that, pyOpenSSL can; `Context` makes one look like the
other, so that asyncio's and uvloop's own transports drive it.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from OpenSSL import SSL

RECORD = 16 * 1024
"""Bytes that OpenSSL takes in or gives out in one call."""
NOT_TLS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
"""What Go's server says to who has mistaken the scheme."""
CHUNK = 16 * RECORD
"""Bytes moved between OpenSSL's memory and the transport's at a time."""


class Context(ssl.SSLContext):
    """A server-side context for asyncio whose connections are pyOpenSSL's."""

    inner: SSL.Context

    @classmethod
    def for_server(cls, certificate: bytes, key: bytes) -> Context:
        """A context that shows this certificate (PEM). Raises ValueError."""
        self = cls(ssl.PROTOCOL_TLS_SERVER)
        inner = SSL.Context(SSL.TLS_SERVER_METHOD)
        inner.set_min_proto_version(SSL.TLS1_2_VERSION)
        inner.use_certificate(x509.load_pem_x509_certificate(certificate))
        private = load_pem_private_key(key, None)
        assert isinstance(private, EllipticCurvePrivateKey | RSAPrivateKey)
        inner.use_privatekey(private)
        inner.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        inner.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        inner.set_options(SSL.OP_NO_TICKET)  # a resumed session does not have the certificates between
        inner.set_session_id(b"fakekube")
        inner.set_mode(SSL.MODE_RELEASE_BUFFERS)
        inner.set_alpn_select_callback(_http1)
        self.inner = inner
        return self

    def wrap_bio(self, incoming: Any, outgoing: Any, *_: Any, **__: Any) -> Any:
        """The object that a transport pumps bytes through."""
        return Pipe(self.inner, incoming, outgoing)


def _http1(_: SSL.Connection, offered: list[bytes]) -> Any:
    return b"http/1.1" if b"http/1.1" in offered else SSL.NO_OVERLAPPING_PROTOCOLS


class Pipe:
    """The part of ssl.SSLObject that transports use, over a pyOpenSSL connection without a socket."""

    def __init__(self, context: SSL.Context, incoming: Any, outgoing: Any) -> None:
        self._connection = SSL.Connection(context)
        self._connection.set_accept_state()
        self._incoming = incoming
        self._outgoing = outgoing
        self._unread = False
        self._shown: tuple[bytes, ...] | None = None
        self._over = False
        """The client speaks no TLS: it has been told so, and nothing that it sends is looked at."""
        self.context = context

    def do_handshake(self) -> None:
        """One step; raises SSLWantReadError until it is done."""
        self._feed()
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            raise ssl.SSLWantReadError from None
        except SSL.Error as error:
            if not _spoke_http(error):
                raise ssl.SSLError(1, str(error)) from None
            self._over = True
            self._outgoing.write(NOT_TLS)
        finally:
            if not self._over:
                self._flush()

    def read(self, size: int = RECORD, buffer: Any = None) -> Any:
        """Plain bytes, into `buffer` (gives their number) or as bytes; 0 or b"" at the end."""
        if self._over:
            return 0 if buffer is not None else b""
        self._feed()
        size = min(size, RECORD)
        try:
            if buffer is not None:
                return self._connection.recv_into(buffer, size)
            return self._connection.recv(size)
        except SSL.WantReadError:  # what OpenSSL might have to say to this goes out in front of the next answer
            self._unread = False
            raise ssl.SSLWantReadError from None
        except (SSL.ZeroReturnError, SSL.SysCallError):
            return 0 if buffer is not None else b""
        except SSL.Error as error:
            self._flush()
            raise ssl.SSLError(1, str(error)) from None

    def write(self, data: Any) -> int:
        """Encrypt all of it; gives its length."""
        view, size = memoryview(data), len(data)
        try:
            for start in range(0, size, CHUNK):
                self._send(view[start : start + CHUNK])
                self._flush()
        except SSL.WantReadError:
            raise ssl.SSLWantReadError from None
        except SSL.Error as error:
            raise ssl.SSLError(1, str(error)) from None
        return size

    def _send(self, view: memoryview) -> None:
        while len(view):
            view = view[self._connection.send(view) :]

    def pending(self) -> int:
        """Bytes that a read may find; uvloop reads only while there are any, here or in its own buffer."""
        return self._connection.pending() or int(self._unread)

    def unwrap(self) -> None:
        """Say goodbye; the other side's goodbye is not waited for."""
        if self._over:
            return
        try:
            self._feed()
            self._connection.shutdown()
        except SSL.Error:
            pass
        finally:
            self._flush()

    def getpeercert(self, binary_form: bool = False) -> Any:
        """Nothing: see `peer_certificates`."""
        return None

    def peer_certificates(self) -> tuple[bytes, ...]:
        """The chain that the client showed, DER, the leaf first; read once, since nothing is negotiated anew."""
        if self._shown is None:
            self._shown = self._read_chain()
        return self._shown

    def _read_chain(self) -> tuple[bytes, ...]:
        chain = self._connection.get_peer_cert_chain(as_cryptography=True) or []
        leaf = self._connection.get_peer_certificate(as_cryptography=True)
        shown = [certificate.public_bytes(Encoding.DER) for certificate in chain]
        first = leaf.public_bytes(Encoding.DER) if leaf else None
        return tuple(shown if first in shown or first is None else [first, *shown])

    def cipher(self) -> tuple[str | None, str | None, int | None]:
        """Name, protocol, bits."""
        connection = self._connection
        return connection.get_cipher_name(), connection.get_cipher_version(), connection.get_cipher_bits()

    def compression(self) -> None:
        """Never."""

    def selected_alpn_protocol(self) -> str | None:
        """What both sides speak."""
        return self._connection.get_alpn_proto_negotiated().decode() or None

    def _feed(self) -> None:
        if self._incoming.pending:
            self._unread = True
            data = self._incoming.read()
            while data:
                data = data[self._connection.bio_write(data) :]

    def _flush(self) -> None:
        """Hand on what OpenSSL has written; less than what was asked for is the last of it."""
        data = self._read_written()
        while data:
            self._outgoing.write(data)
            data = self._read_written() if len(data) == CHUNK else b""

    def _read_written(self) -> bytes:
        try:
            return self._connection.bio_read(CHUNK)
        except (SSL.WantReadError, SSL.Error):
            return b""


def _spoke_http(error: SSL.Error) -> bool:
    return any(reason == "http request" for *_, reason in error.args[0])


def load_files(certificate: Path, key: Path) -> Context:
    """A context out of two PEM files."""
    return Context.for_server(certificate.read_bytes(), key.read_bytes())
