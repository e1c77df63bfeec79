"""Addresses that traffic may be sent to. Follows validateNonSpecialIP of pkg/apis/core/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.names import parse_ip

MALFORMED = "must be a valid IP address"


def not_special(text: str, path: Path) -> Iterator[FieldError]:
    """Yield an error for an address that means the host itself or only its own link."""
    data = parse_ip(text)
    if data is None:
        yield invalid(path, text, MALFORMED)
        return
    for is_special, why in SPECIAL:
        if is_special(data):
            yield invalid(path, text, why)


def _unspecified(data: bytes) -> bool:
    return not any(data)


def _loopback(data: bytes) -> bool:
    return data[0] == 127 if len(data) == 4 else data == bytes(15) + b"\x01"


def _link_local(data: bytes) -> bool:
    return data[:2] == b"\xa9\xfe" if len(data) == 4 else data[0] == 0xFE and data[1] & 0xC0 == 0x80


def _link_local_multicast(data: bytes) -> bool:
    return data[:3] == b"\xe0\x00\x00" if len(data) == 4 else data[0] == 0xFF and data[1] & 0x0F == 0x02


SPECIAL = (
    (_unspecified, "may not be unspecified (0.0.0.0)"),
    (_loopback, "may not be in the loopback range (127.0.0.0/8)"),
    (_link_local, "may not be in the link-local range (169.254.0.0/16)"),
    (_link_local_multicast, "may not be in the link-local multicast range (224.0.0.0/24)"),
)
