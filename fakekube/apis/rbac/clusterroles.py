"""ClusterRole. Follows pkg/apis/rbac and pkg/registry/rbac/clusterrole of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.rbac.kinds import rbac_kind
from fakekube.apis.rbac.rules import validate_rules
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.objects import Object

SELECTORS = Path("aggregationRule") / "clusterRoleSelectors"


def validate(role: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the rules, or with how they are aggregated."""
    yield from validate_rules(role.get("rules"), namespaced=False)
    rule = role.get("aggregationRule")
    if rule is None:
        return
    if not rule.get("clusterRoleSelectors"):
        yield required(SELECTORS, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for index, selector in enumerate(rule.get("clusterRoleSelectors") or ()):
        yield from selectors.validate_object(selector, SELECTORS @ index)
        try:
            selectors.from_object(selector)
        except selectors.SelectorError:
            yield invalid(SELECTORS @ index, None, "invalid label selector.")


RESOURCE = rbac_kind("ClusterRole", validate, namespaced=False)
