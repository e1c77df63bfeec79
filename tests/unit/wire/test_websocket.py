"""WebSocket frames and channel sub-protocols."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.wire.channels import PORT_FORWARD, REMOTE_COMMAND, Channels, negotiate
from fakekube.wire.websocket import Decoder, Message, Opcode, ProtocolError, accept_key, close_frame, frame

MASK = b"\x01\x02\x03\x04"


def test_accept_key_of_the_rfc():
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.binary(max_size=300)), max_size=5), st.integers(1, 40))
def test_frames_survive_any_cut(messages, size):
    wire = b"".join(frame(opcode, payload, MASK) for opcode, payload in messages)
    decoder = Decoder()
    got = [message for at in range(0, len(wire), size) for message in decoder.receive(wire[at : at + size])]
    assert got == [Message(opcode, payload) for opcode, payload in messages]


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_lengths(size):
    payload = bytes(size)
    assert list(Decoder(server=False).receive(frame(2, payload))) == [Message(2, payload)]


@given(st.binary(max_size=200))
def test_noise_is_a_protocol_error_or_nothing(noise):
    with suppress(ProtocolError):
        assert all(len(message.payload) < len(noise) for message in Decoder().receive(noise))


@pytest.mark.parametrize(
    "wire",
    [
        frame(Opcode.BINARY, b"x"),
        bytes([0x82, 0xFF]) + (1 << 40).to_bytes(8, "big") + MASK,
        bytes([0x89, 0xFE, 0x00, 0xFF]) + MASK,
    ],
    ids=["unmasked", "huge", "long ping"],
)
def test_refused(wire):
    with pytest.raises(ProtocolError):
        list(Decoder().receive(wire))


def test_close_frame():
    assert close_frame() == b"\x88\x02\x03\xe8"


@pytest.mark.parametrize(
    ("protocol", "data", "message"),
    [
        ("", b"foo\n", (Opcode.BINARY, b"\x01foo\n")),
        ("v4.channel.k8s.io", b"", (Opcode.BINARY, b"\x01")),
        ("base64.channel.k8s.io", b"foo\n", (Opcode.TEXT, b"1Zm9vCg==")),
    ],
)
def test_channels(protocol, data, message):
    channels = Channels(protocol)
    assert channels.encode(1, data) == message
    assert channels.decode(message[1]) == (1, data)


@pytest.mark.parametrize(("protocol", "payload"), [("", b""), ("base64.channel.k8s.io", b"1###")])
def test_messages_without_meaning(protocol, payload):
    assert Channels(protocol).decode(payload) is None


@pytest.mark.parametrize(
    ("offered", "supported", "chosen"),
    [
        ([], REMOTE_COMMAND, ""),
        (["v5.channel.k8s.io"], REMOTE_COMMAND, None),
        (["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"], REMOTE_COMMAND, "v4.channel.k8s.io"),
        (["SPDY/3.1+portforward.k8s.io"], PORT_FORWARD, None),
        (["channel.k8s.io"], PORT_FORWARD, None),
    ],
)
def test_negotiation(offered, supported, chosen):
    assert negotiate(offered, supported) == chosen
