"""HTTP/1.1 as aiohttp reads it, within Go's bounds and with its refusals, and methods besides: Go's server takes any
token for a method, and the chain judges it.

aiohttp's parser does not know all of them. A request line with such a method is therefore read under a name that the
parser knows, and the request gets its own back.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse
from aiohttp.web_server import Server as BaseServer
from multidict import CIMultiDict, CIMultiDictProxy

from fakekube.server import refusals

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP/1\.[01]\r\n")
STAND_IN = "PROPFIND"
"""Known to the parser, and to nobody behind it."""


class Protocol(RequestHandler):
    """One connection."""

    _method = ""
    """Of the request that is read under the other name."""
    _body: StreamReader | None = None
    """Of the last request."""
    _head = 0
    """Bytes of a head that is not whole yet."""

    def data_received(self, data: bytes) -> None:
        """Between requests, look at the method, and at how long the head is."""
        between = self._body is None or self._body.is_eof()
        if between:
            line = REQUEST_LINE.match(data)
            if line is not None and (method := line[1].decode()) not in hdrs.METH_ALL:
                self._method = method
                data = STAND_IN.encode() + data[line.end(1) :]
        read = self._request_count
        super().data_received(data)
        if self._request_count > read:
            self._head, self._body = 0, self._messages[-1][1]
        elif between:
            self._head += len(data)
            if self._head > refusals.HEAD_LIMIT and self.transport is not None:
                self._head = 0
                refusals.Refusal(refusals.TOO_LARGE).write_to(self.transport)
                self.force_close()

    def request(
        self, message: RawRequestMessage, body: StreamReader, writer: Any, task: asyncio.Task[None]
    ) -> BaseRequest:
        """The request with its own method."""
        if not all(map(str.isascii, message.headers.values())):
            message = message._replace(headers=_readable(message.headers))
        if message.method == STAND_IN and self._method:
            message = message._replace(method=self._method)
        return BaseRequest(message, body, self, writer, task, task.get_loop())

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> StreamResponse:
        """As Go refuses what it cannot read. Of a fault of our own there is nothing to tell the client."""
        if status == HTTPStatus.BAD_REQUEST:
            return refusals.worded(message or "")
        self.log_exception("an answer failed", exc_info=exc)
        return refusals.Refusal("500 Internal Server Error")


def _readable(headers: CIMultiDictProxy[str]) -> CIMultiDictProxy[str]:
    """The headers as JSON can hold them: bytes that are no UTF-8, which the parser keeps as surrogates, are U+FFFD."""
    made = [(name, value.encode(errors="surrogateescape").decode(errors="replace")) for name, value in headers.items()]
    return CIMultiDictProxy(CIMultiDict(made))


def make_request(
    message: RawRequestMessage, body: StreamReader, protocol: RequestHandler, writer: Any, task: asyncio.Task[None]
) -> BaseRequest:
    """aiohttp's request factory."""
    assert isinstance(protocol, Protocol)
    return protocol.request(message, body, writer, task)


class Server(BaseServer):
    """Makes the connections' protocols."""

    def __init__(self, handler: Any) -> None:
        limit = refusals.HEAD_LIMIT
        super().__init__(
            handler, request_factory=make_request, handler_cancellation=True, auto_decompress=False,
            max_line_size=limit, max_field_size=limit, max_headers=limit,
        )  # fmt: skip

    def __call__(self) -> Protocol:
        """The protocol of a new connection."""
        return Protocol(self, loop=asyncio.get_running_loop(), **self._kwargs)
