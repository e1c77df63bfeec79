"""What has to be written so that a default role or binding grants at least what it should.

Follows component-helpers' auth/rbac/reconciliation: missing labels, rules and subjects come back, what people added
stays, and the annotation autoupdate "false" lets an object alone.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from fakekube.authz.bootstrap import AUTO_UPDATE
from fakekube.authz.rules import uncovered
from fakekube.machinery.objects import Object


class Operation(Enum):
    """What to do with the object."""

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    RECREATE = "recreate"
    """Delete the existing one first: a binding's roleRef cannot change."""


class Change(NamedTuple):
    """The operation and the object to write."""

    operation: Operation
    object: Object


def reconcile(existing: Object | None, wanted: Object) -> Change:
    """What to do about one role or binding; `existing` is read-only."""
    if existing is None:
        return Change(Operation.CREATE, wanted)
    protected = existing["metadata"].get("annotations", {}).get(AUTO_UPDATE) == "false"
    if "roleRef" in wanted and existing["roleRef"] != wanted["roleRef"]:
        return Change(Operation.NONE, existing) if protected else Change(Operation.RECREATE, wanted)
    merged = _merged(existing, wanted)
    if protected or merged == existing:
        return Change(Operation.NONE, existing)
    return Change(Operation.UPDATE, merged)


def _merged(existing: Object, wanted: Object) -> Object:
    merged = {**existing, "metadata": {**existing["metadata"]}}
    for field in ("labels", "annotations"):
        both = {**wanted["metadata"].get(field, {}), **existing["metadata"].get(field, {})}
        if both:
            merged["metadata"][field] = both
    if "roleRef" in wanted:
        _add_subjects(merged, wanted)
    else:
        _add_rules(merged, wanted)
    return merged


def _add_subjects(merged: Object, wanted: Object) -> None:
    present = merged.get("subjects") or []
    if missing := [subject for subject in wanted.get("subjects") or () if subject not in present]:
        merged["subjects"] = [*present, *missing]


def _add_rules(merged: Object, wanted: Object) -> None:
    """An aggregated role's own rules are the aggregation controller's; it is the selectors that come back."""
    selectors = (wanted.get("aggregationRule") or {}).get("clusterRoleSelectors", [])
    present = (merged.get("aggregationRule") or {}).get("clusterRoleSelectors", [])
    if not selectors:
        if missing := uncovered(merged.get("rules") or (), wanted.get("rules") or ()):
            merged["rules"] = [*(merged.get("rules") or ()), *missing]
        merged.pop("aggregationRule", None)
    elif missing := [selector for selector in selectors if selector not in present]:
        merged["aggregationRule"] = {"clusterRoleSelectors": [*present, *missing]}
