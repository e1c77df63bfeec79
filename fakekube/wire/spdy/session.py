"""The streams of one SPDY connection, of either side: bytes in, events out; what is to be sent is `pending`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from fakekube.wire.spdy.frames import (
    Data,
    Decoder,
    Encoder,
    Frame,
    GoAway,
    Headers,
    Ping,
    Reset,
    RstStream,
    SynReply,
    SynStream,
)

STREAMS_LIMIT = 2000
"""Streams that a peer may have open at a time."""


class Opened(Struct, frozen=True):
    """The peer wants a stream: `accept` or `reset` it."""

    stream: int
    headers: Headers


class Accepted(Struct, frozen=True):
    """The peer has taken a stream of ours."""

    stream: int


class Arrived(Struct, frozen=True):
    """Bytes of a stream."""

    stream: int
    data: bytes


class Finished(Struct, frozen=True):
    """The peer will send no more on this stream."""

    stream: int


class WasReset(Struct, frozen=True):
    """The peer wants nothing more of this stream."""

    stream: int
    status: int


class GoneAway(Struct, frozen=True):
    """The peer opens no more streams."""


Event = Opened | Accepted | Arrived | Finished | WasReset | GoneAway


class _Stream(Struct):
    """Which directions are still open."""

    sends: bool = True
    receives: bool = True


class Session(Struct):
    """One side of a connection. A server's own streams and pings have even numbers, a client's odd ones."""

    server: bool
    _decoder: Decoder = field(default_factory=Decoder)
    _encoder: Encoder = field(default_factory=Encoder)
    _streams: dict[int, _Stream] = field(default_factory=dict)
    _out: bytearray = field(default_factory=bytearray)
    _highest: int = 0
    _own: int = 0
    _leaving: bool = False

    def receive(self, data: bytes) -> Iterator[Event]:
        """What these bytes say. Raises ProtocolError while it is iterated; then the connection is over."""
        for frame in self._decoder.receive(data):
            yield from self._event(frame)

    def pending(self) -> bytes:
        """The bytes to send now."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def open(self, headers: Headers) -> int:
        """Open a stream and give its number."""
        self._own += 2 if self._own else (2 if self.server else 1)
        self._streams[self._own] = _Stream()
        self._send(SynStream(self._own, headers))
        return self._own

    def accept(self, stream: int) -> None:
        """Take a stream that the peer opened."""
        self._send(SynReply(stream, {}))

    def send(self, stream: int, data: bytes, fin: bool = False) -> bool:
        """Send bytes, and with `fin` no more after them. False if nobody takes them any more."""
        state = self._streams.get(stream)
        if state is None or not state.sends:
            return False
        self._send(Data(stream, data, fin))
        if fin:
            state.sends = False
            self._forget(stream, state)
        return True

    def reset(self, stream: int, status: int = Reset.CANCEL) -> None:
        """End a stream in both directions."""
        if self._streams.pop(stream, None) is not None:
            self._send(RstStream(stream, status))

    def leave(self) -> None:
        """End all streams and say goodbye, in spdystream's order."""
        for stream in list(self._streams):
            self.reset(stream)
        if not self._leaving:
            self._leaving = True
            self._send(GoAway(self._highest))

    def _send(self, frame: Frame) -> None:
        self._out += self._encoder.encode(frame)

    def _forget(self, stream: int, state: _Stream) -> None:
        if not state.sends and not state.receives:
            self._streams.pop(stream, None)

    def _event(self, frame: Frame) -> Iterator[Event]:
        match frame:
            case SynStream():
                yield from self._opened(frame)
            case SynReply(stream, _, fin):
                if stream in self._streams:
                    yield Accepted(stream)
                    yield from self._ended(stream, fin)
            case Data(stream, data, fin):
                state = self._streams.get(stream)
                if state is not None and state.receives:
                    if data:
                        yield Arrived(stream, data)
                    yield from self._ended(stream, fin)
            case RstStream(stream, status):
                if self._streams.pop(stream, None) is not None:
                    yield WasReset(stream, status)
            case Ping(id_):
                if (id_ % 2 == 1) == self.server:
                    self._send(Ping(id_))
            case GoAway():
                yield GoneAway()

    def _opened(self, frame: SynStream) -> Iterator[Event]:
        wrong_side = (frame.stream % 2 == 1) != self.server
        if self._leaving or wrong_side or frame.stream <= self._highest:
            self._send(RstStream(frame.stream, Reset.PROTOCOL_ERROR))
            return
        self._highest = frame.stream
        if len(self._streams) >= STREAMS_LIMIT:
            self._send(RstStream(frame.stream, Reset.REFUSED_STREAM))
            return
        self._streams[frame.stream] = _Stream(sends=not frame.unidirectional)
        yield Opened(frame.stream, frame.headers)
        yield from self._ended(frame.stream, frame.fin)

    def _ended(self, stream: int, fin: bool) -> Iterator[Event]:
        state = self._streams.get(stream)
        if not fin or state is None or not state.receives:
            return
        state.receives = False
        self._forget(stream, state)
        yield Finished(stream)
