"""JSON patch, RFC 6902, as evanphx/json-patch applies it for kube-apiserver v1.20.

That library is laxer than the RFC, so a patch goes through here that others refuse: a "replace" may add a key, a
negative index counts from the end where something is added or removed, and a missing value is null. What makes it
panic is answered like any other patch that does not apply. Keys come out sorted wherever it looked into an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from fakekube.machinery import jsontext, jsonvalues, status
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors

MAX_OPERATIONS = 10_000
MAX_COPIED = 3 * 1024 * 1024
"""Bytes of JSON that "copy" operations may add up to."""
Operation = dict[str, Any]

_INDEX = re.compile(r"[+-]?[0-9]{1,18}")
_MISSING = object()


class _Failed(Exception):
    """An operation does not apply."""


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
    target = _Target(jsonvalues.deep_copy(document))
    try:
        for operation in patch:
            _carry_out(target, operation or {})
        _dumps(target.root)  # what cannot be written is no document
    except _Failed:
        raise errors.unprocessable() from None
    target.sort()
    return target.root


def _carry_out(target: _Target, operation: Operation) -> None:
    kind = operation.get("op")
    if not isinstance(kind, str) or kind not in _OPERATIONS:
        raise _Failed(kind)
    _OPERATIONS[kind](target, operation)


class _Target:
    """A document that is ours to change, and which of its objects were looked into."""

    def __init__(self, root: Object) -> None:
        self.root = root
        self.copied = 0
        self._opened: dict[int, Object] = {id(root): root}

    def find(self, pointer: str) -> tuple[Any, str]:
        """The container that a pointer leads into, and the last key. Raises _Failed."""
        parts = pointer.split("/")[1:]  # what stands before the first slash counts for nothing
        if not parts:
            raise _Failed(pointer)
        keys = [part.replace("~1", "/").replace("~0", "~") for part in parts]
        container: Any = self.root
        for key in keys[:-1]:
            container = _get(container, key)
            if isinstance(container, dict):
                self._opened[id(container)] = container
            elif not isinstance(container, list):
                raise _Failed(pointer)
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
        raise _Failed(key)
    index, size = int(key), len(items) + extra
    if index < 0 and negative:
        index += size
    if not 0 <= index < size:
        raise _Failed(key)
    return index


def _path(operation: Operation, name: str = "path") -> str:
    path = operation.get(name)
    if not isinstance(path, str):
        raise _Failed(name)
    return path


def _get(container: Any, key: str) -> Any:
    """The value, or _MISSING for an object without that key. Raises _Failed for a list without that index."""
    if isinstance(container, list):
        return container[_index(container, key)]
    return container.get(key, _MISSING)


def _insert(container: Any, key: str, value: Any) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        container.insert(_index(container, key, extra=1, negative=True), value)


def _delete(container: Any, key: str) -> None:
    if isinstance(container, dict):
        if key not in container:
            raise _Failed(key)
        del container[key]
    else:
        del container[_index(container, key, negative=True)]


def _add(target: _Target, operation: Operation) -> None:
    _insert(*target.find(_path(operation)), jsonvalues.deep_copy(operation.get("value")))


def _remove(target: _Target, operation: Operation) -> None:
    _delete(*target.find(_path(operation)))


def _replace(target: _Target, operation: Operation) -> None:
    container, key = target.find(_path(operation))
    place = _index(container, key) if isinstance(container, list) else key
    container[place] = jsonvalues.deep_copy(operation.get("value"))


def _move(target: _Target, operation: Operation) -> None:
    container, key = target.find(_path(operation, "from"))
    value = _get(container, key)
    _delete(container, key)
    _insert(*target.find(_path(operation)), value)


def _copy(target: _Target, operation: Operation) -> None:
    value = _get(*target.find(_path(operation, "from")))
    value = None if value is _MISSING else value
    place = target.find(_path(operation))
    target.copied += len(data := _dumps(value))
    if target.copied > MAX_COPIED:
        raise _Failed(target.copied)
    _insert(*place, orjson.loads(data))


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # too deep
        raise _Failed("depth") from None


def _test(target: _Target, operation: Operation) -> None:
    value = _get(*target.find(_path(operation)))
    if value is _MISSING or value is None:
        passes = "value" in operation and operation["value"] is None
    else:
        passes = "value" in operation and jsonvalues.equal(value, operation["value"])
    if not passes:
        raise _Failed(operation)


_OPERATIONS: dict[str, Callable[[_Target, Operation], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
