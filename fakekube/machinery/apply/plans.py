"""How values are compared, merged and owned, by plans that are compiled from their types (see compiler.py).

Follows structured-merge-diff's typed package: objects and maps are owned field by field, lists of type "map" and "set"
item by item, all else as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.machinery import gotext
from fakekube.machinery.apply.fieldset import (
    SELF,
    Node,
    in_order,
    is_member,
    key_element,
    path_text,
    sort_key,
    text_of,
    with_self,
)

Changes = tuple[Node | None, Node | None]
"""What was added or modified, and what was removed, as nodes of a FieldsV1 set; None for nothing."""
NO_CHANGES: Changes = (None, None)
Problem = tuple[str, str]
"""A path and what is wrong there, in the real server's words."""
MISSING: Any = object()
"""Stands for a value that is not there, since null is one."""


class Unmanageable(Exception):
    """A value that its plan cannot tell the parts of."""


def problems_text(problems: list[Problem]) -> str:
    """As the real server joins them: one alone, several below each other."""
    texts = [f"{path}: {text}" if path else text for path, text in problems]
    return texts[0] if len(texts) == 1 else "\n".join(["errors:", *(f"  {text}" for text in texts)])


class Plan:
    """Values that are owned as a whole, of which nothing is known: also the base of all plans."""

    simple = True
    """Owned as a whole, and nothing in it has to be looked at."""

    def whole(self, value: Any) -> Node:
        """The node of a value that came or went. Raises Unmanageable."""
        return {}

    def compare(self, old: Any, new: Any) -> Changes:
        """What changed between two values that are both there. Raises Unmanageable."""
        return NO_CHANGES if old == new else ({}, None)

    def field_set(self, value: Any) -> Node | None:
        """The node of what a value says, as an applier comes to own it; None for nothing. Raises Unmanageable."""
        return {}

    def merge(self, old: Any, new: Any) -> Any:
        """`new` laid over `old`; either may be MISSING, and so may the result."""
        return old if new is MISSING else new

    def remove(self, value: Any, fields: Node) -> Any:
        """The value without what belongs to the set; null if nothing is left."""
        return None

    def reconcile(self, fields: Node, live: Any) -> Node:
        """A set that was made for another type of this value, with this type's parts; mostly as it is."""
        return {} if fields else fields

    def problems(self, value: Any) -> Iterator[Problem]:
        """Where a value is not of this type."""
        return iter(())


UNTYPED = Plan()


class Scalar(Plan):
    """A string, number or boolean."""

    def __init__(self, type_: type | tuple[type, ...], complaint: Callable[[Any], str]) -> None:
        self._type = type_ if isinstance(type_, tuple) else (type_,)
        self._complaint = complaint

    def reconcile(self, fields: Node, live: Any) -> Node:
        """Nothing to do."""
        return fields

    def problems(self, value: Any) -> Iterator[Problem]:
        """Null is a value of any scalar."""
        if value is not None and type(value) not in self._type:
            yield "", self._complaint(value)


STRING = Scalar(str, lambda value: f"expected string, got &value.valueUnstructured{{Value:{gotext.syntax(value)}}}")
NUMERIC = Scalar((int, float), lambda value: "expected numeric (int or float), got *value.valueUnstructured")
BOOLEAN = Scalar(bool, lambda value: f"expected boolean, got &{{{gotext.text(value)}}}")


class Atomic(Plan):
    """A list, map or object that is owned as a whole, whose parts have types though."""

    def __init__(self, parts: Plan, has_items: bool) -> None:
        self.parts = parts
        self.simple = not has_items  # items that are told apart must be so here, too

    def whole(self, value: Any) -> Node:
        """The parts are looked at, but not owned."""
        if not self.simple and value:
            self.parts.whole(value)
        return {}

    def compare(self, old: Any, new: Any) -> Changes:
        """As a whole. Parts that are empty and never written so make no difference."""
        if old == new or (isinstance(new, dict) and self.parts.compare(old, new) == NO_CHANGES):
            return NO_CHANGES
        return self.whole(new), None

    def problems(self, value: Any) -> Iterator[Problem]:
        """Those of the parts."""
        return self.parts.problems(value)


class Granular(Plan):
    """Values that are owned part by part."""

    simple = False

    def compare_parts(self, old: Any, new: Any) -> tuple[Node, Node]:
        """The changes of the parts of two values, not both of them empty; in any order."""
        raise NotImplementedError

    def compare(self, old: Any, new: Any) -> Changes:
        """Part by part; two empty values as a whole."""
        if not old and not new:
            return NO_CHANGES if old == new else ({}, None)
        changed, removed = self.compare_parts(old, new)
        if len(changed) > 1:
            changed = in_order(changed)
        return changed or None, in_order(removed) if removed else None

    def merge(self, old: Any, new: Any) -> Any:
        """Part by part. Null does not take away what has parts."""
        if old is MISSING or new is MISSING or (not old and not new):
            return old if new is MISSING else new
        return self.merge_parts(old, new)

    def merge_parts(self, old: Any, new: Any) -> Any:
        """Lay the parts of `new` over those of `old`; one of them may be null."""
        raise NotImplementedError

    def reconcile_part(self, plan: Plan, node: Node, live: Any) -> Node:
        """The set of a part. Who owns it as a whole, though it has parts, comes to own all that is in it."""
        if node or plan.simple:
            return plan.reconcile(node, live)
        parts = plan.field_set(live) if live else None
        return with_self(parts) if parts else node


class Struct(Granular):
    """An object whose fields have plans, or a map, whose keys have one in common."""

    fields: dict[str, Plan]

    def __init__(
        self,
        fill: Callable[[], dict[str, Plan]],
        others: Plan | None = None,
        omitted: Callable[[str], bool] | None = None,
    ) -> None:
        """`fill` gives the plans of the fields when they are first needed; `others` is that of all other keys.

        `omitted` says whether an empty value of that field is never written.
        """
        self._fill = fill
        self.others = others
        self._omitted = omitted

    def __getattr__(self, name: str) -> Any:
        if name != "fields":  # Python comes here only while that slot is empty
            raise AttributeError(name)
        self.fields = self._fill()
        return self.fields

    def plan_of(self, name: str) -> Plan:
        """The plan of a field. Raises Unmanageable."""
        plan = self.fields.get(name) or self.others
        if plan is None:
            raise Unmanageable(f".{name}: field not declared in schema")
        return plan

    def whole(self, value: Any) -> Node:
        """The object and everything in it."""
        if not value:
            return {}
        node: Node = {SELF: {}}
        fields = self.fields
        for name in sorted(value) if len(value) > 1 else value:
            plan = fields.get(name) or self.plan_of(name)
            item = value[name]
            if not item and self._omits(name):
                continue
            node["f:" + name] = {} if plan.simple else plan.whole(item)
        return node if len(node) > 1 else {}

    def _omits(self, name: str) -> bool:
        return self._omitted is not None and self._omitted(name)

    def compare_parts(self, old: Any, new: Any) -> tuple[Node, Node]:
        """Field by field. Fields of `new` that are empty count as absent where they are never written so."""
        changed: Node = {}
        removed: Node = {}
        old, new = old or {}, new or {}
        for name, value in new.items():
            before = old.get(name, MISSING)
            if before is value or before == value:  # takes true for 1, which no field can be both
                continue
            if not value and self._omits(name):
                if before is not MISSING:
                    removed["f:" + name] = self.plan_of(name).whole(before)
                continue
            if before is MISSING:
                changed["f:" + name] = self.plan_of(name).whole(value)
                continue
            more, less = self.plan_of(name).compare(before, value)
            if more is not None:
                changed["f:" + name] = more
            if less is not None:
                removed["f:" + name] = less
        for name in old.keys() - new.keys():
            removed["f:" + name] = self.plan_of(name).whole(old[name])
        return changed, removed

    def field_set(self, value: Any) -> Node | None:
        """What is in it. A key of a map belongs to the set itself, a field only where it has no parts."""
        node: Node = {}
        for name in sorted(value or ()):
            part = self.plan_of(name).field_set(value[name])
            if name not in self.fields:
                part = with_self(part)
            if part is not None:
                node["f:" + name] = part
        return node or None

    def merge_parts(self, old: Any, new: Any) -> Any:
        """Field by field."""
        merged = dict(old or {})
        for name, value in (new or {}).items():
            merged[name] = self.plan_of(name).merge(merged.get(name, MISSING), value)
        return merged

    def remove(self, value: Any, fields: Node) -> Any:
        """Field by field."""
        kept = {}
        for name, item in (value or {}).items():
            node = fields.get("f:" + name, MISSING)
            if node is MISSING:
                kept[name] = item
            elif not is_member(node):
                kept[name] = self.plan_of(name).remove(item, node)
        return kept or None

    def reconcile(self, fields: Node, live: Any) -> Node:
        """Field by field; what nobody knows is left alone."""
        out = fields
        values = live if isinstance(live, dict) else {}
        known, others = self.fields, self.others
        for element, node in fields.items():
            if element == SELF:
                continue
            name = element[2:]
            plan = known.get(name) or others
            if plan is None or (plan.simple and not node) or element[0] != "f":
                continue
            new = self.reconcile_part(plan, node, values.get(name))
            if new is not node:
                out = {**out, element: new}
        return out

    def problems(self, value: Any) -> Iterator[Problem]:
        """Those of the fields, up to the first that nobody knows."""
        if value is not None and not isinstance(value, dict):
            yield "", f"expected map, got &{{{gotext.text(value)}}}"
            return
        for name, item in (value or {}).items():
            plan = self.fields.get(name) or self.others
            if plan is None:
                yield f".{name}", "field not declared in schema"
                return
            for path, text in plan.problems(item):
                yield f".{name}{path}", text


class Deduced(Granular):
    """JSON of a custom resource that no schema describes: objects have parts, all else is owned as a whole."""

    def __init__(self) -> None:
        self._map = Struct(dict, self)

    def whole(self, value: Any) -> Node:
        """The value and, if it is an object, everything in it."""
        return self._map.whole(value) if isinstance(value, dict) else {}

    def compare(self, old: Any, new: Any) -> Changes:
        """As objects if both can be; else the one goes and the other comes."""
        if old == new:
            return NO_CHANGES
        if all(value is None or isinstance(value, dict) for value in (old, new)):
            return self._map.compare(old, new)
        gone = {name: node for name, node in self.whole(old).items() if name != SELF}
        return self.whole(new), gone or None

    def field_set(self, value: Any) -> Node | None:
        """What is in an object, or the value itself."""
        return self._map.field_set(value) if value is None or isinstance(value, dict) else {}

    def merge(self, old: Any, new: Any) -> Any:
        """As objects if both are."""
        if isinstance(old, dict) and (new is None or isinstance(new, dict)):
            return self._map.merge(old, new)
        return super(Granular, self).merge(old, new)

    def remove(self, value: Any, fields: Node) -> Any:
        """From an object."""
        return self._map.remove(value, fields) if isinstance(value, dict) else None

    def reconcile(self, fields: Node, live: Any) -> Node:
        """As an object's."""
        return self._map.reconcile(fields, live)


class Sequence(Plan):
    """The parts of an atomic list; never owned themselves."""

    def __init__(self, element: Plan) -> None:
        self.element = element

    def whole(self, value: Any) -> Node:
        """Looks at every item."""
        for item in value:
            self.element.whole(item)
        return {}

    def problems(self, value: Any) -> Iterator[Problem]:
        """Those of the items, by their index."""
        if value is not None and not isinstance(value, list):
            yield "", f"expected list, got &{{{gotext.text(value)}}}"
            return
        for at, item in enumerate(value or ()):
            for path, text in self.element.problems(item):
                yield f"[{at}]{path}", text


class Items(Granular):
    """A list whose items are told apart, by keys or by value."""

    def __init__(self, element: Plan) -> None:
        self.element = element

    def identify(self, item: Any) -> tuple[Any, str]:
        """What an item is sorted by, and its path element. Raises Unmanageable."""
        raise NotImplementedError

    def _identified(self, items: Any) -> dict[str, tuple[Any, Any]]:
        """(sort key, item) by path element. Raises Unmanageable."""
        found: dict[str, tuple[Any, Any]] = {}
        for item in items or ():
            order, element = self.identify(item)
            if element in found:
                raise Unmanageable(f"duplicate entries for key {path_text((element,))}")
            found[element] = (order, item)
        return found

    def _sorted(self, items: Any) -> Iterator[tuple[str, Any]]:
        found = self._identified(items)
        for name in sorted(found, key=lambda name: found[name][0]) if len(found) > 1 else found:
            yield name, found[name][1]

    def whole(self, value: Any) -> Node:
        """The list and all its items."""
        if not value:
            return {}
        node: Node = {SELF: {}}
        for name, item in self._sorted(value):
            node[name] = self.element.whole(item)
        return node

    def compare_parts(self, old: Any, new: Any) -> tuple[Node, Node]:
        """Item by item."""
        changed: Node = {}
        removed: Node = {}
        before, after = self._identified(old), self._identified(new)
        for name, (_, item) in after.items():
            if name not in before:
                changed[name] = self.element.whole(item)
                continue
            more, less = self.element.compare(before[name][1], item)
            if more is not None:
                changed[name] = more
            if less is not None:
                removed[name] = less
        for name in before.keys() - after.keys():
            removed[name] = self.element.whole(before[name][1])
        return changed, removed

    def field_set(self, value: Any) -> Node | None:
        """Its items, and what is in them."""
        return {name: with_self(self.element.field_set(item)) for name, item in self._sorted(value)} or None

    def merge_parts(self, old: Any, new: Any) -> Any:
        """The items of `old` in their order, then the new ones of `new` in theirs."""
        before, after = self._identified(old), self._identified(new)
        merged = []
        for name, (_, item) in before.items():
            merged.append(self.element.merge(item, after[name][1] if name in after else MISSING))
        return merged + [item for name, (_, item) in after.items() if name not in before]

    def remove(self, value: Any, fields: Node) -> Any:
        """Item by item."""
        kept = []
        for name, (_, item) in self._identified(value).items():
            node = fields.get(name, MISSING)
            if node is MISSING:
                kept.append(item)
            elif not is_member(node):
                kept.append(self.element.remove(item, node))
        return kept or None

    def reconcile(self, fields: Node, live: Any) -> Node:
        """Item by item."""
        if self.element.simple:
            return fields
        out = fields
        items = self._identified(live) if isinstance(live, list) else {}
        for name, node in fields.items():
            if name == SELF:
                continue
            new = self.reconcile_part(self.element, node, items[name][1] if name in items else None)
            if new is not node:
                out = {**out, name: new}
        return out

    def problems(self, value: Any) -> Iterator[Problem]:
        """Those of the items, up to the first that cannot be told from the others."""
        if value is not None and not isinstance(value, list):
            yield "", f"expected list, got &{{{gotext.text(value)}}}"
            return
        seen = set()
        for at, item in enumerate(value or ()):
            try:
                _, element = self.identify(item)
            except Unmanageable as error:
                yield "", f"element {at}: {error}"
                return
            shown = path_text((element,))
            if element in seen:
                yield "", f"duplicate entries for key {shown}"
            seen.add(element)
            for path, text in self.element.problems(item):
                yield f"{shown}{path}", text


class KeyedList(Items):
    """A list of objects with keys. One that an item lacks has the field's default, or is an error."""

    def __init__(self, element: Plan, keys: dict[str, Any]) -> None:
        """`keys` gives each key's default, or MISSING."""
        super().__init__(element)
        self._keys = sorted(keys.items(), key=lambda pair: pair[0])
        self._single = next(iter(keys)) if len(keys) == 1 else ""

    def identify(self, item: Any) -> tuple[Any, str]:
        """By its keys, sorted by name."""
        if self._single and isinstance(item, dict) and type(value := item.get(self._single)) is str:
            return [sort_key(value)], f'k:{{"{self._single}":{text_of(value)}}}'
        if item is None:
            raise Unmanageable("associative list with keys may not have a null element")
        if not isinstance(item, dict):
            raise Unmanageable("associative list with keys may not have non-map elements")
        pairs = [(name, _key(item, name, default)) for name, default in self._keys]
        return [sort_key(value) for _, value in pairs], key_element(pairs)


def _key(item: Any, name: str, default: Any) -> Any:
    value = item.get(name, default)
    if value is MISSING:
        text = f'associative list with keys has an element that omits key field "{name}"'
        raise Unmanageable(f"{text} (and doesn't have default value)")
    return value


class ItemSet(Items):
    """A list of scalars that has each of them once."""

    def identify(self, item: Any) -> tuple[Any, str]:
        """By its value."""
        if isinstance(item, dict):
            raise Unmanageable("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise Unmanageable("not supported: associative list with lists as elements")
        if item is None:
            raise Unmanageable("associative list without keys has an element that's an explicit null")
        return sort_key(item), f"v:{text_of(item)}"
