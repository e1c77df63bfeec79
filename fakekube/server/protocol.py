"""HTTP/1.1 as aiohttp reads it, and methods besides: Go's server takes any token for a method, and the chain judges it.

aiohttp's parser refuses what it does not know with a 400 of its own. A request line with such a method is therefore
read under a name that the parser knows, and the request gets its own back.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from multidict import CIMultiDict, CIMultiDictProxy

from fakekube.server.reply import Reply

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP/1\.[01]\r\n")
STAND_IN = "PROPFIND"
"""Known to the parser, and to nobody behind it."""


MOST_HEADER_BYTES = 1 << 20
"""Of a line; Go's limit for all of them. Tokens of issuers that tell many groups are long."""
FAULTS = {
    "Invalid header token": "invalid header name",
    "Invalid header value char": "invalid header value",
    "Missing 'Host' header": "missing required Host header",
}
"""How the parser's complaint begins -> Go's words about it."""


class Protocol(RequestHandler):
    """One connection."""

    _method = ""
    """Of the request that is read under the other name."""
    _body: StreamReader | None = None
    """Of the last request."""

    def data_received(self, data: bytes) -> None:
        """Between requests, look at the method."""
        if self._body is None or self._body.is_eof():
            line = REQUEST_LINE.match(data)
            if line is not None and (method := line[1].decode()) not in hdrs.METH_ALL:
                self._method = method
                data = STAND_IN.encode() + data[line.end(1) :]
        super().data_received(data)

    def request(
        self, message: RawRequestMessage, body: StreamReader, writer: Any, task: asyncio.Task[None]
    ) -> BaseRequest:
        """The request with its own method."""
        self._body = body
        if not all(map(str.isascii, message.headers.values())):
            message = message._replace(headers=_readable(message.headers))
        if message.method == STAND_IN and self._method:
            message = message._replace(method=self._method)
        return BaseRequest(message, body, self, writer, task, task.get_loop())

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What Go's server answers to a request that it cannot read."""
        if not isinstance(exc, BadHttpMessage):
            return super().handle_error(request, status, exc, message)
        if isinstance(exc, LineTooLong):
            return _refusal(431, "Request Header Fields Too Large")
        why = next((words for beginning, words in FAULTS.items() if exc.message.startswith(beginning)), "")
        return _refusal(400, f"Bad Request: {why}" if why else "Bad Request")


def _refusal(code: int, reason: str) -> Reply:
    made = Reply(text=f"{code} {reason}", status=code, reason=reason)
    made.force_close()
    return made


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


class Server(web.Server):
    """Makes the connections' protocols."""

    def __init__(self, handler: Any) -> None:
        super().__init__(handler, request_factory=make_request, handler_cancellation=True)

    def __call__(self) -> Protocol:
        """The protocol of a new connection."""
        loop = asyncio.get_running_loop()
        return Protocol(self, loop=loop, max_line_size=MOST_HEADER_BYTES, max_field_size=MOST_HEADER_BYTES)
