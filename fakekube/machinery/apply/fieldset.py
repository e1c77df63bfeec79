"""Sets of fields, in the very form in which managedFields carry them. Follows structured-merge-diff's fieldpath.

A set is FieldsV1: nested dicts whose keys are path elements, sorted as Go sorts them.

    f:NAME             a field of an object, or a key of a map
    k:{"name":"a"}     the item of a list that has these keys
    v:"x"              the item of a set
    i:0                the item at an index
    .                  the node itself belongs to the set, beside what is in it

A node without anything in it belongs to the set itself; the empty root is the empty set. Nodes are shared between sets
and never changed.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from fakekube.machinery import goformat

Node = dict[str, Any]
"""One node of a set, or the whole set (its root)."""
Path = tuple[str, ...]
"""Path elements from the root."""

SELF = "."

_NUMBER, _STRING, _BOOLEAN, _LIST, _MAP, _NULL = range(6)
_RANKS: dict[type, int] = {
    int: _NUMBER,
    float: _NUMBER,
    str: _STRING,
    bool: _BOOLEAN,
    list: _LIST,
    dict: _MAP,
    type(None): _NULL,
}


def sort_key(value: Any) -> tuple[int, Any]:
    """Orders values of any type, as Go does: numbers, strings, booleans, lists, maps, null."""
    rank = _RANKS[type(value)]
    if rank == _LIST:
        return rank, [sort_key(item) for item in value]
    if rank == _MAP:
        return rank, [(key, sort_key(item)) for key, item in sorted(value.items())]
    return rank, 0 if value is None else value


def text_of(value: Any) -> str:
    """A value in a path element: JSON as Go writes it."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if "<" in text or ">" in text or "&" in text:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return text


def key_element(keys: list[tuple[str, Any]]) -> str:
    """The path element of a list item with these keys, sorted by name."""
    return f"k:{{{','.join(f'{text_of(name)}:{text_of(value)}' for name, value in keys)}}}"


def element_order(element: str) -> tuple[Any, ...]:
    """Sort key of a path element: fields by name, keys and values by what they hold, indices by number."""
    kind, content = element[0], element[2:]
    if kind == "f":
        return 0, content
    if kind == "i":
        return 3, int(content)
    value = orjson.loads(content)
    if kind == "k":
        return 1, [(name, sort_key(item)) for name, item in value.items()]
    return 2, sort_key(value)


_name = itemgetter(0)


def in_order(node: Node) -> Node:
    """The node with its elements sorted."""
    if next(reversed(node), SELF)[0] == "f":  # mostly fields alone: the node itself, ".", sorts before them all
        names = sorted(node.items(), key=_name)
        if names[-1][0][0] == "f":
            return dict(names)
    rest = sorted((name for name in node if name != SELF), key=element_order)
    ordered: Node = {SELF: {}} if SELF in node else {}
    ordered.update((name, node[name]) for name in rest)
    return ordered


def union(left: Node, right: Node) -> Node:
    """What is in either set."""
    if not left or not right:
        return left or right
    return _joined(left, right)


def _join(left: Node, right: Node) -> Node:
    """Of two nodes below the root: there an empty one is a member."""
    if left is right or left == right:
        return left
    if not left or not right:
        return with_self(left or right)
    return _joined(left, right)


def _joined(left: Node, right: Node) -> Node:
    joined = dict(left)
    for name, node in right.items():
        joined[name] = _join(joined[name], node) if name in joined else node
    return in_order(joined) if len(joined) > len(left) else joined


def difference(left: Node, right: Node) -> Node:
    """What is in `left` and not in `right`; an item that goes does not take along what is in it."""
    if not right:
        return left
    kept = {}
    for name, node in left.items():
        rest = _without(node, right[name]) if name in right else node
        if rest is not None:
            kept[name] = rest
    return kept


def _without(left: Node, right: Node) -> Node | None:
    stays = is_member(left) and not is_member(right)
    kept = difference({k: v for k, v in left.items() if k != SELF}, right) if left else {}
    if stays:
        return {SELF: {}, **kept} if kept else {}
    return kept or None


def intersection(left: Node, right: Node) -> Node:
    """What is in both sets."""
    common = {}
    for name, node in left.items():
        if name in right and name != SELF and (both := _in_both(node, right[name])) is not None:
            common[name] = both
    return common


def _in_both(left: Node, right: Node) -> Node | None:
    common = intersection(left, right)
    if is_member(left) and is_member(right):
        return {SELF: {}, **common} if common else {}
    return common or None


def is_member(node: Node) -> bool:
    """Whether a node below the root belongs to the set itself."""
    return not node or SELF in node


def with_self(node: Node | None) -> Node:
    """The node, or none, as a member of its set."""
    if not node:
        return {}
    return node if SELF in node else {SELF: {}, **node}


def has(node: Node, path: Path) -> bool:
    """Whether the path is a member of the set."""
    for element in path:
        if element not in node:
            return False
        node = node[element]
    return bool(path) and is_member(node)


def paths(root: Node) -> list[Path]:
    """All members as the real server lists them: those of a node before what is further down.

    The list has a flaw that clients see. Go's slices share memory while there is room, so paths of some lengths end
    with what was written last behind the part that they have in common, and two conflicts may look the same.
    """
    listed: list[_Slice] = []
    _list_paths(root, _Slice([], 0), listed)
    return [tuple(part.cells[: part.size]) for part in listed]


class _Slice(NamedTuple):
    """A Go slice: the cells behind `size` are free to whoever appends next."""

    cells: list[str]
    size: int

    def append(self, element: str) -> _Slice:
        """A slice with one more element: in the same cells if there is room, else in twice as many."""
        cells = self.cells
        if self.size == len(cells):
            cells = cells + [""] * max(1, len(cells))
        cells[self.size] = element
        return _Slice(cells, self.size + 1)


def _list_paths(node: Node, prefix: _Slice, listed: list[_Slice]) -> None:
    for name, child in node.items():
        if name != SELF and is_member(child):
            listed.append(prefix.append(name))
    for name, child in node.items():
        if name != SELF and child.keys() - {SELF}:
            _list_paths(child, prefix.append(name), listed)


def path_text(path: Path) -> str:
    """As messages show a path: .spec.containers[name="c"].image."""
    return "".join(map(_element_text, path))


def _element_text(element: str) -> str:
    kind, content = element[0], element[2:]
    if kind == "f":
        return f".{content}"
    if kind == "k":
        pairs = ",".join(f"{name}={_value_text(value)}" for name, value in orjson.loads(content).items())
        return f"[{pairs}]"
    return f"[={_value_text(orjson.loads(content))}]" if kind == "v" else f"[{content}]"


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return goformat.quote(value)
    if isinstance(value, list):
        return f"[{','.join(map(_value_text, value))}]"
    if isinstance(value, dict):
        return "".join(f"{name}={_value_text(item)}" for name, item in value.items())
    return "null" if value is None else str(value).lower()


def parse(fields: Any) -> Node:
    """A set as a client sent it, made canonical. Raises ValueError."""
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise ValueError("a set of fields is an object")
    children = {}
    for name, node in fields.items():
        element = _canonical(name)
        if element is not None:
            children[element] = parse(node)
    return in_order(children)


def _canonical(element: str) -> str | None:
    """The element in the one form that compares; None for a kind that nobody knows yet."""
    if element == SELF or element.startswith("f:"):
        return element
    kind, content = element[:2], element[2:]
    if kind == "v:":
        return f"v:{text_of(orjson.loads(content))}"
    if kind == "i:":
        return f"i:{int(content)}"
    if kind == "k:":
        keys = orjson.loads(content)
        if not isinstance(keys, dict):
            raise ValueError("a key is an object")
        return key_element(sorted(keys.items()))
    if element[1:2] != ":":
        raise ValueError(f"missing colon: {element}")
    return None
