"""seLinux: MustRunAs or RunAsAny."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.objects import Object

RULES = ("MustRunAs", "RunAsAny")
PARTS = ("level", "role", "type", "user")


def fault(strategy: Object) -> str:
    """Why a policy with this strategy cannot be tried; "" if it can."""
    if strategy.get("rule") not in RULES:
        return f"Unrecognized SELinuxContext strategy type {strategy.get('rule', '')}"
    missing = strategy["rule"] == "MustRunAs" and strategy.get("seLinuxOptions") is None
    return "MustRunAs requires SELinuxOptions" if missing else ""


def default(strategy: Object) -> Object | None:
    """The options of a pod or container that names none."""
    return strategy["seLinuxOptions"] if strategy["rule"] == "MustRunAs" else None


def check(strategy: Object, options: Object | None, path: Path) -> Iterator[FieldError]:
    """Judge what holds for a pod or container."""
    if strategy["rule"] == "RunAsAny":
        return
    if options is None:
        yield required(path)
        return
    for part in PARTS:
        wanted, given = strategy["seLinuxOptions"].get(part, ""), options.get(part, "")
        if not (_same_level(wanted, given) if part == "level" else wanted == given):
            yield invalid(path / part, given, f"must be {wanted}")


def _same_level(wanted: str, given: str) -> bool:
    """The categories behind the colon of a level, s0:c6,c0, may come in any order."""
    if wanted == given:
        return True
    if ":" not in wanted or ":" not in given:
        return False
    (sensitivity, _, categories), (other, _, others) = wanted.partition(":"), given.partition(":")
    return sensitivity == other and sorted(categories.split(",")) == sorted(others.split(","))
