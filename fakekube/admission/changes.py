"""What a mutating plugin did to an object, for the decision record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from fakekube.machinery.objects import Object

LONGEST = 200
"""Characters of a value that are shown."""
KEYED = ("metadata.annotations", "metadata.labels")
"""Maps whose keys are no field names."""


def frozen(obj: Object) -> bytes:
    """The object as it is now."""
    try:
        return orjson.dumps(obj)
    except TypeError:  # a number that JSON has and orjson has not
        return json.dumps(obj).encode()


def changes(before: bytes, after: bytes, *, confidential: bool = False) -> list[str]:
    """ "path: new value" for each value that differs, in the order of the object; of secrets the paths alone."""
    found = _members(_thawed(before), _thawed(after), "")
    return [path for path, _ in found] if confidential else [f"{path}: {shown}" for path, shown in found]


def _thawed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # such a number again
        return json.loads(data)


def _members(before: Object, after: Object, path: str) -> Iterator[tuple[str, str]]:
    for name, value in after.items():
        if name not in before:
            yield from _values(None, value, _inner(path, name))
        elif before[name] != value:
            yield from _values(before[name], value, _inner(path, name))
    yield from ((_inner(path, name), "removed") for name in before if name not in after)


def _inner(path: str, name: str) -> str:
    if path in KEYED:
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name


def _values(before: Any, after: Any, path: str) -> Iterator[tuple[str, str]]:
    """Of two values that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _members(before, after, path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) <= len(after):
        for index, value in enumerate(after):
            old = before[index] if index < len(before) else None
            if old != value:
                yield from _values(old, value, f"{path}[{index}]")
    else:
        yield path, _shown(after)


def _shown(value: Any) -> str:
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
