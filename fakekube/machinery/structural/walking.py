"""The values within a value of a custom resource, each with the schema that speaks of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.machinery.fielderrors import Path
from fakekube.machinery.objects import Object


def children(value: Any, schema: Object, path: Path) -> Iterator[tuple[Any, Object, Path]]:
    """Items in their order, members in that of their names; what the schema does not speak of is left out."""
    if isinstance(value, list):
        items = schema.get("items") or {}
        yield from ((item, items, path @ index) for index, item in enumerate(value))
    elif isinstance(value, dict):
        properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
        for name in sorted(value):
            if name in properties:
                yield value[name], properties[name], path / name
            elif isinstance(others, dict):
                yield value[name], others, path @ name
