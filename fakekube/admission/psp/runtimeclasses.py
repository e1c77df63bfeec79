"""RuntimeClass: which a pod may name, and which it gets otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

ANY = "*"


def default(spec: Object) -> str | None:
    """The class of a pod that names none."""
    name: str | None = (spec.get("runtimeClass") or {}).get("defaultRuntimeClassName")
    return name


def check(spec: Object, name: str | None, path: Path) -> Iterator[FieldError]:
    """Judge the class of a pod; none is always fine, and so is any where the policy does not care."""
    strategy = spec.get("runtimeClass")
    if strategy is None or name is None:
        return
    allowed = strategy.get("allowedRuntimeClassNames") or ()
    if ANY not in allowed and name not in allowed:
        yield invalid(path, name, "")
