"""The columns of custom resources: JSONPaths into the object. Follows registry/customresource/tableconvertor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from fakekube.apis.resource import Column
from fakekube.machinery.goformat import float_text
from fakekube.machinery.jsonpath import JSONPath
from fakekube.machinery.jsonvalues import as_go_keeps_it
from fakekube.machinery.objects import Object
from fakekube.machinery.times import age

Show = Callable[[Any, float], Any]
NAME = Column("Name", "string", ".metadata.name", format="name")
PATH_TEXT = "Custom resource definition column (in JSONPath format): {}"
DEFAULT = ({"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},)


def columns(defined: Sequence[Object] | None) -> tuple[Column, ...]:
    """Name, and what the version defines beside it: the age, if nothing."""
    return (NAME, *(_column(one) for one in defined or DEFAULT))


def _column(defined: Object) -> Column:
    path, kind = JSONPath(defined["jsonPath"]), defined["type"]
    show: Show = SHOWN.get(kind, _nothing)

    def cell(obj: Object, now: float) -> Any:
        found = path.find(obj)
        return show(found[0], now) if found else None

    return Column(
        defined["name"],
        kind,
        cell,
        priority=defined.get("priority", 0),
        format=defined.get("format", ""),
        description=defined.get("description") or PATH_TEXT.format(defined["jsonPath"]),
    )


def _nothing(value: Any, now: float) -> None:
    """Of a type that has no cells."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any, now: float) -> str:
    """As client-go's jsonpath prints it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "<no value>"}[value]
    if isinstance(value, float):
        return float_text(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _date(value: Any, now: float) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return age(value, now)
    except ValueError:
        return "<invalid>"


SHOWN: dict[str, Show] = {
    "string": _text,
    "integer": lambda value, now: int(value) if _is_number(value) else None,
    "number": lambda value, now: as_go_keeps_it(value) if _is_number(value) else None,
    "boolean": lambda value, now: value if isinstance(value, bool) else None,
    "date": _date,
}
"""By the column's type: (value, now) -> cell."""
