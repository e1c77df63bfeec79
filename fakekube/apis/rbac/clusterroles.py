"""ClusterRole. Follows pkg/apis/rbac and pkg/registry/rbac/clusterrole of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.rbac.rules import GROUP, validate_rules, versions
from fakekube.apis.resource import Resource
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object

SELECTORS = Path("aggregationRule") / "clusterRoleSelectors"


def validate(role: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new cluster role."""
    yield from again.created(role)
    yield from _rules_and_aggregation(role)


def _rules_and_aggregation(role: Object) -> Iterator[FieldError]:
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


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """An updated cluster role is judged twice."""
    for _ in range(2):
        yield from again.judged(new, namespaced=False, rule=path_segment)
        yield from _rules_and_aggregation(new)
    yield from again.changed(new, old)


RESOURCE = Resource(
    group=GROUP,
    plural="clusterroles",
    exportable=False,
    kind="ClusterRole",
    versions=versions("ClusterRole"),
    namespaced=False,
    validate_name=path_segment,
    validate=validate,
    validate_update=validate_update,
    create_on_update=True,
)
