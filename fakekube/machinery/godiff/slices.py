"""Long strings and lists of numbers that differ: not as two values but piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from fakekube.machinery.godiff.compare import MISSING, Node
from fakekube.machinery.godiff.edits import Counts, Edit, edit_script
from fakekube.machinery.godiff.layout import INSERTED, REMOVED, Lines, Record, Stats
from fakekube.machinery.godiff.strings import FENCE, quoted, showable
from fakekube.machinery.godiff.values import Kind

MIN_LENGTH = 64
CONTEXT = 2

Make = Callable[[Any], str]


def can_format(node: Node) -> bool:
    """Whether the pair is a long string, or a list of numbers or booleans, on both sides."""
    if not node.different or node.x is MISSING or node.y is MISSING:
        return False
    if node.type.kind is Kind.STRING:
        return min(_bytes(node.x), _bytes(node.y)) >= MIN_LENGTH
    element = node.type.element
    if node.type.kind is not Kind.SLICE or element is None or element.kind not in (Kind.INT, Kind.BOOL):
        return False
    if not node.x or not node.y:
        return False
    return node.different > node.same or min(len(node.x), len(node.y)) >= MIN_LENGTH


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def format_strings(node: Node, limit: int) -> tuple[Lines, str, str, bool]:
    """The pieces, what stands before and after them, and whether the type may be named."""
    if node.type.kind is Kind.SLICE:
        element = node.type.element
        assert element is not None
        chunk, name = (16, "bool") if element.kind is Kind.BOOL else (8, element.name)

        def numbers(part: Sequence[Any]) -> str:
            return ", ".join(str(one).lower() for one in part)

        return _pieces(node.x, node.y, chunk, name, numbers, limit), "{", "}", True
    named = node.type.name != "string"
    if (node.x + node.y).count("\n") >= 4:
        x, y = node.x.split("\n"), node.y.split("\n")
        if (block := _fenced(_pieces(x, y, 1, "line", lambda part: str(part[0]), limit))) is not None:
            return block, "(", ")", named
        lines = _pieces(x, y, 1, "line", lambda part: quoted(part[0]), limit)
        return lines, "strings.Join({", '}, "\\n")', named
    lines = _pieces(_octets(node.x), _octets(node.y), 64, "byte", lambda part: quoted(_text(part)), limit)
    return lines, "strings.Join({", '}, "")', named


def _octets(text: str) -> str:
    """The text with a character for each of its bytes, which is what Go counts."""
    return text if text.isascii() else text.encode(errors="surrogatepass").decode("latin-1")


def _text(octets: str) -> str:
    return octets if octets.isascii() else octets.encode("latin-1").decode(errors="replace")


def _fenced(lines: Lines) -> Lines | None:
    """The lines without quotes, None where that could be misread."""
    removed: set[str] = set()
    inserted: set[str] = set()
    for record in lines.records:
        line = str(record.value)
        if record.comma:
            bare = "".join(line.split())
            if not showable(line) or bare in {REMOVED: inserted, INSERTED: removed}.get(record.mark, ()):
                return None
            {REMOVED: removed, INSERTED: inserted}.get(record.mark, set()).add(bare)
        if not record.mark:
            removed.clear()
            inserted.clear()
        record.comma = False
    if lines.records and not lines.records[-1].mark and lines.records[-1].value == "":
        lines.records.pop()
    return Lines([Record(FENCE, comma=False), *lines.records, Record(FENCE, comma=False)])


def _pieces(x: Sequence[Any], y: Sequence[Any], chunk: int, name: str, make: Make, limit: int) -> Lines:
    edits = edit_script(len(x), len(y), lambda i, j: Counts(1, 0) if x[i] == y[j] else Counts(0, 2))
    groups = _joined(_grouped(edits, name), chunk // 4)
    lines, shown, left = Lines(), 0, Stats(name)
    for index, group in enumerate(groups):
        if shown >= limit:
            left += group
        elif not group.different:
            _equal(x[: group.identical], chunk, make, lines, index == 0, index == len(groups) - 1, name)
            x, y = x[group.identical :], y[group.identical :]
        else:
            before = len(lines.records)
            nx = group.identical + group.removed + group.modified
            ny = group.identical + group.inserted + group.modified
            lines.records += _chunks(x[:nx], chunk, make, REMOVED) + _chunks(y[:ny], chunk, make, INSERTED)
            x, y = x[nx:], y[ny:]
            shown += len(lines.records) - before
    if left:
        lines.leave_out(left)
    return lines


def _chunks(values: Sequence[Any], chunk: int, make: Make, mark: str = "") -> list[Record]:
    return [Record(make(values[start : start + chunk]), mark=mark) for start in range(0, len(values), chunk)]


def _equal(values: Sequence[Any], chunk: int, make: Make, lines: Lines, first: bool, last: bool, name: str) -> None:
    count = len(values)
    low = 0 if first else min(chunk * CONTEXT, count)
    high = 0 if last else min(chunk * CONTEXT, count - low)
    if count - low - high <= chunk:
        high = count - low
    lines.records += _chunks(values[:low], chunk, make)
    if count > low + high:
        lines.leave_out(Stats(name, count - low - high))
    lines.records += _chunks(values[count - high :], chunk, make)


def _grouped(edits: Sequence[Edit], name: str) -> list[Stats]:
    groups = []
    for _, group in groupby(edits, key=lambda edit: edit is Edit.SAME):
        steps = list(group)
        count = steps.count
        same, removed, inserted, changed = map(count, (Edit.SAME, Edit.REMOVED, Edit.INSERTED, Edit.CHANGED))
        groups.append(Stats(name, same, removed, inserted, changed))
    return groups


def _joined(groups: Sequence[Stats], window: int) -> list[Stats]:
    """Short equal groups between unequal ones become part of them."""
    out: list[Stats] = []
    for group in groups:
        if len(out) >= 2 and group.different and out[-1].identical <= window:
            both = out[-2] + group
            if both.removed and both.inserted:
                out[-2:] = [out[-2] + out[-1] + group]
                continue
        out.append(group)
    return out
