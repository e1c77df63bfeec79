"""What a mutating plugin did to an object, for the decision record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from fakekube.machinery.fielderrors import Path
from fakekube.machinery.objects import Object

LONGEST = 200
"""Characters of a value that are shown."""
ROOT = Path()
KEYED = ("metadata.annotations", "metadata.labels")
"""Maps whose keys are no field names."""


def frozen(obj: Object) -> bytes:
    """The object as it is now."""
    try:
        return orjson.dumps(obj)
    except TypeError:  # a number that JSON has and orjson has not
        return json.dumps(obj).encode()


def changes(before: bytes, after: Object) -> list[str]:
    """ "path: new value" for each value that differs, in the order of the object."""
    return [f"{path}: {shown}" for path, shown in _walk(json.loads(before), after, ROOT)]


def _walk(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*after, *(name for name in before if name not in after)]:
            inner = path @ name if path.text in KEYED else path / name
            yield from _member(before, after, name, inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) <= len(after):
        for index, value in enumerate(after):
            yield from _walk(before[index] if index < len(before) else None, value, path @ index)
    else:
        yield path, _shown(after)


def _member(before: Object, after: Object, name: str, path: Path) -> Iterator[tuple[Path, str]]:
    if name in after:
        yield from _walk(before.get(name), after[name], path)
    else:
        yield path, "removed"


def _shown(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
