"""HTTP/1.1 without I/O: requests as a server reads them, answers as a client reads them, and how both are written.

For the traffic between simulated clients and servers; clients of the API server itself never come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from msgspec import Struct, field

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 16 * 1024 * 1024
BODILESS = (204, 304)
REASONS = {status.value: status.phrase for status in HTTPStatus}

Headers = Sequence[tuple[str, str]]


class ProtocolError(Exception):
    """Not HTTP, or too much of it."""


class Head(Struct, frozen=True):
    """The first line's three parts and the headers."""

    first: tuple[str, str, str]
    headers: Headers

    def header(self, name: str) -> str:
        """The first value of a header, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Reader(Struct):
    """One message at a time: feed it, then look at `head`, take `body` pieces, and see whether it is `done`."""

    response: bool
    method: str = "GET"
    """Of the request that a response answers: one to HEAD has no body."""
    head: Head | None = None
    done: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _missing: int | None = None
    """Bytes of the body, or of the chunk at hand; None: until the end of the connection."""
    _chunked: bool = False
    _size: int = 0
    _fed: bool = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes in, and give the piece of the body that they hold. Raises ProtocolError."""
        self._buffer += data
        self._fed = self._fed or bool(data)
        if self.head is None and not self._read_head():
            return b""
        body = b"" if self.done else self._read_chunks() if self._chunked else self._read_plain()
        self._size += len(body)
        if not self.response and self._size > BODY_LIMIT:
            raise ProtocolError("body too large")
        return body

    def end(self) -> None:
        """The connection has ended. Raises ProtocolError if the message has not."""
        if self.head is not None and self._missing is None and not self._chunked:
            self.done = True
        if not self.done:
            raise ProtocolError("unexpected end")

    @property
    def rest(self) -> bytes:
        """What came after the message."""
        return bytes(self._buffer) if self.done else b""

    @property
    def idle(self) -> bool:
        """Whether nothing has come yet."""
        return not self._fed

    def _read_head(self) -> bool:
        if not self.response and self._buffer and not chr(self._buffer[0]).isalpha():
            raise ProtocolError("bad first line")  # TLS, for example: its end would never come
        text, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            if len(self._buffer) > HEAD_LIMIT:
                raise ProtocolError("head too large")
            return False
        self._buffer[:] = rest
        head = parse_head(text, self.response)
        if self.response and head.first[1] == "100":
            return self._read_head()
        self.head = head
        self._measure(head)
        return True

    def _measure(self, head: Head) -> None:
        length = head.header("Content-Length")
        self._chunked = head.header("Transfer-Encoding").lower().endswith("chunked")
        if self.response and (self.method == "HEAD" or int(head.first[1]) in BODILESS):
            self._chunked, self._missing, self.done = False, 0, True
        elif self._chunked:
            self._missing = 0
        elif length:
            if not (length.isascii() and length.isdigit()):
                raise ProtocolError("bad Content-Length")
            self._missing = int(length)
        elif not self.response:
            self._missing = 0
        self.done = self.done or (self._missing == 0 and not self._chunked)

    def _read_plain(self) -> bytes:
        body = bytes(self._buffer if self._missing is None else self._buffer[: self._missing])
        del self._buffer[: len(body)]
        if self._missing is not None:
            self._missing -= len(body)
            self.done = self._missing == 0
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while not self.done:
            if not self._missing:
                if not self._next_chunk():
                    break
                continue
            piece = self._buffer[: self._missing]
            if not piece:
                break
            del self._buffer[: len(piece)]
            self._missing -= len(piece)
            body += piece
        return bytes(body)

    def _next_chunk(self) -> bool:
        if self._buffer[:2] == b"\r\n":
            del self._buffer[:2]
        line, found, _ = bytes(self._buffer[:1024]).partition(b"\r\n")
        if not found:
            if len(self._buffer) >= 1024:
                raise ProtocolError("bad chunk")
            return False
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise ProtocolError("bad chunk") from None
        if size == 0:
            return self._trailer(len(line) + 2)
        del self._buffer[: len(line) + 2]
        self._missing = size
        return True

    def _trailer(self, start: int) -> bool:
        if self._buffer[start : start + 2] == b"\r\n":
            del self._buffer[: start + 2]
            self.done = True
            return True
        end = self._buffer.find(b"\r\n\r\n", start)
        if end >= 0:
            del self._buffer[: end + 4]
            self.done = True
        return end >= 0


def parse_head(text: bytes, response: bool) -> Head:
    """The lines before a body. Raises ProtocolError."""
    lines = text.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    version = parts[0] if response else parts[-1]
    if len(parts) < 2 or not version.startswith("HTTP/"):
        raise ProtocolError("bad first line")
    if response and not (len(parts[1]) == 3 and parts[1].isascii() and parts[1].isdigit()):
        raise ProtocolError("bad status")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ProtocolError("bad header")
        headers.append((name.strip(), value.strip()))
    return Head((parts[0], parts[1], parts[2] if len(parts) > 2 else ""), headers)


def request(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """A request as it is sent; Content-Length is the caller's."""
    return _message(f"{method} {target} HTTP/1.1", headers) + body


def answer(status: int, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """An answer as it is sent; Content-Length is the caller's."""
    return _message(f"HTTP/1.1 {status} {REASONS.get(status, 'status code ' + str(status))}", headers) + body


def _message(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    clean = (line.replace("\r", " ").replace("\n", " ") for line in lines)
    return ("\r\n".join(clean) + "\r\n\r\n").encode("latin-1", "replace")
