"""PEM as Go's encoding/pem reads it, and what Go says of DER that it cannot read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from msgspec import Struct

_BLOCK = re.compile(rb"(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n(.*?)\n?-----END \1-----[ \t\r]*(?=\n|$)", re.DOTALL)
_SEQUENCE = 0x30
_PARAMETERS = (
    "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 "
    "timeType:0 set:false omitEmpty:false}"
)


class Block(Struct, frozen=True):
    """One block of a PEM document."""

    type: str
    data: bytes
    headers: bool
    """Whether there are lines like "Proc-Type: 4,ENCRYPTED" in it."""


def blocks(document: bytes) -> Iterator[Block]:
    """The blocks in order; what is no block, or not base64, is passed over."""
    for match in _BLOCK.finditer(document):
        lines = match[2].splitlines()
        headers = 0
        while headers < len(lines) and b":" in lines[headers]:
            headers += 1
        try:
            data = base64.b64decode(b"".join(b"".join(lines[headers:]).split()), validate=True)
        except binascii.Error:
            continue
        yield Block(match[1].decode("utf-8", "replace"), data, headers > 0)


def der_error(data: bytes, what: str) -> str:
    """Why Go's encoding/asn1 would not read `data` as that structure."""
    if not data:
        return "asn1: syntax error: sequence truncated"
    length, offset = _length(data)
    if length is None:
        return "asn1: structure error: length too large"
    if data[0] != _SEQUENCE:
        tag = f"class:{data[0] >> 6} tag:{data[0] & 31} length:{length} isCompound:{str(bool(data[0] & 32)).lower()}"
        return f"asn1: structure error: tags don't match (16 vs {{{tag}}}) {_PARAMETERS} {what} @{offset}"
    if offset + length != len(data):
        return f"asn1: syntax error: {'data truncated' if offset + length > len(data) else 'trailing data'}"
    return f"asn1: structure error: {what} @{offset}"


def _length(data: bytes) -> tuple[int | None, int]:
    """The content's length (None: unreadable) and where it begins."""
    if len(data) < 2:
        return None, 0
    if data[1] < 0x80:
        return data[1], 2
    size = data[1] & 0x7F
    if size == 0 or size > 4 or len(data) < 2 + size:
        return None, 0
    return int.from_bytes(data[2 : 2 + size], "big"), 2 + size
