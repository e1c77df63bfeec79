"""Strategic merge patch. Follows apimachinery's util/strategicpatch of v1.20.

A patch is merged into a document by the document's type: objects and maps key by key, lists as their field says, either
replaced or merged by a merge key (objects) or as sets (primitives). Directives in the patch say more:

    $patch: replace | delete              of the object, or of the list that this item stands in
    $retainKeys: [KEY, ...]               all other keys of the object go
    $setElementOrder/FIELD: [...]         the order of a merged list
    $deleteFromPrimitiveList/FIELD: [...] what leaves a list of primitives
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from fakekube.machinery import gotext, jsontext, jsonvalues, status
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors
from fakekube.machinery.patch.lookup import Merging, field_of, list_field_of
from fakekube.machinery.schema import Form, Type
from fakekube.machinery.status import StatusError

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_PREFIX = "$deleteFromPrimitiveList"
ORDER_PREFIX = "$setElementOrder"


def decode(body: bytes) -> Object:
    """The patch of a request's body. Raises StatusError (400)."""
    try:
        patch = jsontext.loads_first(body)
    except jsontext.JSONError as error:
        raise status.bad_request(str(error)) from None
    if patch is None:
        return {}
    if not isinstance(patch, dict):
        raise status.bad_request(jsontext.mismatch(patch, "map[string]interface {}"))
    return patch


def apply(document: Object, patch: Object, type_: Type) -> Object:
    """The document with the patch merged into it. Raises StatusError: 400, or 500 as the real server does."""
    return merge(document, jsonvalues.deep_copy(patch), type_)


def merge(document: Object, patch: Object, type_: Type) -> Object:
    """The same, of a patch that is used up by it: some of its directives go."""
    return _merge(jsonvalues.deep_copy(document), patch, type_)


def _bad_format(subject: str) -> StatusError:
    return status.bad_request(f"invalid patch format of {subject}")


def _no_merge_key(item: Object, key: str) -> StatusError:
    return errors.unreasonable(f"map: {gotext.text(item)} does not contain declared merge key: {key}")


def _bad_argument(expected: str, found: Any) -> StatusError:
    return errors.unreasonable(f"expected a {expected}, but received a {gotext.type_name(found)}")


def _unknown_patch(directive: Any, item: Object) -> StatusError:
    if directive is None:
        shown = "%!s(<nil>)"
    elif isinstance(directive, str):
        shown = directive
    else:
        shown = f"%!s({gotext.type_name(directive)}={gotext.text(directive)})"
    return errors.unreasonable(f"unknown patch type: {shown} in map: {gotext.text(item)}")


# ── objects ──


def _merge(document: Object, patch: Object, type_: Type) -> Object:
    """Merge `patch` into `document`; both are ours to change."""
    if PATCH in patch:
        return _replacement(patch)
    _retain_keys(document, patch)
    _merge_ordered_lists(document, patch, type_)
    for key, value in patch.items():
        deleting = key.startswith(DELETE_PREFIX)
        name = _directed_field(key, DELETE_PREFIX, "primitive list") if deleting else key
        if value is None:
            document.pop(name, None)
        else:
            document[name] = _merge_value(document, name, value, type_, deleting)
    return document


def _replacement(patch: Object) -> Object:
    directive = patch[PATCH]
    if directive == "replace":
        del patch[PATCH]
        return patch
    if directive == "delete":
        return {}
    raise _unknown_patch(directive, patch)


def _retain_keys(document: Object, patch: Object) -> None:
    if RETAIN_KEYS not in patch:
        return
    keys = patch.pop(RETAIN_KEYS)
    if not isinstance(keys, list):
        raise _bad_format("retainKeys")
    for key, value in patch.items():
        exempt = value is None or key.startswith((DELETE_PREFIX, ORDER_PREFIX))
        if not exempt and key not in keys:
            raise _bad_format("retainKeys")
    for key in [key for key in document if key not in keys]:
        del document[key]


def _directed_field(key: str, prefix: str, subject: str) -> str:
    """The field that a directive such as $setElementOrder/containers is about."""
    head, slash, name = key.partition("/")
    if not slash or head != prefix:
        raise _bad_format(subject)
    return name


def _merge_value(document: Object, name: str, value: Any, type_: Type, deleting: bool) -> Any:
    current: Any = document.get(name)
    if name not in document or type(current) is not type(value):
        return value
    if isinstance(value, dict):
        found = field_of(type_, name)
        return value if found.strategy == "replace" else _merge(current, value, found.type)
    if isinstance(value, list):
        found = list_field_of(type_, name)
        if found.strategy != "merge":
            return value
        return _merge_lists(current, value, found.type, found.merge_key, deleting)
    return value


# ── lists ──


def _merge_ordered_lists(document: Object, patch: Object, type_: Type) -> None:
    """Merge the lists that have a $setElementOrder, and take both out of the patch."""
    for key in [key for key in patch if key.startswith(ORDER_PREFIX)]:
        order = patch.pop(key)
        if not isinstance(order, list):
            raise _bad_argument("[]interface {}", order)
        name = _directed_field(key, ORDER_PREFIX, "setElementOrder list")
        merged = _merge_ordered(document, patch, name, order, type_)
        if merged is not None:
            document[name] = merged
            patch.pop(name, None)


def _merge_ordered(document: Object, patch: Object, name: str, order: list[Any], type_: Type) -> list[Any] | None:
    present = [_list_in(source, name) for source in (document, patch) if name in source]
    current, changes = _list_in(document, name), _list_in(patch, name)
    found = list_field_of(type_, name)
    key = found.merge_key
    _check_order(changes, order, key)
    if not present:
        return None
    if len(present) == 1:
        merged = present[0]
    elif found.strategy == "merge":
        merged = _merge_lists(current, changes, found.type, key, False)
    else:
        merged = changes
    ours, others = _partition(merged, order, key)
    _element_kind(current, changes)
    return _arrange(ours, others, order, current, key)


def _list_in(source: Object, name: str) -> list[Any]:
    value = source.get(name, [])
    if not isinstance(value, list):
        raise _bad_argument("[]interface {}", value)
    return value


def _check_order(changes: list[Any], order: list[Any], key: str) -> None:
    """What the patch changes must stand in $setElementOrder, and in the same order."""
    if not order or not changes:
        return
    wanted = _split_deletions(changes)[0] if key else changes
    at = position = 0
    while at < len(wanted) and position < len(order):
        if isinstance(wanted[at], dict) and PATCH in wanted[at]:
            at += 1
            continue
        if _same_item(wanted[at], order[position], key):
            at += 1
        position += 1
    if at < len(wanted) and position >= len(order):
        shown = f"{gotext.text(changes)}\n doesn't match {ORDER_PREFIX} list:\n{gotext.text(order)}\n"
        raise errors.unreasonable(f"The order in patch list:\n{shown}")


def _same_item(left: Any, right: Any, key: str) -> bool:
    if key:
        _as_map(left), _as_map(right)
        left, right = _key_value(left, key), _key_value(right, key)
    return _token(left) == _token(right)


def _token(value: Any) -> Hashable:
    """Equal for values that Go's == finds equal: 1, 1.0 and true are three."""
    return type(value), jsonvalues.canonical(value) if isinstance(value, (dict, list)) else value


def _key_value(item: Any, key: str) -> Any:
    """What an item is told apart by. Raises StatusError (500) for one without it."""
    if key not in _as_map(item):
        raise _no_merge_key(item, key)
    return item[key]


def _as_map(item: Any) -> Object:
    if not isinstance(item, dict):
        raise _bad_argument("map[string]interface {}", item)
    return item


def _split_deletions(items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Items to keep and items that say $patch: delete."""
    kept: list[Any] = []
    deletions: list[Any] = []
    for item in items:
        (deletions if _as_map(item).get(PATCH) == "delete" else kept).append(item)
    return kept, deletions


def _element_kind(*lists: list[Any]) -> type:
    """The one Python type of all elements. Raises StatusError (422 for lists of lists, 500 for a mixture)."""
    kinds = [type(item) for items in lists for item in items]
    if not kinds:
        raise errors.unreasonable("no elements in any of the given slices")
    if kinds[0] is list:
        raise errors.unprocessable()
    if any(kind is not kinds[0] for kind in kinds):
        shown = " ".join(map(gotext.text, lists))
        raise errors.unreasonable(f"list element types are not identical: [{shown}]")
    return kinds[0]


def _merge_lists(current: list[Any], changes: list[Any], element: Type, key: str, deleting: bool) -> list[Any]:
    """The merged list. As a slice of Go's, `current` ends up with new items in the places of those that went: clients
    notice, because its order decides about theirs where there is a $setElementOrder.
    """
    if not current and not changes:
        return current
    if _element_kind(current, changes) is not dict:
        return _merge_sets(current, changes, deleting)
    if not key:
        raise errors.unreasonable(f"cannot merge lists without merge key for {_go_kind(element)}")
    size = len(current)
    base, changes = _carry_out_directives(current, changes, key)
    known = len(base)
    _merge_items(base, changes, element, key)
    arranged = _arrange(*_partition(base, changes, key), changes, base[:known], key)
    del current[size:]
    return arranged


def _merge_sets(current: list[Any], changes: list[Any], deleting: bool) -> list[Any]:
    if deleting:
        gone = set(map(_token, changes))
        return [item for item in current if _token(item) not in gone]
    merged = _without_duplicates(current + changes)
    return _arrange(*_partition(merged, changes, ""), changes, current, "")


def _without_duplicates(items: list[Any]) -> list[Any]:
    """Each value once. The place of a duplicate is taken by the last item, as in the original."""
    first = 0
    while first < len(items) - 1:
        second = first + 1
        while second < len(items):
            if _token(items[first]) != _token(items[second]):
                second += 1
            elif second == len(items) - 1:
                items.pop()
            else:
                items[second] = items.pop()
        first += 1
    return items


def _carry_out_directives(current: list[Any], changes: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Do what items with $patch say, in place; gives the list to merge into and the other changes."""
    others = [change for change in changes if PATCH not in change]
    replace = False
    for change in changes:
        if PATCH not in change:
            continue
        directive = change[PATCH]
        if directive == "delete":
            gone = _token(_key_value(change, key))
            current[:] = [item for item in current if key not in item or _token(item[key]) != gone]
        elif directive == "replace":
            replace = True
        elif directive == "merge":
            raise errors.unreasonable("merging lists cannot yet be specified in the patch")
        else:
            raise _unknown_patch(directive, change)
    return (others, []) if replace else (current, others)


def _merge_items(merged: list[Any], changes: list[Any], element: Type, key: str) -> None:
    """Merge changes into a list of objects, in place."""
    places: dict[Hashable, int] = {}
    for at, item in enumerate(merged):
        if key in item:
            places.setdefault(_token(item[key]), at)
    for change in changes:
        at = places.setdefault(_token(_key_value(change, key)), len(merged))
        if at == len(merged):
            merged.append(change)
        else:
            merged[at] = _merge(merged[at], change, element)


# ── order ──


def _partition(items: list[Any], named: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Items that the patch names, and those that only the server knows."""
    ours: list[Any] = []
    others: list[Any] = []
    tokens = [_token(_key_value(item, key) if key else item) for item in items]
    names = {_token(value) for value in (_keys_of(named, key) if key else named)} if items else set()
    for item, token in zip(items, tokens, strict=True):
        (ours if token in names else others).append(item)
    return ours, others


def _keys_of(items: list[Any], key: str) -> Iterable[Any]:
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            raise errors.unreasonable(f"value for key {at} is not a map")
        if key in item:
            yield item[key]


def _arrange(ours: list[Any], others: list[Any], our_order: list[Any], live_order: list[Any], key: str) -> list[Any]:
    """Both parts in one list: ours in their order, and each of the others before the first that it preceded."""
    ours = _sorted_by(ours, our_order, key)[::-1]
    others = _sorted_by(others, live_order, key)[::-1]
    rank = _ranker(live_order, key)
    arranged: list[Any] = []
    while ours and others:
        other, own = rank(others[-1]), rank(ours[-1])
        arranged.append(others.pop() if other is not None and own is not None and other < own else ours.pop())
    return arranged + ours[::-1] + others[::-1]


def _ranker(order: list[Any], key: str) -> Callable[[Any], int | None]:
    """A function that tells where an item stands in `order`, or None."""

    def name(item: Any) -> Hashable:
        return _token(item.get(key) if key else item)

    ranks: dict[Hashable, int] = {}
    for at, item in enumerate(order):
        ranks.setdefault(name(item), at)
    return lambda item: ranks.get(name(item))


def _sorted_by(items: list[Any], order: list[Any], key: str) -> list[Any]:
    deletions: list[Any] = []
    if key:
        for item in (*items, *order):
            _key_value(item, key)
        items, deletions = _split_deletions(items)
    rank = _ranker(order, key)
    ranked = [(rank(item), item) for item in items]
    return [item for _, item in _sorted_as_go(ranked)] + deletions


def _sorted_as_go(ranked: list[tuple[int | None, Any]]) -> list[tuple[int | None, Any]]:
    """Sorted by rank. To the original an item without one is less than all others: its insertion sort decides."""
    if all(rank is not None for rank, _ in ranked):
        return sorted(ranked, key=lambda pair: pair[0] or 0)
    for end in range(1, len(ranked)):
        at = end
        while at > 0 and _less(ranked[at][0], ranked[at - 1][0]):
            ranked[at - 1], ranked[at] = ranked[at], ranked[at - 1]
            at -= 1
    return ranked


def _less(left: int | None, right: int | None) -> bool:
    return left is None or right is None or left < right


def _go_kind(element: Type) -> str:
    return {Form.OBJECT: "struct", Form.MAP: "map", Form.LIST: "slice"}.get(element.form, "string")


# ── differences ──


def diff(old: Object, new: Object, type_: Type) -> Object:
    """The patch that makes `new` of `old`, as kubectl computes it. Raises StatusError for what no patch can say."""
    return _diff_objects(old, new, type_, retain_keys=False)


def _diff_objects(old: Object, new: Object, type_: Type, retain_keys: bool) -> Object:
    patch: Object = {}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif not jsonvalues.equal(old[key], value):
            _diff_value(patch, key, old[key], value, type_)
    patch |= {key: None for key in old if key not in new}
    kept = sorted(key for key, value in new.items() if value is not None)
    if retain_keys and kept and patch:
        patch[RETAIN_KEYS] = kept
    return patch


def _diff_value(patch: Object, key: str, old: Any, new: Any, type_: Type) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        found = field_of(type_, key)
        if found.strategy == "replace":
            patch[key] = new
        elif change := _diff_objects(old, new, found.type, found.retain_keys):
            patch[key] = change
    elif isinstance(old, list) and isinstance(new, list):
        _diff_lists(patch, key, old, new, type_)
    else:
        patch[key] = new


def _diff_lists(patch: Object, key: str, old: list[Any], new: list[Any], type_: Type) -> None:
    found = list_field_of(type_, key)
    if found.strategy != "merge" or not old:
        patch[key] = new
        return
    if _element_kind(old, new) is dict:
        changes = _diff_items(old, new, found)
        order = [{found.merge_key: _key_value(item, found.merge_key)} for item in new]
    else:
        known, wanted = set(map(_token, old)), set(map(_token, new))
        changes = [item for item in new if _token(item) not in known]
        if gone := [item for item in old if _token(item) not in wanted]:
            patch[f"{DELETE_PREFIX}/{key}"] = gone
        order = new
    if changes:
        patch[key] = changes
    if order:
        patch[f"{ORDER_PREFIX}/{key}"] = order


def _diff_items(old: list[Any], new: list[Any], found: Merging) -> list[Any]:
    """The changes of each item, in the order of `new`, then what is deleted."""
    key = found.merge_key
    before = {_token(_key_value(item, key)): item for item in old}
    changes: list[Any] = []
    for item in new:
        former = before.pop(_token(_key_value(item, key)), None)
        change = item if former is None else _diff_objects(former, item, found.type, found.retain_keys)
        if change:
            changes.append({**change, key: item[key]})
    return changes + [{key: item[key], PATCH: "delete"} for item in before.values()]
