"""WebSocket (RFC 6455) without I/O, as golang.org/x/net/websocket serves it: each frame is a message of its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from enum import IntEnum

from msgspec import Struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MESSAGE_LIMIT = 32 * 1024 * 1024
"""Bytes of one message, as x/net's DefaultMaxPayloadBytes."""
CONTROL_LIMIT = 125


class Opcode(IntEnum):
    """Of frames."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """Why a connection ends."""

    NORMAL = 1000
    PROTOCOL_ERROR = 1002


class ProtocolError(Exception):
    """The peer breaks the rules: close with `code`."""

    def __init__(self, text: str, code: int = CloseCode.PROTOCOL_ERROR) -> None:
        super().__init__(text)
        self.code = code


class Message(Struct, frozen=True):
    """One frame; control frames as well, which are answered by whoever reads them."""

    opcode: int
    payload: bytes


def accept_key(key: str) -> str:
    """Sec-WebSocket-Accept for a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key.encode("latin-1") + GUID).digest()).decode()  # noqa: S324  RFC 6455


def frame(opcode: int, payload: bytes, mask: bytes = b"") -> bytes:
    """A frame as a server sends it, or masked as a client has to."""
    size, flag = len(payload), 0x80 if mask else 0
    head = bytes([0x80 | opcode])
    if size <= 125:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([flag | 127]) + size.to_bytes(8, "big")
    return head + mask + (_masked(payload, mask) if mask else payload)


def close_frame(code: int = CloseCode.NORMAL) -> bytes:
    """The goodbye."""
    return frame(Opcode.CLOSE, code.to_bytes(2, "big"))


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


class Decoder:
    """What a peer sends. A server takes masked frames only, a client plain ones only."""

    def __init__(self, server: bool = True) -> None:
        self._server = server
        self._buffer = bytearray()

    def receive(self, data: bytes) -> Iterator[Message]:
        """The messages that these bytes complete. Raises ProtocolError while it is iterated."""
        self._buffer += data
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> Message | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        opcode, masked, length = buffer[0] & 0x0F, bool(buffer[1] & 0x80), buffer[1] & 0x7F
        extra = {126: 2, 127: 8}.get(length, 0)
        start = 2 + extra + (4 if masked else 0)
        if masked != self._server:
            raise ProtocolError("bad masking")
        if len(buffer) < start:
            return None
        if extra:
            length = int.from_bytes(buffer[2 : 2 + extra], "big") & (1 << 63) - 1
        if length > MESSAGE_LIMIT or (opcode >= Opcode.CLOSE and length > CONTROL_LIMIT):
            raise ProtocolError("frame too large")
        if len(buffer) < start + length:
            return None
        payload, mask = bytes(buffer[start : start + length]), bytes(buffer[start - 4 : start])
        del buffer[: start + length]
        return Message(opcode, _masked(payload, mask) if masked else payload)
