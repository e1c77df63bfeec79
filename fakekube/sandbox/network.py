"""The network as a container sees it: names, addresses, connections. What is behind it is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fakekube.sandbox.dns import Record
from fakekube.sandbox.streams import Duplex


class UnknownHost(Exception):
    """No such name."""


class Unreachable(Exception):
    """Nobody answers at that address: a connection times out."""


class TlsProblem(Exception):
    """The handshake failed; the text is OpenSSL's reason, `code` its number of a verification failure."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class Network(Protocol):
    """Of one pod."""

    @property
    def namespace(self) -> str:
        """The pod's."""

    @property
    def address(self) -> str:
        """The pod's own."""

    @property
    def name_server(self) -> str:
        """The address of the cluster's DNS."""

    def resolve(self, name: str) -> Sequence[tuple[str, str]]:
        """(full name, address) of a name. Raises UnknownHost."""

    def query(self, name: str, kind: str, *, search: bool) -> Sequence[Record]:
        """What the cluster's DNS answers to a question for A, SRV, PTR or CNAME."""

    async def connect(self, address: str, port: int) -> Duplex:
        """A TCP connection. Raises ConnectionRefusedError, Unreachable."""

    async def datagram(self, address: str, port: int, data: bytes) -> bytes:
        """The answer to a UDP datagram, b"" for none. Raises ConnectionRefusedError, Unreachable."""

    async def connect_tls(self, address: str, port: int, host: str, ca: str | None, verify: bool) -> Duplex:
        """A TLS connection, verified against authorities (PEM; None for the system's, which knows none here).

        Raises ConnectionRefusedError, Unreachable, TlsProblem.
        """
