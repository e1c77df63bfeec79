"""A tree of differences as text: equal parts shortened to their gist, unequal ones in full."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.machinery.godiff.compare import MISSING, Node
from fakekube.machinery.godiff.layout import COMMON, INSERTED, REMOVED, Lines, Record, Stats, Text, Wrap, render, width
from fakekube.machinery.godiff.slices import can_format, format_strings
from fakekube.machinery.godiff.strings import quoted, string_text
from fakekube.machinery.godiff.values import QUANTITY_STRUCT, GoType, Kind, is_zero, quantity_parts

CONTEXT = 2
"""Equal records that are shown before and after an unequal one."""
PRESETS = 4
"""How often more is shown of two values that differ and look alike."""
COMPOSITE = (Kind.STRUCT, Kind.SLICE, Kind.MAP, Kind.QUANTITY)
NAMES = {Kind.STRUCT: "field", Kind.SLICE: "element", Kind.MAP: "entry"}
SHOW, HIDE, AUTO = "show", "hide", "auto"
UNKNOWN = ""


class Style(Struct, frozen=True):
    """How a part is shown."""

    mode: str = UNKNOWN
    """Both sides (UNKNOWN), or one: COMMON, REMOVED or INSERTED."""
    types: str = SHOW
    level: int = 0
    """How much is shown; each nesting takes one away."""
    plain: bool = False
    """Without String() methods."""

    @property
    def verbosity(self) -> int:
        """The level within its limits."""
        return min(max(self.level, 0), 16)

    def more(self, preset: int) -> Style:
        """The style that shows more, for values that look alike."""
        return replace(self, level=self.verbosity + 2 * preset, plain=self.plain or preset > 0)

    @property
    def few(self) -> int:
        """How many parts of an equal value are shown: 0, 4, 8, 16, ..."""
        return (1 << self.verbosity >> 1) << 2

    @property
    def many(self) -> int:
        """How many parts of an unequal value are shown: 2, 4, 8, 16, ..."""
        return (1 << self.verbosity) << 1

    def deeper(self, types: str) -> Style:
        """The style of the parts."""
        return replace(self, level=self.level - 1, types=types)


def report(node: Node) -> str:
    """The differences, "" where there are none."""
    return render(_difference(node, Style())) if node.different else ""


def _difference(node: Node, style: Style) -> Text:
    text = _optional(node, style)
    assert text is not None
    return text


def _optional(node: Node, style: Style) -> Text | None:
    """None for the missing side of a pair."""
    style = replace(style, level=1 if style.mode == COMMON else 3)
    if style.mode == UNKNOWN and can_format(node):
        return _strings(node, style)
    if node.depth == 0:
        return _leaf(node, style)
    if node.target is not None:
        return Wrap("&", _difference(node.target, style))
    return typed(node.type, _records(node, style), style)


def _strings(node: Node, style: Style) -> Text:
    lines, prefix, suffix, show = format_strings(node, style.many * 2)
    text = Wrap(prefix, lines, suffix)
    return typed(node.type, text, style) if show else text


def _leaf(node: Node, style: Style) -> Text | None:
    if style.mode == REMOVED:
        return value_text(node.type, node.x, style)
    if style.mode == INSERTED:
        return value_text(node.type, node.y, style)
    if not node.different:
        x, y = (value_text(node.type, side, style) for side in (node.x, node.y))
        assert x is not None
        assert y is not None
        return x if width(x) < width(y) else y
    sides = _telling(node, replace(style, types=HIDE))
    lines = Lines([Record(text, mark=mark) for text, mark in zip(sides, "-+", strict=True) if text is not None])
    return typed(node.type, lines, replace(style, types=SHOW))


def _telling(node: Node, style: Style) -> tuple[Text | None, Text | None]:
    """Both sides, with as much as it takes to tell them apart."""
    x = y = None
    for preset in (None, *range(PRESETS)):
        one = style if preset is None else style.more(preset)
        x, y = (value_text(node.type, side, one) for side in (node.x, node.y))
        if x is None or y is None or x != y:
            break
    return x, y


def _records(node: Node, style: Style) -> Wrap:
    show = _groups if style.mode == UNKNOWN else _one_side
    return Wrap("{", show(node.records, node.type, style), "}")


def _inner(kind: Kind, style: Style) -> Style:
    return style.deeper(AUTO if kind is Kind.STRUCT else HIDE)


def _key(name: str, type_: GoType) -> str:
    return type_.key_prefix + quoted(name) if type_.kind is Kind.MAP else name


def _one_side(records: Sequence[tuple[str, Node]], type_: GoType, style: Style) -> Lines:
    kind = type_.kind
    limit = style.few if style.mode == COMMON else style.many
    inner, lines = _inner(kind, style), Lines()
    for name, node in records:
        if len(lines.records) == limit:
            lines.leave_out()
            break
        if kind is Kind.STRUCT and _nothing(node, style.mode):
            continue
        if (text := _optional(node, inner)) is not None:
            lines.records.append(Record(text, _key(name, type_)))
    return lines


def _nothing(node: Node, mode: str) -> bool:
    sides = {COMMON: (node.x, node.y), REMOVED: (node.x,), INSERTED: (node.y,)}[mode]
    return any(side is not MISSING and is_zero(side, node.type) for side in sides)


def _groups(records: Sequence[tuple[str, Node]], type_: GoType, style: Style) -> Lines:
    """Unequal records in full, and of the equal ones between them the nearest."""
    kind = type_.kind
    limit, inner, lines = style.many, _inner(kind, style), Lines()
    groups = [list(group) for _, group in groupby(records, key=lambda record: record[1].different > 0)]
    shown, left = 0, Stats(NAMES[kind])
    for index, group in enumerate(groups):
        if shown >= limit:
            left += _stats(group, kind)
        elif group[0][1].different:
            for name, node in group:
                lines.records += _unequal(node, _key(name, type_), inner)
            shown += len(group)
        else:
            _equal(group, type_, inner, lines, first=index == 0, last=index == len(groups) - 1)
    if left:
        lines.leave_out(left)
    return lines


def _stats(group: Sequence[tuple[str, Node]], kind: Kind) -> Stats:
    nodes = [node for _, node in group if node.different]
    removed = sum(node.y is MISSING for node in nodes)
    inserted = sum(node.x is MISSING and node.y is not MISSING for node in nodes)
    return Stats(NAMES[kind], len(group) - len(nodes), removed, inserted, len(nodes) - removed - inserted)


def _equal(
    group: Sequence[tuple[str, Node]], type_: GoType, style: Style, lines: Lines, first: bool, last: bool
) -> None:
    count = len(group)
    low = 0 if first else min(CONTEXT, count)
    high = 0 if last else min(CONTEXT, count - low)
    if count - low - high == 1:
        high += 1  # an ellipsis would take as much room
    common = replace(style, mode=COMMON)
    for name, node in group[:low]:
        lines.records.append(Record(_difference(node, common), _key(name, type_)))
    if count > low + high:
        lines.leave_out(Stats(NAMES[type_.kind], count - low - high))
    for name, node in group[count - high :]:
        lines.records.append(Record(_difference(node, common), _key(name, type_)))


def _unequal(node: Node, key: str, style: Style) -> list[Record]:
    if can_format(node):
        return [Record(_strings(node, style), key)]
    if node.descendants == node.depth:  # nothing branches: both sides can stand below each other
        x, y = _sides(node, style)
        pairs = ((x, REMOVED), (y, INSERTED))
        return [Record(text, key, mark) for text, mark in pairs if text is not None]
    return [Record(_difference(node, style), key)]


def _sides(node: Node, style: Style) -> tuple[Text | None, Text | None]:
    x = y = None
    for preset in (None, *range(PRESETS)):
        one = style if preset is None else style.more(preset)
        x = _optional(node, replace(one, mode=REMOVED))
        y = _optional(node, replace(one, mode=INSERTED))
        if x is None or y is None or x != y:
            break
    return x, y


def typed(type_: GoType, text: Text, style: Style) -> Text:
    """The text behind the name of its type, where that is shown."""
    if style.types == HIDE:
        return text
    if style.types == AUTO and (type_.kind not in COMPOSITE or text == "nil" or style.mode == COMMON):
        return text
    name = f"({type_.name})" if type_.kind is Kind.POINTER else type_.name
    braced = isinstance(text, Wrap) and text.prefix[:1] + text.suffix[-1:] in ("{}", "()")
    return Wrap(name, text if braced else Wrap("(", text, ")"))


def value_text(type_: GoType, value: Any, style: Style) -> Text | None:
    """A value as a Go literal, without what is zero in it and not deeper than the style says."""
    if value is MISSING:
        return None
    if type_.kind is Kind.POINTER:
        return _pointer_text(type_, value, style)
    return typed(type_, _literal(type_, value, style), style)


def _pointer_text(type_: GoType, value: Any, style: Style) -> Text:
    assert type_.element is not None
    if value is None:
        return typed(type_, "nil", style)
    if type_.text is not None and not style.plain:
        return string_text(type_.text(value), 32 << style.verbosity, style.mode, "s")
    text = value_text(type_.element, value, style)
    assert text is not None
    return Wrap("&", text)


def _literal(type_: GoType, value: Any, style: Style) -> Text:
    kind = type_.kind
    if kind is Kind.QUANTITY:
        return _literal(QUANTITY_STRUCT, quantity_parts(value), style)
    if kind is Kind.BOOL:
        return "true" if value else "false"
    if kind is Kind.INT:
        return str(value)
    if kind is Kind.STRING:
        return string_text(value, 32 << style.verbosity, style.mode)
    if value is None:
        return "nil"
    return Wrap("{", _parts(type_, value, style), "}")


def _parts(type_: GoType, value: Any, style: Style) -> Lines:
    lines = Lines()
    for key, part, part_type in _items(type_, value):
        if len(lines.records) == style.few:
            lines.leave_out()
            break
        inner = style.deeper(AUTO if type_.kind is Kind.STRUCT else HIDE)
        text = value_text(part_type, part, inner)
        assert text is not None
        lines.records.append(Record(text, key))
    return lines


def _items(type_: GoType, value: Any) -> list[tuple[str, Any, GoType]]:
    if type_.kind is Kind.STRUCT:
        members = zip(type_.fields, value, strict=True)
        return [(one.name, part, one.type) for one, part in members if not is_zero(part, one.type)]
    assert type_.element is not None
    if type_.kind is Kind.MAP:
        return [(_key(key, type_), value[key], type_.element) for key in sorted(value)]
    return [("", part, type_.element) for part in value]
