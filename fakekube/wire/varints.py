"""The numbers and the frame of protobuf's fields, as both writers of the format need them."""

from __future__ import annotations

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
"""Wire types: the low bits of a field's tag."""


def varint(number: int) -> bytes:
    """A base 128 number, the low bits first; a negative one is 64 bits of two's complement."""
    number &= (1 << 64) - 1
    if number < len(SMALL):
        return SMALL[number]
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


SMALL = tuple(bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7)) for n in range(1024))
"""The numbers that tags and lengths mostly are."""


def tagged(number: int, payload: bytes) -> bytes:
    """A length-delimited field: a string or a message."""
    size = len(payload)
    return varint(number << 3 | DELIMITED) + (SMALL[size] if size < len(SMALL) else varint(size)) + payload
