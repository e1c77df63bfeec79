"""ResourceQuota. Follows pkg/apis/core/validation and pkg/registry/core/resourcequota of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec.defaults import round_up
from fakekube.apis.podspec.resources import amount, is_standard, resource_name
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

SPEC, STATUS = Path("spec"), Path("status")
PODS = frozenset({"pods"})
COMPUTE = PODS | {
    "cpu",
    "memory",
    "limits.cpu",
    "limits.memory",
    "requests.cpu",
    "requests.memory",
}
SCOPES = {
    "Terminating": COMPUTE,
    "NotTerminating": COMPUTE,
    "BestEffort": PODS,
    "NotBestEffort": COMPUTE,
    "PriorityClass": COMPUTE,
}
"""What may be counted in each scope."""
EXIST_ONLY = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating")
CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
ONLY_EXISTS = (
    "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and ResourceQuotaScopeNotBestEffort"
)
NEEDS_VALUE = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
NEEDLESS_VALUE = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
UNSUPPORTED, MISAPPLIED = "unsupported scope", "unsupported scope applied to resource"


def is_quota_resource(name: str) -> bool:
    """Whether it is a resource without a domain that a quota may limit."""
    return name != "storage" and is_standard(name)


def default(quota: Object) -> None:
    """Amounts are kept in thousandths."""
    spec, status = quota.get("spec") or {}, quota.get("status") or {}
    for amounts in (spec.get("hard"), status.get("hard"), status.get("used")):
        round_up(amounts)


def validate(quota: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new quota."""
    yield from again.created(quota)
    yield from _spec(quota.get("spec") or {})


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, twice, as the real server does; scopes never change."""
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    yield from again.judged(new, namespaced=True)
    yield from _spec(spec)
    yield from _status(new.get("status") or {})
    yield from again.changed(new, old)
    yield from _spec(spec)
    if set(spec.get("scopes") or ()) != set(before.get("scopes") or ()):
        yield invalid(SPEC / "scopes", _scopes_shown(spec), "field is immutable")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    yield from _status(new.get("status") or {})


def _spec(spec: Object) -> Iterator[FieldError]:
    yield from _amounts(spec.get("hard"), SPEC / "hard")
    counted = [name for name in sorted(spec.get("hard") or ()) if is_quota_resource(name)]
    if spec.get("scopes"):
        yield from _scopes(spec, counted, SPEC / "scopes")
    if spec.get("scopeSelector") is not None:
        yield from _selector(spec, counted, SPEC / "scopeSelector" / "matchExpressions")


def _status(status: Object) -> Iterator[FieldError]:
    yield from _amounts(status.get("hard"), STATUS / "hard")
    yield from _amounts(status.get("used"), STATUS / "used")


def _amounts(amounts: Object | None, path: Path) -> Iterator[FieldError]:
    for name, text in (amounts or {}).items():
        here = path @ name
        yield from resource_name(name, here)
        if "/" not in name and not is_quota_resource(name):
            yield invalid(here, name, "must be a standard resource for quota")
        yield from amount(name, text, here)


def _scopes(spec: Object, counted: list[str], path: Path) -> Iterator[FieldError]:
    for scope in spec["scopes"]:
        if scope not in SCOPES:
            yield invalid(path, _scopes_shown(spec), UNSUPPORTED)
        for _ in _misapplied(scope, counted):
            yield invalid(path, _scopes_shown(spec), MISAPPLIED)
    yield from _conflicts(spec["scopes"], spec, path)


def _misapplied(scope: str, counted: list[str]) -> list[str]:
    return [name for name in counted if scope in SCOPES and name not in SCOPES[scope]]


def _conflicts(scopes: list[str], spec: Object, path: Path) -> Iterator[FieldError]:
    for pair in CONFLICTS:
        if set(pair) <= set(scopes):
            yield invalid(path, _scopes_shown(spec), "conflicting scopes")


def _scopes_shown(spec: Object) -> Go:
    return Go(spec.get("scopes"), "[]core.ResourceQuotaScope")


def _selector(spec: Object, counted: list[str], path: Path) -> Iterator[FieldError]:
    requirements = spec["scopeSelector"].get("matchExpressions") or ()
    for requirement in requirements:
        scope = requirement.get("scopeName", "")
        if scope not in SCOPES:
            yield invalid(path / "scopeName", scope, UNSUPPORTED)
        for _ in _misapplied(scope, counted):
            yield invalid(path, Go(spec["scopeSelector"], "*core.ScopeSelector"), MISAPPLIED)
        if scope in EXIST_ONLY and requirement.get("operator") != "Exists":
            yield invalid(path / "operator", requirement.get("operator", ""), ONLY_EXISTS)
        yield from _operator(requirement, path)
    yield from _conflicts([one.get("scopeName", "") for one in requirements], spec, path)


def _operator(requirement: Object, path: Path) -> Iterator[FieldError]:
    operator, values = requirement.get("operator", ""), requirement.get("values")
    if operator in ("In", "NotIn"):
        if not values:
            yield required(path / "values", NEEDS_VALUE)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield invalid(path / "values", Go(values, "[]string"), NEEDLESS_VALUE)
    else:
        yield invalid(path / "operator", operator, "not a valid selector operator")


def _used(quota: Object, limits: bool) -> str:
    """Used and hard amounts, of the resources that begin with "limits." or of the others."""
    status = quota.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    names = [name for name in sorted(hard) if name.startswith("limits.") is limits]
    return ", ".join(f"{name}: {used.get(name, '0')}/{hard[name]}" for name in names)


RESOURCE = Resource(
    group="",
    plural="resourcequotas",
    kind="ResourceQuota",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("quota",),
    subresources=(Subresource("status", validate_update=validate_status_update),),
    returns_deleted=True,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        AGE,
        Column(
            "Request",
            "string",
            lambda quota, now: _used(quota, False),
            description="Request represents a minimum amount of cpu/memory that a container may consume.",
        ),
        Column(
            "Limit",
            "string",
            lambda quota, now: _used(quota, True),
            description="Limits control the maximum amount of cpu/memory that a container may use independent of "
            "contention on the node.",
        ),
    ),
)
