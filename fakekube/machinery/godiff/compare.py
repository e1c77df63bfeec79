"""What differs between two Go values: a tree of pairs with the counts of equal and different leaves."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from fakekube.machinery.godiff.edits import Counts, Edit, edit_script
from fakekube.machinery.godiff.values import GoType, Kind


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
"""The side of a pair that has no such element."""


class Node(Struct):
    """A pair of values of one type."""

    type: GoType
    x: Any
    y: Any
    same: int = 0
    different: int = 0
    compared: int = 0
    """Leaves that an Equal() method judged."""
    descendants: int = 0
    depth: int = 0
    """0 for a leaf."""
    records: list[tuple[str, Node]] = field(default_factory=list)
    """The fields of a struct, the elements of a slice (key ""), the entries of a map."""
    target: Node | None = None
    """Of a pointer."""

    def leaf(self, equal: bool) -> Node:
        """Count this pair itself."""
        self.same, self.different = int(equal), int(not equal)
        return self

    def add(self, child: Node) -> None:
        """Count a child."""
        self.same += child.same
        self.different += child.different
        self.compared += child.compared
        self.descendants += child.descendants + 1
        self.depth = max(self.depth, child.depth + 1)


def compare(type_: GoType, x: Any, y: Any) -> Node:
    """The tree of differences between two values of that type; either may be MISSING."""
    node = Node(type_, x, y)
    if x is MISSING or y is MISSING:
        return node.leaf(False)
    if type_.kind is Kind.STRUCT:
        for a, b, member in zip(x, y, type_.fields, strict=True):
            _record(node, member.name, compare(member.type, a, b))
        return node
    if type_.kind is Kind.QUANTITY:
        node.compared = 1
        return node.leaf(x == y)
    if type_.kind not in (Kind.SLICE, Kind.MAP, Kind.POINTER):
        return node.leaf(x == y)
    if x is None or y is None:
        return node.leaf(x is None and y is None)
    {Kind.SLICE: _slice, Kind.MAP: _map, Kind.POINTER: _pointer}[type_.kind](node)
    return node


def _record(node: Node, key: str, child: Node) -> None:
    node.records.append((key, child))
    node.add(child)


def _pointer(node: Node) -> None:
    assert node.type.element is not None
    node.target = compare(node.type.element, node.x, node.y)
    node.add(node.target)


def _map(node: Node) -> None:
    assert node.type.element is not None
    for key in sorted({*node.x, *node.y}):
        pair = compare(node.type.element, node.x.get(key, MISSING), node.y.get(key, MISSING))
        _record(node, key, pair)


def _slice(node: Node) -> None:
    element = node.type.element
    assert element is not None

    def alike(i: int, j: int) -> Counts:
        pair = compare(element, node.x[i], node.y[j])
        return Counts(pair.same, pair.different)

    i = j = 0
    for edit in edit_script(len(node.x), len(node.y), alike):
        x = MISSING if edit is Edit.INSERTED else node.x[i]
        y = MISSING if edit is Edit.REMOVED else node.y[j]
        _record(node, "", compare(element, x, y))
        i += edit is not Edit.INSERTED
        j += edit is not Edit.REMOVED


def semantically_equal(type_: GoType, x: Any, y: Any) -> bool:
    """Whether the server sees no difference: nil and empty are the same, quantities go by their value."""
    kind = type_.kind
    if kind is Kind.STRUCT:
        return all(semantically_equal(one.type, a, b) for a, b, one in zip(x, y, type_.fields, strict=True))
    element = type_.element
    if element is None:
        return bool(x == y)
    if kind is Kind.POINTER:
        return x is y if x is None or y is None else semantically_equal(element, x, y)
    if len(x or ()) != len(y or ()):
        return False
    if kind is Kind.SLICE:
        return all(semantically_equal(element, a, b) for a, b in zip(x or (), y or (), strict=True))
    return all(key in y and semantically_equal(element, x[key], y[key]) for key in x or ())
