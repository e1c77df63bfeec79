"""Kubernetes' WebSocket sub-protocols: every message begins with the number of its channel.

Follows apiserver's pkg/util/wsstream: "channel.k8s.io" is binary, "base64.channel.k8s.io" is text with the channel as a
digit; "v4." before them only changes how errors are written.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence

from msgspec import Struct

from fakekube.wire.websocket import Opcode

BINARY = "channel.k8s.io"
BASE64 = "base64.channel.k8s.io"
REMOTE_COMMAND = ("", BINARY, BASE64, f"v4.{BINARY}", f"v4.{BASE64}")
"""What exec and attach of v1.20 speak; "" is a client that names none."""
PORT_FORWARD = ("", f"v4.{BINARY}", f"v4.{BASE64}")


class Channels(Struct, frozen=True):
    """The channel codec of one connection."""

    protocol: str

    @property
    def text(self) -> bool:
        """Whether messages are text."""
        return self.protocol.endswith(BASE64)

    @property
    def structured_errors(self) -> bool:
        """Whether the error channel carries a Status as JSON, or plain text."""
        return self.protocol.startswith("v4.")

    def encode(self, channel: int, data: bytes) -> tuple[Opcode, bytes]:
        """The message that carries `data`."""
        if self.text:
            return Opcode.TEXT, str(channel).encode() + base64.b64encode(data)
        return Opcode.BINARY, bytes([channel]) + data

    def decode(self, payload: bytes) -> tuple[int, bytes] | None:
        """(channel, data) of a message; None for one that is empty or no base64."""
        if not payload:
            return None
        if not self.text:
            return payload[0], payload[1:]
        try:
            return (payload[0] - ord("0")) % 256, base64.b64decode(payload[1:], validate=True)
        except (binascii.Error, ValueError):
            return None


def negotiate(offered: Sequence[str], supported: Iterable[str]) -> str | None:
    """The client's first protocol that we speak; None if there is none."""
    supported = tuple(supported)
    return next((protocol for protocol in offered or ("",) if protocol in supported), None)
