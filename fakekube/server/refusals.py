"""What Go's HTTP server answers by itself, in front of every handler, to what it does not take for a request."""

from __future__ import annotations

import re
from asyncio import WriteTransport

from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import HttpVersion10, HttpVersion11
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse

HEAD_LIMIT = 1024 * 1024 + 4096
"""Bytes of a request's line and headers, as Go counts them."""
BAD = "400 Bad Request"
TOO_LARGE = "431 Request Header Fields Too Large"
WORDS = (
    ("Missing 'Host'", f"{BAD}: missing required Host header"),
    ("Invalid header token", f"{BAD}: invalid header name"),
    ("Invalid header value", f"{BAD}: invalid header value"),
    ("Got more than", TOO_LARGE),
    ("Too many headers", TOO_LARGE),
)
"""Part of the parser's complaint: the status line. All else is just bad."""
BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
HOST = re.compile(r"[A-Za-z0-9!$%&'()*+,.:;=_~\[\]-]*")
CONTINUE = "100-continue"


class Refusal(StreamResponse):
    """An answer that ends the connection; its text is its status line."""

    def __init__(self, line: str) -> None:
        super().__init__(status=int(line[:3]))
        self._line = line
        self.force_close()

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Write it."""
        if request.transport is not None:
            self.write_to(request.transport)
        self._eof_sent = True
        return None

    def write_to(self, transport: WriteTransport) -> None:
        """Write it where there is no request to answer."""
        head = f"HTTP/1.1 {self._line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        transport.write(f"{head}{self._line}".encode())


def worded(complaint: str) -> Refusal:
    """The refusal of what the parser complains about."""
    return Refusal(next((line for words, line in WORDS if words in complaint), BAD))


def refusal(request: BaseRequest) -> Refusal | None:
    """The refusal of what the parser takes and Go does not; None: it is a request."""
    version, headers = request.version, request.headers
    if version != HttpVersion11 and version != HttpVersion10:
        return Refusal("505 HTTP Version Not Supported: unsupported protocol version" if version.major > 1 else BAD)
    if BAD_ESCAPE.search(request.raw_path.partition("?")[0]):
        return Refusal(BAD)
    if not HOST.fullmatch(headers.get("Host", "")):
        return Refusal(f"{BAD}: malformed Host header")
    if headers.get("Expect", CONTINUE).lower() != CONTINUE:
        return Refusal("417 Expectation Failed")
    return None


def proceed(request: BaseRequest) -> None:
    """Tell a client that waits for that to send its body."""
    if "Expect" in request.headers and request.transport is not None and not request.content.is_eof():
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
