"""Content-Type headers as Go reads them. Follows ParseMediaType of Go's package mime."""

from __future__ import annotations

import re

_WORD = r"[!#-'*+\-.0-9A-Z^-~]+"
_NAME = re.compile(f"{_WORD}(/{_WORD})?")
_PARAMETER = re.compile(rf'\s*;\s*({_WORD})\s*=\s*({_WORD}|"(?:\\[()<>@,;:\\"/\[\]?=]|[^"\r\n])*")')
_END = re.compile(r"\s*;?\s*")


def media_type(header: str) -> str:
    """The media type in small letters; "" where the header, its parameters included, is not well-formed."""
    name, semicolon, parameters = header.partition(";")
    name, rest = name.strip().lower(), semicolon + parameters
    if not _NAME.fullmatch(name):
        return ""
    seen: set[str] = set()
    while (match := _PARAMETER.match(rest)) is not None:
        key = match[1].lower()
        if key in seen:
            return ""
        seen.add(key)
        rest = rest[match.end() :]
    return name if _END.fullmatch(rest) else ""
