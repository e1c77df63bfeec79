"""What a whole namespace uses of what one quota limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fakekube.apis.quota import scopes
from fakekube.apis.quota.amounts import NONE, Amounts, add, only
from fakekube.apis.quota.evaluators import Evaluator
from fakekube.machinery.objects import Object

Listed = Callable[[], Sequence[Object]]


def usage_of(quota: Object, sources: Iterable[tuple[Evaluator, Listed]], now: float) -> Amounts:
    """The amounts of the quota's hard limits that anything measures.

    `sources` are all resources' rules, each with the namespace's objects, which are listed only where they matter.
    """
    hard = set((quota["spec"].get("hard") or {}).keys())
    used: Amounts = {}
    for evaluator, listed in sources:
        if measured := evaluator.measured(hard):
            used = add(used, _sum(quota, evaluator, measured, listed(), now))
    return only(used, hard)


def _sum(quota: Object, evaluator: Evaluator, names: set[str], objects: Sequence[Object], now: float) -> Amounts:
    """A selector that nobody understands ends the count, as in the real evaluator."""
    used: Amounts = dict.fromkeys(names, NONE)
    try:
        for obj in objects:
            if all(evaluator.in_scope(selector, obj) for selector in _selectors(quota)):
                used = add(used, evaluator.usage(obj, now))
    except scopes.BadSelector:
        return used
    return used


def _selectors(quota: Object) -> list[Object]:
    """Unlike in admission, a plain scope comes without an operator."""
    named = [{"scopeName": scope} for scope in quota["spec"].get("scopes") or ()]
    return named + scopes.expressions(quota)
