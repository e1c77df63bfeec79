"""HTTP/1.1 as aiohttp reads it, and methods besides: Go's server takes any token for a method, and the chain judges it.

aiohttp's parser refuses what it does not know with a 400 of its own. A request line with such a method is therefore
read under a name that the parser knows, and the request gets its own back.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aiohttp import hdrs
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_server import Server as BaseServer

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP/1\.[01]\r\n")
STAND_IN = "PROPFIND"
"""Known to the parser, and to nobody behind it."""


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
        if message.method == STAND_IN and self._method:
            message = message._replace(method=self._method)
        return BaseRequest(message, body, self, writer, task, task.get_loop())


def make_request(
    message: RawRequestMessage, body: StreamReader, protocol: RequestHandler, writer: Any, task: asyncio.Task[None]
) -> BaseRequest:
    """aiohttp's request factory."""
    assert isinstance(protocol, Protocol)
    return protocol.request(message, body, writer, task)


class Server(BaseServer):
    """Makes the connections' protocols."""

    def __init__(self, handler: Any) -> None:
        super().__init__(handler, request_factory=make_request, handler_cancellation=True)

    def __call__(self) -> Protocol:
        """The protocol of a new connection."""
        return Protocol(self, loop=asyncio.get_running_loop())
