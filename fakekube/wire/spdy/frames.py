"""Frames of SPDY/3.1: bytes in, frames out, and back.

A Decoder takes bytes as they come; a frame of data is handed on in pieces, so that nothing larger than a control frame
is ever held. Everything a peer can make large has a limit.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from struct import error, pack, unpack_from

from msgspec import Struct

from fakekube.wire.spdy.dictionary import dictionary

VERSION = 3
CONTROL_LIMIT = 64 * 1024
"""Bytes of a control frame."""
HEADERS_LIMIT = 64 * 1024
"""Bytes of a header block when it is inflated."""
DATA_LIMIT = (1 << 24) - 1
"""Bytes of a data frame, as its length field allows."""
FIN = 0x01
UNIDIRECTIONAL = 0x02
STREAM_MASK = 0x7FFFFFFF
HEAD = struct.Struct(">II")

Headers = Mapping[str, str]
"""Names are lower-case; several values of one are joined by NUL."""


class ProtocolError(Exception):
    """The peer sent what no frame can be: the connection is over."""


class Type(IntEnum):
    """Of control frames."""

    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    HEADERS = 8
    WINDOW_UPDATE = 9


class Reset(IntEnum):
    """Why a stream is reset."""

    PROTOCOL_ERROR = 1
    INVALID_STREAM = 2
    REFUSED_STREAM = 3
    CANCEL = 5
    INTERNAL_ERROR = 6


class SynStream(Struct, frozen=True):
    """The peer opens a stream."""

    stream: int
    headers: Headers
    fin: bool = False
    unidirectional: bool = False
    associated: int = 0
    priority: int = 0


class SynReply(Struct, frozen=True):
    """The peer has taken a stream."""

    stream: int
    headers: Headers
    fin: bool = False


class MoreHeaders(Struct, frozen=True):
    """Headers that come later."""

    stream: int
    headers: Headers
    fin: bool = False


class RstStream(Struct, frozen=True):
    """The stream is over in both directions."""

    stream: int
    status: int


class Ping(Struct, frozen=True):
    """To be sent back as it is."""

    id: int


class GoAway(Struct, frozen=True):
    """No more streams."""

    last: int
    status: int = 0


class Ignored(Struct, frozen=True):
    """A frame that means nothing to us: settings, windows."""

    type: int


class Data(Struct, frozen=True):
    """Bytes of a stream, or a piece of such a frame; `fin` is on the last one."""

    stream: int
    data: bytes
    fin: bool = False


Frame = SynStream | SynReply | MoreHeaders | RstStream | Ping | GoAway | Ignored | Data


class Decoder:
    """One direction of a connection; the header compression has a state, so there is no skipping."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(zdict=dictionary())
        self._stream = 0
        self._missing = 0
        """Bytes of the data frame at hand that have not come yet."""
        self._fin = False

    def receive(self, data: bytes) -> Iterator[Frame]:
        """The frames that these bytes complete. Raises ProtocolError while it is iterated."""
        self._buffer += data
        while True:
            frame = self._piece() if self._missing else self._next()
            if frame is None:
                return
            yield frame

    def _piece(self) -> Data | None:
        if not self._buffer:
            return None
        piece = bytes(self._buffer[: self._missing])
        del self._buffer[: self._missing]
        self._missing -= len(piece)
        return Data(self._stream, piece, self._fin and not self._missing)

    def _next(self) -> Frame | None:
        if len(self._buffer) < HEAD.size:
            return None
        first, second = HEAD.unpack_from(self._buffer)
        flags, length = second >> 24, second & 0xFFFFFF
        if not first >> 31:
            return self._begin_data(first, flags, length)
        if length > CONTROL_LIMIT:
            raise ProtocolError("control frame too large")
        if len(self._buffer) < HEAD.size + length:
            return None
        payload = bytes(self._buffer[HEAD.size : HEAD.size + length])
        del self._buffer[: HEAD.size + length]
        try:
            return self._control(first & 0xFFFF, flags, payload)
        except error:
            raise ProtocolError("control frame too short") from None

    def _begin_data(self, stream: int, flags: int, length: int) -> Data | None:
        if stream == 0:
            raise ProtocolError("stream id zero is disallowed")
        del self._buffer[: HEAD.size]
        self._stream, self._missing, self._fin = stream, length, bool(flags & FIN)
        return self._piece() if length else Data(stream, b"", self._fin)

    def _control(self, type_: int, flags: int, payload: bytes) -> Frame:
        match type_:
            case Type.SYN_STREAM:
                stream, associated, priority = unpack_from(">IIBx", payload)
                headers = self._headers(payload[10:])
                fin, one_way = bool(flags & FIN), bool(flags & UNIDIRECTIONAL)
                return SynStream(_valid(stream), headers, fin, one_way, associated & STREAM_MASK, priority >> 5)
            case Type.SYN_REPLY:
                (stream,) = unpack_from(">I", payload)
                return SynReply(_valid(stream), self._headers(payload[4:]), bool(flags & FIN))
            case Type.HEADERS:
                (stream,) = unpack_from(">I", payload)
                return MoreHeaders(_valid(stream), self._headers(payload[4:]), bool(flags & FIN))
            case Type.RST_STREAM:
                stream, status = unpack_from(">II", payload)
                return RstStream(_valid(stream), status)
            case Type.PING:
                (id_,) = unpack_from(">I", payload)
                return Ping(_valid(id_, 0xFFFFFFFF))
            case Type.GOAWAY:
                last, status = unpack_from(">II", payload)
                return GoAway(last & STREAM_MASK, status)
            case Type.SETTINGS | Type.WINDOW_UPDATE:
                return Ignored(type_)
        raise ProtocolError("unknown frame type")

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, HEADERS_LIMIT)
        except zlib.error as problem:
            raise ProtocolError(f"header block: {problem}") from None
        if self._inflate.unconsumed_tail or self._inflate.unused_data:
            raise ProtocolError("header block too large")
        return parse_headers(plain)


def _valid(stream: int, mask: int = STREAM_MASK) -> int:
    if not stream & mask:
        raise ProtocolError("stream id zero is disallowed")
    return stream & mask


def parse_headers(plain: bytes) -> dict[str, str]:
    """An inflated header block. Raises ProtocolError, also for names that are not lower-case or come twice."""
    headers: dict[str, str] = {}
    try:
        (count,) = unpack_from(">I", plain)
        offset = 4
        for _ in range(count):
            name, offset = _text(plain, offset)
            value, offset = _text(plain, offset)
            if name != name.lower() or name in headers:
                raise ProtocolError("bad header name")
            headers[name] = value
    except error:
        raise ProtocolError("header block too short") from None
    return headers


def _text(plain: bytes, offset: int) -> tuple[str, int]:
    (length,) = unpack_from(">I", plain, offset)
    end = offset + 4 + length
    if end > len(plain):
        raise ProtocolError("header block too short")
    return plain[offset + 4 : end].decode("latin-1"), end


class Encoder:
    """The other direction."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zdict=dictionary())

    def encode(self, frame: Frame) -> bytes:
        """The bytes of a frame; a Data may be of any length and becomes as many frames as it needs."""
        match frame:
            case SynStream():
                flags = FIN * frame.fin | UNIDIRECTIONAL * frame.unidirectional
                head = pack(">IIBx", frame.stream, frame.associated, frame.priority << 5)
                return _control_frame(Type.SYN_STREAM, flags, head + self._headers(frame.headers))
            case SynReply():
                return self._with_headers(Type.SYN_REPLY, frame)
            case MoreHeaders():
                return self._with_headers(Type.HEADERS, frame)
            case RstStream():
                return _control_frame(Type.RST_STREAM, 0, pack(">II", frame.stream, frame.status))
            case Ping():
                return _control_frame(Type.PING, 0, pack(">I", frame.id))
            case GoAway():
                return _control_frame(Type.GOAWAY, 0, pack(">II", frame.last, frame.status))
            case Data():
                return _data_frames(frame)
            case Ignored():
                raise ValueError("nothing to send")

    def _with_headers(self, type_: Type, frame: SynReply | MoreHeaders) -> bytes:
        return _control_frame(type_, FIN * frame.fin, pack(">I", frame.stream) + self._headers(frame.headers))

    def _headers(self, headers: Headers) -> bytes:
        parts = [pack(">I", len(headers))]
        for name, value in headers.items():
            for text in (name.lower().encode("latin-1"), value.encode("latin-1", "replace")):
                parts += [pack(">I", len(text)), text]
        return self._deflate.compress(b"".join(parts)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)


def _control_frame(type_: Type, flags: int, payload: bytes) -> bytes:
    return HEAD.pack(1 << 31 | VERSION << 16 | type_, flags << 24 | len(payload)) + payload


def _data_frames(frame: Data) -> bytes:
    pieces = [frame.data[at : at + DATA_LIMIT] for at in range(0, len(frame.data), DATA_LIMIT)] or [b""]
    out = bytearray()
    for number, piece in enumerate(pieces, 1):
        fin = FIN if frame.fin and number == len(pieces) else 0
        out += HEAD.pack(frame.stream, fin << 24 | len(piece)) + piece
    return bytes(out)
