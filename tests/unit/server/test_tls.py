"""TLS in memory: what one side writes the other reads, whatever its size."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from fakekube.pki import make_identities
from fakekube.server.tls import CHUNK, RECORD, Context


class Sides:
    """A server's and a client's end after the handshake."""

    def __init__(self) -> None:
        identity = make_identities(("localhost",)).serving
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        self.up, self.down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = Context.for_server(identity.certificate, identity.key).wrap_bio(self.up, self.down)
        self.client = trusting.wrap_bio(self.down, self.up)
        for side in (self.client, self.server, self.client, self.server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.fixture(scope="module")
def sides() -> Sides:
    return Sides()


def everything(side: Any) -> bytes:
    data = b""
    while True:
        try:
            data += side.read(CHUNK)
        except ssl.SSLWantReadError:
            return data


@pytest.mark.parametrize("size", [1, RECORD, RECORD + 1, CHUNK - 1, CHUNK, 2 * CHUNK + 7])
def test_all_of_it_arrives(sides: Sides, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert sides.server.write(data[:size]) == size
    assert everything(sides.client) == data[:size]
    sides.client.write(data[:size])
    assert everything(sides.server) == data[:size]
    assert sides.server.pending() == 0


def test_what_is_not_tls_is_refused(sides: Sides) -> None:
    other = Sides()
    other.up.write(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        other.server.read()
    assert other.down.pending > 0  # the alert
