"""Defaults of a structural schema, and nulls where there may be none.

Follows apiextensions-apiserver's schema/defaulting: a null that is not nullable counts as missing.
"""

from __future__ import annotations

import copy
from typing import Any

from fakekube.machinery.objects import Object


def default(value: Any, schema: Object) -> None:
    """Put in what is missing, in place; a default is looked into as well."""
    if isinstance(value, dict):
        _default_fields(value, schema)
        for name in value:
            if (part := _part(schema, name)) is not None:
                if _is_wrong_null(value[name], part):
                    value[name] = copy.deepcopy(part.get("default"))
                default(value[name], part)
    elif isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        for index, item in enumerate(value):
            if _is_wrong_null(item, items):
                value[index] = copy.deepcopy(items.get("default"))
            default(value[index], items)


def _default_fields(value: dict[str, Any], schema: Object) -> None:
    for name, part in (schema.get("properties") or {}).items():
        given = part.get("default")
        if given is not None and (name not in value or _is_wrong_null(value[name], part)):
            value[name] = copy.deepcopy(given)


def drop_nulls(value: Any, schema: Object | None) -> None:
    """Remove the nulls, in place, that are neither allowed nor replaced by a default."""
    if isinstance(value, dict):
        for name in list(value):
            part = _part(schema, name)
            if part is not None and _is_wrong_null(value[name], part) and part.get("default") is None:
                del value[name]
            else:
                drop_nulls(value[name], part)
    elif isinstance(value, list):
        items = (schema or {}).get("items")
        for item in value:
            drop_nulls(item, items if isinstance(items, dict) else None)


def _is_wrong_null(value: Any, schema: Object) -> bool:
    return value is None and not schema.get("nullable")


def _part(schema: Object | None, name: str) -> Object | None:
    """The schema of a field or of a map's value."""
    if schema is None:
        return None
    found = (schema.get("properties") or {}).get(name)
    if found is None:
        found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None
