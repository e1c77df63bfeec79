"""SPDY: what one side sends the other understands, however it is cut; nonsense is refused and never hurts."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.wire.spdy.dictionary import dictionary
from fakekube.wire.spdy.frames import (
    Data,
    Decoder,
    Encoder,
    GoAway,
    MoreHeaders,
    Ping,
    ProtocolError,
    RstStream,
    SynReply,
    SynStream,
    parse_headers,
)
from fakekube.wire.spdy.session import (
    STREAMS_LIMIT,
    Accepted,
    Arrived,
    Finished,
    GoneAway,
    Opened,
    Session,
    WasReset,
)

NAMES = st.text(st.sampled_from("abcxyz-:"), min_size=1, max_size=12)
VALUES = st.text(st.characters(max_codepoint=255), max_size=40)
HEADERS = st.dictionaries(NAMES, VALUES, max_size=5)
IDS = st.integers(1, 2**31 - 1)
FRAMES = st.one_of(
    st.builds(SynStream, IDS, HEADERS, st.booleans(), st.booleans(), st.integers(0, 9), st.integers(0, 7)),
    st.builds(SynReply, IDS, HEADERS, st.booleans()),
    st.builds(MoreHeaders, IDS, HEADERS, st.booleans()),
    st.builds(RstStream, IDS, st.integers(1, 11)),
    st.builds(Ping, st.integers(1, 2**32 - 1)),
    st.builds(GoAway, IDS, st.integers(0, 2)),
    st.builds(Data, IDS, st.binary(max_size=300), st.booleans()),
)


def joined(frames):
    """Pieces of data frames put together."""
    result = []
    for frame in frames:
        last = result[-1] if result else None
        if isinstance(frame, Data) and isinstance(last, Data) and last.stream == frame.stream and not last.fin:
            result[-1] = Data(frame.stream, last.data + frame.data, frame.fin)
        else:
            result.append(frame)
    return result


def pump(client, server):
    """What each side makes of all that the other has to send."""
    seen = ([], [])
    while True:
        up, down = client.pending(), server.pending()
        if not up and not down:
            return seen
        seen[1].extend(server.receive(up))
        seen[0].extend(client.receive(down))


def test_dictionary_is_that_of_the_specification():
    assert (len(dictionary()), zlib.adler32(dictionary())) == (1423, 0xE3C6A7C2)


@given(st.lists(FRAMES, max_size=6), st.integers(1, 50))
def test_frames_survive_any_cut(frames, size):
    encoder, decoder = Encoder(), Decoder()
    wire = b"".join(encoder.encode(frame) for frame in frames)
    got = [frame for at in range(0, len(wire), size) for frame in decoder.receive(wire[at : at + size])]
    assert joined(got) == joined(frames)


@given(st.binary(max_size=400))
def test_noise_is_a_protocol_error_or_nothing(noise):
    session = Session(server=True)
    with suppress(ProtocolError):
        assert all(event.stream for event in session.receive(noise) if not isinstance(event, GoneAway))


@given(st.binary(max_size=100), st.integers(0, 60))
def test_a_damaged_frame_is_refused_cleanly(noise, at):
    wire = bytearray(Encoder().encode(SynStream(1, {"streamtype": "stdin"})))
    wire[at : at + len(noise)] = noise
    session = Session(server=True)
    with suppress(ProtocolError):
        assert all(event.stream for event in session.receive(bytes(wire)) if not isinstance(event, GoneAway))


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        ("80030001 00fffff0", "control frame too large"),
        ("80030005 00000000", "unknown frame type"),
        ("80030006 00000000", "control frame too short"),
        ("80030006 00000004 00000000", "stream id zero is disallowed"),
        ("00000000 00000001 61", "stream id zero is disallowed"),
        ("80030002 00000008 00000001 41414141", "header block"),
    ],
)
def test_malformed(wire, why):
    with pytest.raises(ProtocolError, match=why):
        list(Decoder().receive(bytes.fromhex(wire.replace(" ", ""))))


def test_a_header_block_cannot_explode():
    bomb = Encoder()._headers({"a": "x" * 1_000_000})
    with pytest.raises(ProtocolError, match="too large"):
        Decoder()._headers(bomb)


@pytest.mark.parametrize("plain", [b"", b"\0\0\0\1", b"\0\0\0\1\0\0\0\5abc", b"\xff\xff\xff\xff"])
def test_short_header_blocks(plain):
    with pytest.raises(ProtocolError):
        parse_headers(plain)


def test_a_stream_from_open_to_end():
    client, server = Session(server=False), Session(server=True)
    number = client.open({"streamtype": "stdin"})
    client.send(number, b"hello", fin=True)
    _, events = pump(client, server)
    assert events == [Opened(1, {"streamtype": "stdin"}), Arrived(1, b"hello"), Finished(1)]
    server.accept(1)
    assert server.send(1, b"bye", fin=True)
    assert pump(client, server)[0] == [Accepted(1), Arrived(1, b"bye"), Finished(1)]
    assert not server.send(1, b"more")


def test_reset_and_goodbye():
    client, server = Session(server=False), Session(server=True)
    first, second = client.open({}), client.open({})
    pump(client, server)
    client.reset(first)
    assert pump(client, server)[1] == [WasReset(first, 5)]
    server.leave()
    assert pump(client, server)[0] == [WasReset(second, 5), GoneAway()]


def test_pings_of_the_other_side_come_back():
    server = Session(server=True)
    list(server.receive(Encoder().encode(Ping(7)) + Encoder().encode(Ping(8))))
    assert list(Decoder().receive(server.pending())) == [Ping(7)]


def test_streams_are_numbered_upwards_and_bounded():
    encoder, server = Encoder(), Session(server=True)
    opened = list(server.receive(b"".join(encoder.encode(SynStream(n, {})) for n in (5, 3, 4))))
    assert opened == [Opened(5, {})]
    assert list(Decoder().receive(server.pending())) == [RstStream(3, 1), RstStream(4, 1)]
    many = b"".join(encoder.encode(SynStream(n, {})) for n in range(7, 7 + 2 * STREAMS_LIMIT, 2))
    assert len(list(server.receive(many))) == STREAMS_LIMIT - 1
