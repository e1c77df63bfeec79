"""Reading request headers as Go's net/http would: repeated ones, and families of them with one prefix."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

_HEX = frozenset("0123456789abcdefABCDEF")


def values(headers: Mapping[str, str], name: str) -> list[str]:
    """All values of a header, in order; of any mapping, through multidict's getall where it has that."""
    get_all = getattr(headers, "getall", None)
    if get_all is not None:
        return list(get_all(name, ()))
    return [value for key, value in headers.items() if key.lower() == name.lower()]


def extras(headers: Mapping[str, str], prefix: str) -> dict[str, tuple[str, ...]]:
    """Keys -> values of all headers whose name is the prefix and a key; keys in small letters, percent-decoded."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in headers.items():
        if name.lower().startswith(prefix.lower()):
            key = unescape(name[len(prefix) :].lower())
            found[key] = (*found.get(key, ()), value)
    return found


def unescape(key: str) -> str:
    """Percent-decode; a key that is not well-formed stays as it is."""
    if any(len(part) < 2 or not _HEX.issuperset(part[:2]) for part in key.split("%")[1:]):
        return key
    return unquote_to_bytes(key).decode(errors="replace")
