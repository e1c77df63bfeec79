"""runAsUser: MustRunAs, MustRunAsNonRoot or RunAsAny."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.admission.psp import ranges
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.objects import Object

RULES = ("MustRunAs", "MustRunAsNonRoot", "RunAsAny")


def fault(strategy: Object) -> str:
    """Why a policy with this strategy cannot be tried; "" if it can."""
    if strategy.get("rule") not in RULES:
        return f"Unrecognized RunAsUser strategy type {strategy.get('rule', '')}"
    if strategy["rule"] == "MustRunAs" and not ranges.ranges_of(strategy):
        return "MustRunAs requires at least one range"
    return ""


def default(strategy: Object) -> int | None:
    """The user of a container that names none."""
    return ranges.lowest(ranges.ranges_of(strategy)) if strategy["rule"] == "MustRunAs" else None


def wants_non_root(strategy: Object) -> bool:
    """Whether a container that says nothing about its user is marked for the kubelet to check its image's."""
    return bool(strategy["rule"] == "MustRunAsNonRoot")


def check(strategy: Object, user: int | None, non_root: bool | None, path: Path) -> Iterator[FieldError]:
    """Judge what holds for a container; `path` is its security context's."""
    if strategy["rule"] == "MustRunAs":
        yield from _in_ranges(ranges.ranges_of(strategy), user, path / "runAsUser")
    elif strategy["rule"] == "MustRunAsNonRoot":
        yield from _not_root(user, non_root, path)


def _in_ranges(allowed: ranges.Ranges, user: int | None, path: Path) -> Iterator[FieldError]:
    if user is None:
        yield required(path)
    elif not ranges.contains(allowed, user):
        yield invalid(path, user, f"must be in the ranges: {ranges.text(allowed)}")


def _not_root(user: int | None, non_root: bool | None, path: Path) -> Iterator[FieldError]:
    """A user that nobody names may come from the image: the kubelet looks at that one."""
    if user is None and non_root is None:
        yield required(path / "runAsNonRoot", "must be true")
    elif non_root is False:
        yield invalid(path / "runAsNonRoot", False, "must be true")
    elif user == 0:
        yield invalid(path / "runAsUser", 0, "running with the root UID is forbidden")
