"""What config maps and secrets share: data under keys that become file names, and that may be frozen."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid
from fakekube.machinery.names import config_map_key
from fakekube.machinery.objects import Object

MAX_SIZE = 1024 * 1024
FROZEN = "field is immutable when `immutable` is set"


def validate_keys(keys: Iterable[str], path: Path) -> Iterator[FieldError]:
    """Yield the keys that cannot be file names."""
    for key in keys:
        yield from (invalid(path @ key, key, wrong) for wrong in config_map_key(key))


def bytes_of(text: str) -> bytes:
    """The bytes that base64 text of a stored object stands for."""
    return base64.b64decode(text)


def byte_count(text: str) -> int:
    """How many bytes base64 text stands for."""
    return len(text) // 4 * 3 - text[-2:].count("=")


def validate_frozen(new: Object, old: Object, names: tuple[str, ...]) -> Iterator[FieldError]:
    """Yield the changes of an object that was marked as immutable; the mark stays too."""
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden(Path("immutable"), FROZEN)
    for name in names:
        if new.get(name) != old.get(name):
            yield forbidden(Path(name), FROZEN)
