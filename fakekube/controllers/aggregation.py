"""The cluster role aggregation controller: collects the rules of the roles that an aggregationRule selects.

Follows pkg/controller/clusterroleaggregation of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.apis.rbac.clusterroles import RESOURCE as CLUSTERROLES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.objects import key, labels_of, name_of, revised
from fakekube.machinery import selectors
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Client, Reader


def aggregated(role: Object, roles: Sequence[Object]) -> list[Object]:
    """The rules of all other selected roles, selector by selector and in order of their names, each once."""
    rules: list[Object] = []
    for wanted in role["aggregationRule"].get("clusterRoleSelectors") or ():
        selector = selectors.from_object(wanted)
        for other in sorted((other for other in roles if selector.matches(labels_of(other))), key=name_of):
            if name_of(other) != name_of(role):
                rules.extend(rule for rule in _compact(other.get("rules") or ()) if rule not in rules)
    return rules


def _compact(rules: Iterable[Object]) -> Iterable[Object]:
    """Without empty lists, which mean the same as none, and without repetitions."""
    seen: list[Object] = []
    for rule in rules:
        short = {name: value for name, value in rule.items() if value or name == "verbs"}
        if short not in seen:
            seen.append(short)
    return seen


async def reconcile(name: Key, api: Client) -> None:
    """Write the rules of one aggregating role where they differ."""
    role = api.get(CLUSTERROLES, name)
    if role is None or role.get("aggregationRule") is None:
        return
    rules = aggregated(role, api.list(CLUSTERROLES))
    if rules != (role.get("rules") or []):
        await api.update(CLUSTERROLES, revised(role, rules=rules))


def controller() -> Controller:
    """Any change of any role may concern all roles that aggregate, so it remembers which have done so."""
    aggregating: set[Key] = set()

    def concerned(role: Object, _: Reader) -> Iterable[Key]:
        if role.get("aggregationRule") is not None:
            aggregating.add(key(role))
        return tuple(aggregating)

    return Controller("clusterrole-aggregation-controller", (Watch(CLUSTERROLES, concerned),), reconcile)
