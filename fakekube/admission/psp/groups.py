"""runAsGroup, fsGroup and supplementalGroups: MustRunAs, MayRunAs or RunAsAny."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.admission.psp import ranges
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

ANY: Object = {"rule": "RunAsAny"}
"""What a policy without runAsGroup means."""
RULES = ("MustRunAs", "MayRunAs", "RunAsAny")


def fault(strategy: Object, name: str) -> str:
    """Why a policy with this strategy cannot be tried; "" if it can. `name` is what messages call the strategy."""
    rule = strategy.get("rule", "")
    if rule not in RULES:
        return f"Unrecognized {name} strategy type {rule}"
    return f"ranges must be supplied for {rule}" if rule != "RunAsAny" and not ranges.ranges_of(strategy) else ""


def default(strategy: Object) -> int | None:
    """The group of a pod or container that names none."""
    return ranges.lowest(ranges.ranges_of(strategy)) if strategy["rule"] == "MustRunAs" else None


def check(strategy: Object, groups: Sequence[int] | None, path: Path) -> Iterator[FieldError]:
    """Judge all groups that a field holds; None where it is left out."""
    if strategy["rule"] == "RunAsAny":
        return
    shown = Go(groups, "[]int64")
    allowed = ranges.ranges_of(strategy)
    if strategy["rule"] == "MustRunAs" and not groups:
        yield invalid(path, shown, "unable to validate empty groups against required ranges")
    for group in groups or ():
        if not ranges.contains(allowed, group):
            yield invalid(path, shown, f"group {group} must be in the ranges: {ranges.text(allowed)}")
