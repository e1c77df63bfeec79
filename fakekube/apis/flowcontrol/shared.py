"""What FlowSchema and PriorityLevelConfiguration have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.machinery.fielderrors import FieldError, Path, duplicate, required
from fakekube.machinery.objects import Object

GROUP = "flowcontrol.apiserver.k8s.io"
SPEC = Path("spec")


def validate_conditions(obj: Object) -> Iterator[FieldError]:
    """Conditions have a type, and one of each."""
    path = Path("status") / "conditions"
    types = [condition.get("type", "") for condition in (obj.get("status") or {}).get("conditions") or ()]
    for index, type_ in enumerate(types):
        if type_ in types[:index]:
            yield duplicate(path @ index / "type", type_)
        if not type_:
            yield required(path @ index / "type", "must not be empty")


def same(value: Any, other: Any) -> bool:
    """Whether two specs mean the same: what is empty counts as absent."""
    return bool(_bare(value) == _bare(other))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: bare for name, item in value.items() if (bare := _bare(item)) not in (None, {}, [], "", False)}
    return [_bare(item) for item in value] if isinstance(value, list) else value
