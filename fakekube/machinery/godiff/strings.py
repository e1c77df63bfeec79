"""Strings in a report: quoted, shortened, or line by line."""

from __future__ import annotations

import sys

from fakekube.machinery.godiff.layout import ELLIPSIS, INSERTED, REMOVED, Lines, Record, Text, Wrap
from fakekube.machinery.goformat import quote

FENCE = '"""'


def quoted(text: str) -> str:
    """In double quotes, or in back quotes where that saves escapes."""
    plain = quote(text)
    if len(plain) == len(text) + 2:
        return plain
    raw = all(char.isprintable() or char == "\t" for char in text) and "`" not in text
    return f"`{text}`" if raw else plain


def string_text(text: str, limit: int, mode: str = "", prefix: str = "") -> Text:
    """The string, cut after `limit` bytes; several lines of a removed or inserted one stand below each other."""
    lines = text.removesuffix("\n").split("\n")
    if mode in (REMOVED, INSERTED) and len(lines) >= 4 and all(showable(line, limit) for line in lines):
        return _block(lines, limit // 8, mode, prefix)
    data = text.encode(errors="surrogatepass")
    if len(data) > limit + len(ELLIPSIS):
        return prefix + quoted(data[:limit].decode(errors="replace")) + ELLIPSIS
    return prefix + quoted(text)


def showable(line: str, limit: int = sys.maxsize) -> bool:
    """Whether the line can stand without quotes."""
    line = line.removesuffix("\r").removeprefix("\r")
    if line.startswith((FENCE, ELLIPSIS)) or len(line.encode(errors="surrogatepass")) > limit:
        return False
    return all(char.isprintable() or char == "\t" for char in line)


def _block(lines: list[str], limit: int, mode: str, prefix: str) -> Wrap:
    fence = Record(prefix + FENCE, mark=mode, comma=False)
    shown = [Record(line, mark=mode, comma=False) for line in lines[:limit]]
    if len(lines) > limit:
        shown[-1] = Record(f"{ELLIPSIS} // {len(lines) - limit + 1} elided lines", mark=mode, comma=False)
    return Wrap("(", Lines([fence, *shown, fence]), ")")
