"""Which nodes a pod may be on: node selectors, node affinity, taints and tolerations. Pure.

Follows pkg/scheduler/framework/plugins/helper and pkg/apis/core/v1/helper of v1.20.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from fakekube.machinery import selectors
from fakekube.machinery.objects import Object

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"


def tolerates(toleration: Object, taint: Object) -> bool:
    """Whether one toleration tolerates the taint; without an effect or a key it tolerates all of them."""
    if toleration.get("effect", "") not in ("", taint.get("effect", "")):
        return False
    if toleration.get("key", "") not in ("", taint["key"]):
        return False
    operator = toleration.get("operator", "") or "Equal"
    same: bool = toleration.get("value", "") == taint.get("value", "")
    return operator == "Exists" or (operator == "Equal" and same)


def is_tolerated(taint: Object, tolerations: Iterable[Object]) -> bool:
    """Whether any of them tolerates the taint."""
    return any(tolerates(toleration, taint) for toleration in tolerations)


def untolerated(spec: Object, taints: Iterable[Object], effects: Collection[str]) -> Iterator[Object]:
    """The taints with one of these effects that the pod spec does not tolerate."""
    tolerations = spec.get("tolerations") or ()
    for taint in taints:
        if taint["effect"] in effects and not is_tolerated(taint, tolerations):
            yield taint


def taints_of(node: Object) -> list[Object]:
    """spec.taints, read-only."""
    return (node.get("spec") or {}).get("taints") or []


def required_affinity(spec: Object) -> Object | None:
    """The node selector that is required during scheduling."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    found: Object | None = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return found


def is_choosy(spec: Object) -> bool:
    """Whether the pod spec has a node selector or a required node affinity."""
    return bool(spec.get("nodeSelector")) or required_affinity(spec) is not None


def matches_node(spec: Object, node: Object) -> bool:
    """Whether the pod spec's node selector and required node affinity take the node."""
    labels = node["metadata"].get("labels") or {}
    if not (spec.get("nodeSelector") or {}).items() <= labels.items():
        return False
    required = required_affinity(spec)
    return required is None or matches_terms(required.get("nodeSelectorTerms") or (), node)


def matches_terms(terms: Iterable[Object], node: Object) -> bool:
    """Whether any term of a node selector takes the node; a term without requirements takes none."""
    return any(matches_term(term, node) for term in terms)


def matches_term(term: Object, node: Object) -> bool:
    """Whether one term takes the node."""
    expressions, on_fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not on_fields:
        return False
    labels = node["metadata"].get("labels") or {}
    fields = {"metadata.name": node["metadata"]["name"]}
    try:
        return (not expressions or selectors.from_node_expressions(expressions).matches(labels)) and (
            not on_fields or selectors.from_node_expressions(on_fields).matches(fields)
        )
    except selectors.SelectorError:
        return False
