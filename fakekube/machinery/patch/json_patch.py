"""JSON patch, RFC 6902, as evanphx/json-patch applies it for kube-apiserver v1.20.

That library is laxer than the RFC, so a patch goes through here that others refuse: a "replace" may add a key, a
negative index counts from the end where something is added or removed, and a missing value is null. What makes it
panic is answered like any other patch that does not apply. Keys come out sorted wherever it looked into an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from fakekube.machinery import jsontext, jsonvalues, status
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors

MAX_OPERATIONS = 10_000
MAX_COPIED = 3 * 1024 * 1024
"""Bytes of JSON that "copy" operations may add up to."""
Operation = dict[str, Any]

_INDEX = re.compile(r"[+-]?[0-9]{1,18}")
_MISSING = object()
MISSING_VALUE = "missing value"


class Failed(Exception):
    """An operation does not apply; says why in the library's words."""


def decode(body: bytes) -> list[Operation]:
    """The operations of a request's body. Raises StatusError: 400 for what is no list of objects, 413 for too many."""
    try:
        patch = jsontext.loads(body)
    except jsontext.JSONError as error:
        raise status.bad_request(str(error)) from None
    if patch is None:
        return []
    if not isinstance(patch, list):
        raise status.bad_request(jsontext.mismatch(patch, "jsonpatch.Patch"))
    for operation in patch:
        if operation is not None and not isinstance(operation, dict):
            raise status.bad_request(jsontext.mismatch(operation, "jsonpatch.Operation"))
    if len(patch) > MAX_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(patch)}"
        raise errors.too_large(text)
    return patch


def apply(document: Object, patch: list[Operation]) -> Object:
    """The document after all operations, or none. Raises StatusError (422) when one does not apply."""
    try:
        return applied(document, patch)
    except Failed:
        raise errors.unprocessable() from None


def applied(document: Object, patch: list[Operation]) -> Object:
    """The same for callers that tell why an operation does not apply. Raises Failed."""
    target = _Target(jsonvalues.deep_copy(document))
    for operation in patch:
        _carry_out(target, operation or {})
    _dumps(target.root)  # what cannot be written is no document
    target.sort()
    return target.root


def _carry_out(target: _Target, operation: Operation) -> None:
    kind = operation.get("op")
    if not isinstance(kind, str) or kind not in _OPERATIONS:
        raise Failed(f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}")
    _OPERATIONS[kind](target, operation)


class _Target:
    """A document that is ours to change, and which of its objects were looked into."""

    def __init__(self, root: Object) -> None:
        self.root = root
        self.copied = 0
        self._opened: dict[int, Object] = {id(root): root}

    def find(self, pointer: str, otherwise: str) -> tuple[Any, str]:
        """The container that a pointer leads into, and the last key. Raises Failed with the text `otherwise`."""
        try:
            return self._find(pointer)
        except Failed:
            raise Failed(f"{otherwise}: {MISSING_VALUE}") from None

    def _find(self, pointer: str) -> tuple[Any, str]:
        parts = pointer.split("/")[1:]  # what stands before the first slash counts for nothing
        if not parts:
            raise Failed(pointer)
        keys = [part.replace("~1", "/").replace("~0", "~") for part in parts]
        container: Any = self.root
        for key in keys[:-1]:
            container = _get(container, key)
            if isinstance(container, dict):
                self._opened[id(container)] = container
            elif not isinstance(container, list):
                raise Failed(pointer)
        return container, keys[-1]

    def sort(self) -> None:
        """Put the keys of the opened objects in order."""
        for opened in self._opened.values():
            items = sorted(opened.items())
            opened.clear()
            opened.update(items)


def _index(items: list[Any], key: str, extra: int = 0, negative: bool = False) -> int:
    """The index that a key means in a list of which `extra` more than its length may be used."""
    if not _INDEX.fullmatch(key):
        raise Failed(f"strconv.Atoi: parsing {quote(key)}: invalid syntax")
    index, size = int(key), len(items) + extra
    place = index + size if index < 0 and negative else index
    if not 0 <= place < size:
        raise Failed(f"Unable to access invalid index: {index}: invalid index referenced")
    return place


def _path(operation: Operation, name: str = "path") -> str:
    path = operation.get(name)
    if not isinstance(path, str):
        raise Failed(f"{operation.get('op')} operation failed to decode {name}: {MISSING_VALUE}")
    return path


@contextmanager
def _told(text: str) -> Iterator[None]:
    """Failures inside are told after this text."""
    try:
        yield
    except Failed as error:
        raise Failed(f"{text}: {error}") from None


def _get(container: Any, key: str) -> Any:
    """The value, or _MISSING for an object without that key. Raises Failed for a list without that index."""
    if isinstance(container, list):
        return container[_index(container, key)]
    return container.get(key, _MISSING)


def _insert(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    elif _INDEX.fullmatch(key):
        container.insert(_index(container, key, extra=1, negative=True), value)
    else:
        with _told(f"value was not a proper array index: '{key}'"):
            _index(container, key)


def _delete(container: Any, key: str) -> None:
    if isinstance(container, dict):
        if key not in container:
            raise Failed(f"Unable to remove nonexistent key: {key}: {MISSING_VALUE}")
        del container[key]
    else:
        del container[_index(container, key, negative=True)]


def _add(target: _Target, operation: Operation) -> None:
    path = _path(operation)
    place = target.find(path, f'add operation does not apply: doc is missing path: "{path}"')
    with _told(f"error in add for path: '{path}'"):
        _insert(*place, jsonvalues.deep_copy(operation.get("value")))


def _remove(target: _Target, operation: Operation) -> None:
    path = _path(operation)
    place = target.find(path, f'remove operation does not apply: doc is missing path: "{path}"')
    with _told(f"error in remove for path: '{path}'"):
        _delete(*place)


def _replace(target: _Target, operation: Operation) -> None:
    path = _path(operation)
    container, key = target.find(path, f"replace operation does not apply: doc is missing path: {path}")
    try:
        place = _index(container, key) if isinstance(container, list) else key
    except Failed:
        raise Failed(f"replace operation does not apply: doc is missing key: {path}: {MISSING_VALUE}") from None
    container[place] = jsonvalues.deep_copy(operation.get("value"))


def _move(target: _Target, operation: Operation) -> None:
    source = _path(operation, "from")
    container, key = target.find(source, f"move operation does not apply: doc is missing from path: {source}")
    with _told(f"error in move for path: '{key}'"):
        value = _get(container, key)
        _delete(container, key)
    path = _path(operation)
    place = target.find(path, f"move operation does not apply: doc is missing destination path: {path}")
    with _told(f"error in move for path: '{path}'"):
        _insert(*place, value)


def _copy(target: _Target, operation: Operation) -> None:
    source = _path(operation, "from")
    container, key = target.find(source, f"copy operation does not apply: doc is missing from path: {source}")
    with _told(f"error in copy for from: '{source}'"):
        value = _get(container, key)
    value = None if value is _MISSING else value
    path = _path(operation)
    place = target.find(path, f"copy operation does not apply: doc is missing destination path: {path}")
    target.copied += len(data := _dumps(value))
    if target.copied > MAX_COPIED:
        size = f"the accumulated size increase of copy is {target.copied}, exceeding the limit {MAX_COPIED}"
        raise Failed(f"Unable to complete the copy, {size}")
    with _told("error while adding value during copy"):
        _insert(*place, orjson.loads(data))


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        raise Failed("the document is nested too deeply") from None


def _test(target: _Target, operation: Operation) -> None:
    path = _path(operation)
    container, key = target.find(path, f"test operation does not apply: is missing path: {path}")
    with _told(f"error in test for path: '{path}'"):
        value = _get(container, key)
    if value is _MISSING or value is None:
        passes = "value" in operation and operation["value"] is None
    else:
        passes = "value" in operation and jsonvalues.equal(value, operation["value"])
    if not passes:
        raise Failed(f"testing value {path} failed: test failed")


_OPERATIONS: dict[str, Callable[[_Target, Operation], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
