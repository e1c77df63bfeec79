"""Trees of text and their lines: what fits on one line stands on one, the rest is indented, keys and values aligned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

REMOVED, INSERTED, COMMON = "-", "+", " "
COLUMNS = 80
ELLIPSIS = "..."


class Stats(Struct, frozen=True):
    """How many records were left out, or are in a group of equal or of unequal ones."""

    name: str = ""
    identical: int = 0
    removed: int = 0
    inserted: int = 0
    modified: int = 0

    @property
    def different(self) -> int:
        """Those that differ."""
        return self.removed + self.inserted + self.modified

    def __add__(self, other: Stats) -> Stats:
        return Stats(
            self.name or other.name,
            self.identical + other.identical,
            self.removed + other.removed,
            self.inserted + other.inserted,
            self.modified + other.modified,
        )

    def __bool__(self) -> bool:
        return bool(self.identical or self.different)

    def __str__(self) -> str:
        named = {name: getattr(self, name) for name in ("identical", "removed", "inserted", "modified")}
        parts = [f"{count} {name}" for name, count in named.items() if count]
        joined = " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
        return f"{joined} {_plural(self.name, sum(named.values()))}"


def _plural(name: str, count: int) -> str:
    if count < 2:
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


class Record(Struct):
    """An element of a list of text."""

    value: Text
    key: str = ""
    mark: str = ""
    comma: bool = True
    comment: Stats | None = None


class Wrap(Struct):
    """Text between a prefix and a suffix."""

    prefix: str
    value: Text
    suffix: str = ""


class Lines(Struct):
    """Records separated by commas."""

    records: list[Record] = field(default_factory=list)

    def leave_out(self, stats: Stats | None = None) -> None:
        """End with an ellipsis, together with one that stands there already."""
        if not self.records or self.records[-1].value != ELLIPSIS:
            self.records.append(Record(ELLIPSIS, comma=False, comment=stats or None))
        elif stats:
            self.records[-1].comment = (self.records[-1].comment or Stats()) + stats


Text = str | Wrap | Lines
"""A str is a single line."""


def width(text: Text) -> int:
    """The bytes that the text takes on one line."""
    if isinstance(text, str):
        return len(text.encode())
    if isinstance(text, Wrap):
        return len((text.prefix + text.suffix).encode()) + width(text.value)
    keys = sum(len(record.key.encode()) + 2 for record in text.records if record.key)
    return keys + sum(width(record.value) for record in text.records) + 2 * max(len(text.records) - 1, 0)


def render(text: Text) -> str:
    """The whole text, indented, with a newline at the end."""
    return f"  {expanded(compacted(text, ''), '', 0)}\n"


def compacted(text: Text, mark: str) -> Text:
    """The tree with every part that may stand on one line as a str."""
    if isinstance(text, str):
        return text
    if isinstance(text, Wrap):
        inner = compacted(text.value, mark)
        done = isinstance(inner, str)
        return f"{text.prefix}{inner}{text.suffix}" if done else Wrap(text.prefix, inner, text.suffix)
    records = [replace(one, value=compacted(one.value, mark or one.mark)) for one in text.records]
    if any(one.mark in (REMOVED, INSERTED) or one.comment or not isinstance(one.value, str) for one in records):
        return Lines(records)
    line = ", ".join(f"{one.key}: {one.value}" if one.key else str(one.value) for one in records)
    too_long = mark in (REMOVED, INSERTED) and len(line.encode()) > COLUMNS
    return Lines(records) if too_long else line


def expanded(text: Text, mark: str, depth: int) -> str:
    """The text on as many lines as it needs; the first one is not indented."""
    if isinstance(text, str):
        return text
    if isinstance(text, Wrap):
        return text.prefix + expanded(text.value, mark, depth) + text.suffix
    if text.records and all(_bare(one) for one in text.records):
        return _batches([str(one.value) for one in text.records], mark, depth)
    return _records(text.records, mark, depth)


def _indent(mark: str, depth: int) -> str:
    return f"\n{mark if mark in (REMOVED, INSERTED) else ' '} " + "\t" * depth


def _bare(one: Record) -> bool:
    return not one.mark and not one.key and isinstance(one.value, str) and one.comment is None


def _batches(values: Sequence[str], mark: str, depth: int) -> str:
    out, batch = "", ""
    for value in values:
        if batch and len(f"{batch}{value}, ".encode()) > COLUMNS:
            out += _indent(mark, depth + 1) + batch.rstrip(" ")
            batch = ""
        batch += f"{value}, "
    return out + _indent(mark, depth + 1) + batch.rstrip(" ") + _indent(mark, depth)


def _records(records: Sequence[Record], mark: str, depth: int) -> str:
    keys = _padding(records, lambda one: not one.key or not isinstance(one.value, str), lambda one: len(one.key))
    values = _padding(
        records,
        lambda one: not isinstance(one.value, str) or one.value == ELLIPSIS or one.comment is None,
        lambda one: len(str(one.value)),
    )
    out = ""
    for one, after_key, after_value in zip(records, keys, values, strict=True):
        own = mark or one.mark
        out += _indent(own, depth + 1) + (f"{one.key}: " if one.key else "") + " " * after_key
        out += expanded(one.value, own, depth + 1) + ("," if one.comma else "") + " " * after_value
        out += f" // {one.comment}" if one.comment else ""
    return out + _indent(mark, depth)


def _padding(records: Sequence[Record], breaks: Callable[[Record], bool], length: Callable[[Record], int]) -> list[int]:
    """How many spaces align each record with its neighbours; a record that `breaks` ends a block."""
    padding = [0] * len(records)
    block: list[int] = []

    def close() -> None:
        longest = max((length(records[index]) for index in block), default=0)
        for index in block:
            padding[index] = longest - length(records[index])
        block.clear()

    for index, one in enumerate(records):
        if breaks(one):
            close()
        else:
            block.append(index)
    close()
    return padding
