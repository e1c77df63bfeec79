"""The `ports` parameter of port forwarding."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.machinery import status


def ports_of(values: Sequence[str]) -> list[int]:
    """The `ports` parameter. Raises BadRequest (400)."""
    ports = []
    for text in values:
        for part in text.split(","):
            if not (part.isascii() and part.isdigit()):
                raise status.bad_request(_bad_port(part, "invalid syntax"))
            if int(part) > 65535:
                raise status.bad_request(_bad_port(part, "value out of range"))
            ports.append(int(part))
    return ports


def _bad_port(text: str, why: str) -> str:
    return f'cannot convert to []int32: strconv.ParseUint: parsing "{text}": {why}'
