"""Reading request headers as Go's net/http would: repeated ones, and families of them with one prefix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


TOTAL, ITEM = 4096, 256
"""Characters of warnings in one answer, and of one of them once there are more."""


def warning_values(texts: Iterable[str]) -> list[str]:
    """Values of Warning headers: each text once, all of them cut where they are too long together.

    Follows the recorder of apiserver's endpoints/filters/warning.go.
    """
    shown = [text for text in dict.fromkeys(texts) if text and not any(map(_is_control, text))]
    if sum(map(len, shown)) <= TOTAL:
        return [_warning(text) for text in shown]
    found, written = [], 0
    for text in shown:
        if written >= TOTAL:
            break
        found.append(_warning(text[:ITEM]))
        written += min(len(text), ITEM)
    return found


def _is_control(char: str) -> bool:
    return char < " " or "\x7f" <= char < "\xa0"


def _warning(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'
