"""Lists that are sets or maps: no item twice. Follows apiextensions-apiserver's schema/listtype."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.machinery.structural.walking import children


def validate(value: Any, schema: Object, path: Path) -> Iterator[FieldError]:
    """Yield the items that stand in their list again."""
    if isinstance(value, list):
        keys = _keys(schema, schema.get("items") or {})
        if keys is not None:
            yield from _repeated(value, keys, path)
    for child in children(value, schema, path):
        yield from validate(*child)


def _keys(schema: Object, items: Object) -> dict[str, Any] | None:
    """Which fields tell items apart, with their defaults; {} for whole items, None where nothing does."""
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set":
        return {}
    if kind != "map":
        return None
    properties = items.get("properties") or {}
    return {
        name: (properties.get(name) or {}).get("default") for name in schema.get("x-kubernetes-list-map-keys") or ()
    }


def _repeated(items: list[Any], keys: dict[str, Any], path: Path) -> Iterator[FieldError]:
    strange = next((index for index, item in enumerate(items) if item is not None and not isinstance(item, dict)), None)
    if keys and strange is not None:
        yield invalid(path @ strange, items[strange], "must be an object for an array of list-type map")
        return
    seen: dict[bytes, int] = {}
    for index, item in enumerate(items):
        if keys:
            item = {name: item[name] for name in keys if name in item} if isinstance(item, dict) else {}
        text = orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield duplicate(path @ index, Go(item, "interface {}") if isinstance(item, dict | list) else item)
