"""Whether a request fits into the quotas of its namespace, and what they are charged. Pure.

Follows CheckRequest of apiserver's admission/plugin/resourcequota.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from fakekube.apis.quota import scopes
from fakekube.apis.quota.amounts import Amounts, above, add, growth, negative, only, read, text
from fakekube.apis.quota.evaluators import Evaluator
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import UPDATE, Attributes


class Refused(ValueError):
    """Why the request may not pass, in the real plugin's words."""


class Limited(Struct, frozen=True):
    """A resource that nobody uses without a quota for it (LimitedResource of the configuration)."""

    resource: str
    """Qualified plural."""
    contains: tuple[str, ...] = ()
    """Parts of names of amounts that need a quota."""
    scopes: tuple[Object, ...] = ()


class Charge(Struct, frozen=True):
    """A quota, and what is used of it with the request."""

    quota: Object
    used: Amounts


class _Match(Struct):
    """What the quotas of a namespace have to do with one object."""

    quotas: list[Object] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Of the amounts that they limit."""
    scopes: set[str] = field(default_factory=set)
    """That the object shares with any of them."""


def check(
    a: Attributes, quotas: Sequence[Object], evaluator: Evaluator, limited: Sequence[Limited], now: float
) -> list[Charge]:
    """What to write into which quota. Raises Refused."""
    assert a.object is not None
    obj = a.object
    match = _match(obj, quotas, evaluator)
    used = evaluator.usage(obj, now)
    if below := negative(used):
        raise Refused(f"quota usage is negative for resource(s): {','.join(below)}")
    before = (a.old_object or {}) if a.operation == UPDATE else {}
    delta = growth(used, evaluator.usage(before, now) if before else {})
    if not delta:
        return []
    _check_covered(a, evaluator, limited, match, used)
    return list(_charges(match.quotas, delta))


def _match(obj: Object, quotas: Iterable[Object], evaluator: Evaluator) -> _Match:
    match = _Match()
    for quota in quotas:
        selectors = scopes.selectors(quota)
        shared = [selector for selector in selectors if evaluator.in_scope(selector, obj)]
        match.scopes |= {selector["scopeName"] for selector in shared}
        names = evaluator.measured(_hard(quota))
        if names and len(shared) == len(selectors):
            _check_quota(quota, obj, names, evaluator)
            match.quotas.append(quota)
            match.names |= names
    return match


def _check_quota(quota: Object, obj: Object, names: set[str], evaluator: Evaluator) -> None:
    """The object says what the quota has to know, and the quota knows what is used."""
    name = quota["metadata"]["name"]
    if missing := evaluator.missing(names, obj):
        raise Refused(f"failed quota: {name}: must specify {','.join(missing)}")
    if names - ((quota.get("status") or {}).get("used") or {}).keys():
        raise Refused(f"status unknown for quota: {name}, resources: {','.join(sorted(names))}")


def _check_covered(
    a: Attributes, evaluator: Evaluator, limited: Sequence[Limited], match: _Match, used: Amounts
) -> None:
    """What is limited by the configuration has a quota."""
    assert a.object is not None
    own = [one for one in limited if one.resource == a.resource.qualified]
    parts = [part for one in own for part in one.contains]
    needed = {name for name, amount in used.items() if amount.sign > 0 and any(part in name for part in parts)}
    if uncovered := sorted(needed - match.names):
        raise Refused(f"insufficient quota to consume: {','.join(uncovered)}")
    selectors = [selector for one in limited for selector in one.scopes if evaluator.in_scope(selector, a.object)]
    if outside := [selector for selector in selectors if selector["scopeName"] not in match.scopes]:
        raise Refused(f"insufficient quota to match these scopes: {_scopes_text(outside)}")


def _scopes_text(selectors: Sequence[Object]) -> str:
    """%v of the requirements."""
    shown = (f"{{{s['scopeName']} {s.get('operator', '')} [{' '.join(s.get('values') or ())}]}}" for s in selectors)
    return f"[{' '.join(shown)}]"


def _charges(quotas: Iterable[Object], delta: Amounts) -> Iterator[Charge]:
    for quota in quotas:
        hard, before = _hard(quota), read(quota["status"].get("used"))
        requested = only(delta, hard)
        if not requested:
            continue
        after = add(before, requested)
        if exceeded := above(only(after, requested), hard):
            raise Refused(
                f"exceeded quota: {quota['metadata']['name']}, requested: {text(only(requested, exceeded))}, "
                f"used: {text(only(before, exceeded))}, limited: {text(only(hard, exceeded))}"
            )
        yield Charge(quota, after)


def _hard(quota: Object) -> Amounts:
    return read((quota.get("status") or {}).get("hard"))


VERSIONS = tuple(f"{group}/{version}" for group, versions in (
    ("apiserver.config.k8s.io", ("v1",)),
    ("resourcequota.admission.k8s.io", ("v1", "v1beta1", "v1alpha1")),
) for version in versions)  # fmt: skip


def read_configuration(configuration: Object | None) -> list[Limited]:
    """The limited resources of a (ResourceQuota)Configuration. Raises ValueError."""
    if configuration is None:
        return []
    version, kind = configuration.get("apiVersion"), configuration.get("kind")
    if version not in VERSIONS or kind not in ("Configuration", "ResourceQuotaConfiguration"):
        raise ValueError(f'no kind "{kind}" is registered for version "{version}"')
    found = [_limited(one) for one in configuration.get("limitedResources") or ()]
    for index, one in enumerate(found):
        if not one.resource.partition(".")[0]:
            raise ValueError(f"limitedResources[{index}].resource: Required value")
    return found


def _limited(one: Object) -> Limited:
    group, plural = one.get("apiGroup") or "", one.get("resource") or ""
    qualified = f"{plural}.{group}" if group else plural
    return Limited(qualified, tuple(one.get("matchContains") or ()), tuple(one.get("matchScopes") or ()))
