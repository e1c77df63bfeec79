"""PodDisruptionBudget. Follows pkg/apis/policy and pkg/registry/policy/poddisruptionbudget of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fakekube.apis import intorpercent
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object

SPEC, STATUS = Path("spec"), Path("status")
LIMITS = ("minAvailable", "maxUnavailable")
COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def validate(budget: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a budget; its metadata is judged by the store alone."""
    spec, status = budget.get("spec") or {}, budget.get("status") or {}
    limits = {name: spec[name] for name in LIMITS if spec.get(name) is not None}
    if len(limits) == 2:
        shown = Go(spec, "policy.PodDisruptionBudgetSpec")
        yield invalid(SPEC, shown, "minAvailable and maxUnavailable cannot be both set")
    for name, limit in limits.items():
        yield from intorpercent.positive(limit, SPEC / name)
        yield from intorpercent.at_most_all(limit, SPEC / name)
    yield from selectors.validate_object(spec.get("selector"), SPEC / "selector")
    for name in COUNTS:
        if (count := status.get(name) or 0) < 0:
            yield invalid(STATUS / name, count, intorpercent.NEGATIVE)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Everything may change."""
    return validate(new)


def _limit(name: str) -> Callable[[Object, float], str]:
    def cell(budget: Object, _: float) -> str:
        limit = (budget.get("spec") or {}).get(name)
        return "N/A" if limit is None else str(limit)

    return cell


def _allowed(budget: Object, _: float) -> int:
    count: int = (budget.get("status") or {}).get("disruptionsAllowed", 0)
    return count


RESOURCE = Resource(
    group="policy",
    plural="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    versions=(Version("v1", since="1.21"), Version("v1beta1", storage=True, until="1.25")),
    short_names=("pdb",),
    subresources=(Subresource("status"),),
    validate_name=path_segment,
    metadata_last=True,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    unconditional_update=False,
    columns=(
        NAME,
        Column("Min Available", "string", _limit("minAvailable")),
        Column("Max Unavailable", "string", _limit("maxUnavailable")),
        Column("Allowed Disruptions", "integer", _allowed),
        AGE,
    ),
)
