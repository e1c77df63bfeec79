"""HTTP between simulated programs: answering on a connection, and asking over one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate

from fakekube.sandbox.containers import HttpAnswer, HttpRequest
from fakekube.sandbox.streams import CHUNK, Duplex
from fakekube.wire import http1

Answer = Callable[[HttpRequest], Awaitable[HttpAnswer]]
Serve = Callable[[Duplex, str], Awaitable[None]]
"""(connection, the client's address and port): talks until one of the two hangs up."""


def http(port: int, answer: Answer) -> Serve:
    """A server of HTTP on a port."""

    async def serve(connection: Duplex, peer: str) -> None:
        await _serve(connection, port, peer, answer)

    return serve


async def _serve(connection: Duplex, port: int, peer: str, answer: Answer) -> None:
    rest = b""
    try:
        while True:
            reader, body = http1.Reader(response=False), bytearray()
            while not reader.done:
                data = rest or await connection.read(CHUNK)
                rest = b""
                if not data:
                    return
                body += reader.feed(data)
            rest = reader.rest
            assert reader.head is not None
            method, target, version = reader.head.first
            answered = await answer(HttpRequest(port, method, target, reader.head.headers, bytes(body), peer=peer))
            shown = b"" if method == "HEAD" else answered.body
            await connection.write(http1.answer(answered.status, _with_length(answered), shown))
            if reader.head.header("Connection").lower() == "close" or version == "HTTP/1.0":
                return
    except http1.ProtocolError:
        with suppress(BrokenPipeError):
            await connection.write(http1.answer(400, [("Content-Length", "0"), ("Connection", "close")]))
    except ConnectionError:
        return
    finally:
        connection.end()
        connection.close()


def _with_length(answer: HttpAnswer) -> list[tuple[str, str]]:
    given = {name.lower() for name, _ in answer.headers}
    headers = [("Date", formatdate(usegmt=True))] if "date" not in given else []
    headers += answer.headers
    headers += [("Content-Type", "text/plain")] if "content-type" not in given and answer.body else []
    return [*headers, ("Content-Length", str(len(answer.body)))]


async def ask(connection: Duplex, request: HttpRequest) -> HttpAnswer:
    """Send a request and take its answer; the connection is closed. Raises ProtocolError, BrokenPipeError."""
    given = {name.lower() for name, _ in request.headers}
    headers = [*request.headers, ("Connection", "close")]
    headers += [("Host", "localhost")] if "host" not in given else []
    headers += [("Content-Length", str(len(request.body)))] if request.body and "content-length" not in given else []
    try:
        await connection.write(http1.request(request.method, request.path, headers, request.body))
        head, body = await read_answer(connection, request.method)
    finally:
        connection.close()
    return HttpAnswer(int(head.first[1]), head.headers, body)


async def read_answer(connection: Duplex, method: str = "GET") -> tuple[http1.Head, bytes]:
    """A whole answer. Raises ProtocolError."""
    reader, body = http1.Reader(response=True, method=method), bytearray()
    while not reader.done:
        data = await connection.read()
        if not data:
            reader.end()
            break
        body += reader.feed(data)
        if len(body) > http1.BODY_LIMIT:
            raise http1.ProtocolError("too large")
    if reader.head is None:
        raise http1.ProtocolError("no answer")
    return reader.head, bytes(body)
