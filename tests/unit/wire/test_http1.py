"""HTTP/1.1 messages, however they are cut."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.wire.http1 import ProtocolError, Reader, answer, request

CASES = [
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False, b""),
    (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", False, b"abc"),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", False, b"abcde"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True, b"hi"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", True, b""),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: y\r\n\r\n", True, b"x"),
]


@pytest.mark.parametrize(("wire", "response", "body"), CASES)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_messages(wire, response, body, size):
    reader = Reader(response)
    got = b"".join(reader.feed(wire[at : at + size]) for at in range(0, len(wire), size))
    assert (got, reader.done, reader.rest) == (body, True, b"")


def test_a_body_that_ends_with_the_connection():
    reader = Reader(response=True)
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nabc") == b"abc"
    assert not reader.done
    reader.end()
    assert reader.done


@pytest.mark.parametrize(
    "wire",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc x\r\n\r\n",
        b"GET / HTTP/1.1\r\nnocolon\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"x" * 70_000,
    ],
)
def test_refused(wire):
    with pytest.raises(ProtocolError):
        Reader(response=wire.startswith(b"HTTP")).feed(wire)


@given(
    st.lists(st.binary(max_size=80), max_size=4), st.booleans(), st.sampled_from([b"", *(case[0] for case in CASES)])
)
def test_noise(pieces, response, start):
    reader = Reader(response)
    with suppress(ProtocolError):
        for piece in [start, *pieces]:
            assert isinstance(reader.feed(piece), bytes)
        reader.end()


def test_writing():
    assert request("GET", "/a", [("Host", "x\r\ny")]) == b"GET /a HTTP/1.1\r\nHost: x  y\r\n\r\n"
    assert answer(404, [], b"no") == b"HTTP/1.1 404 Not Found\r\n\r\nno"
