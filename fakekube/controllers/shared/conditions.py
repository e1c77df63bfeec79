"""Status conditions: lists of {"type", "status", "reason", "message", ...} in which each type stands once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fakekube.machinery.objects import Object


def conditions_of(obj: Object) -> list[Object]:
    """status.conditions, read-only."""
    return (obj.get("status") or {}).get("conditions") or []


def find(conditions: Iterable[Object], type_: str) -> Object | None:
    """The condition of that type."""
    return next((condition for condition in conditions if condition["type"] == type_), None)


def without(conditions: Iterable[Object], type_: str) -> list[Object]:
    """The others."""
    return [condition for condition in conditions if condition["type"] != type_]


def status_of(conditions: Iterable[Object], type_: str) -> str:
    """ "True", "False", "Unknown", or "" if there is no such condition."""
    found = find(conditions, type_)
    return found["status"] if found is not None else ""


def differ(a: Object, b: Object, fields: Sequence[str] = ("status", "reason", "message")) -> bool:
    """Whether two conditions of one type say different things."""
    return any(a.get(field, "") != b.get(field, "") for field in fields)


def made(type_: str, status: str, reason: str = "", message: str = "", **times: Any) -> Object:
    """A condition without the fields that are empty."""
    condition = {**times, "type": type_, "status": status, "reason": reason, "message": message}
    return {name: value for name, value in condition.items() if value != ""}
