"""Where a pod may run: affinity, tolerations, topology spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.apis.podspec.checks import POSITIVE
from fakekube.apis.podspec.nodeselectors import node_selector, node_selector_term
from fakekube.machinery import metarules, selectors
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, label_value, qualified_name
from fakekube.machinery.objects import Object

WELL_KNOWN = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
"""Keys of the tolerations that nearly every pod has."""
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
OPERATORS = ("Equal", "Exists")
ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
MATCH_ALL = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
ONLY_ADDED = "existing toleration can not be modified except its tolerationSeconds"


def validate_affinity(affinity: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with affinities to nodes and to other pods."""
    if affinity.get("nodeAffinity") is not None:
        yield from _node_affinity(affinity["nodeAffinity"], path / "nodeAffinity")
    for name in ("podAffinity", "podAntiAffinity"):
        if affinity.get(name) is not None:
            yield from _pod_affinity(affinity[name], path / name)


def _node_affinity(affinity: Object, path: Path) -> Iterator[FieldError]:
    if affinity.get(REQUIRED) is not None:
        yield from node_selector(affinity[REQUIRED], path / REQUIRED)
    for index, term in enumerate(affinity.get(PREFERRED) or ()):
        here = path / PREFERRED @ index
        yield from _weight(term, here)
        yield from node_selector_term(term.get("preference") or {}, here / "preference")


def _pod_affinity(affinity: Object, path: Path) -> Iterator[FieldError]:
    for index, term in enumerate(affinity.get(REQUIRED) or ()):
        yield from _pod_affinity_term(term, path / REQUIRED @ index)
    for index, weighted in enumerate(affinity.get(PREFERRED) or ()):
        here = path / PREFERRED @ index
        yield from _weight(weighted, here)
        yield from _pod_affinity_term(weighted.get("podAffinityTerm") or {}, here / "podAffinityTerm")


def _weight(term: Object, path: Path) -> Iterator[FieldError]:
    weight = term.get("weight", 0)
    if not 1 <= weight <= 100:
        yield invalid(path / "weight", weight, "must be in the range 1-100")


def _pod_affinity_term(term: Object, path: Path) -> Iterator[FieldError]:
    yield from selectors.validate_object(term.get("labelSelector"), path / "matchExpressions")
    for name in term.get("namespaces") or ():
        yield from (invalid(path / "namespace", name, wrong) for wrong in dns_label(name))
    key = term.get("topologyKey", "")
    if not key:
        yield required(path / "topologyKey", "can not be empty")
    yield from metarules.validate_label_name(key, path / "topologyKey")


def validate_tolerations(tolerations: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with tolerations."""
    for index, toleration in enumerate(tolerations):
        key, operator, effect = (toleration.get(name, "") for name in ("key", "operator", "effect"))
        if key:
            if key not in WELL_KNOWN:
                yield from (invalid(path @ index / "key", key, wrong) for wrong in qualified_name(key))
        elif operator != "Exists":
            yield invalid(path @ index / "operator", operator, MATCH_ALL)
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            yield invalid(path @ index / "effect", effect, why)
        yield from _operator(toleration, operator, path, index)
        if effect and effect not in EFFECTS:
            yield not_supported(path @ index / "effect", effect, EFFECTS)


def _operator(toleration: Object, operator: str, path: Path, index: int) -> Iterator[FieldError]:
    value = toleration.get("value", "")
    if operator in ("", "Equal"):
        if value and (wrong := ";".join(label_value(value))):
            yield invalid(path @ index / "operator", value, wrong)
    elif operator == "Exists":
        if value:
            shown = Go(toleration, "core.Toleration")
            yield invalid(path @ index / "operator", shown, "value must be empty when `operator` is 'Exists'")
    else:
        yield not_supported(path @ index / "operator", operator, OPERATORS)


def validate_added_tolerations(new: Sequence[Object], old: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """An update may add tolerations and change how long one holds, no more."""
    kept = [_timeless(toleration) for toleration in new]
    if any(_timeless(toleration) not in kept for toleration in old):
        yield forbidden(path, ONLY_ADDED)
    else:
        yield from validate_tolerations(new, path)


def _timeless(toleration: Object) -> Object:
    return {name: value for name, value in toleration.items() if value and name != "tolerationSeconds"}


def validate_spread(constraints: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with topology spread constraints."""
    pairs = [(one.get("topologyKey", ""), one.get("whenUnsatisfiable", "")) for one in constraints]
    for index, (constraint, (key, action)) in enumerate(zip(constraints, pairs, strict=True)):
        skew = constraint.get("maxSkew", 0)
        if skew <= 0:
            yield invalid(path @ index / "maxSkew", skew, POSITIVE)
        if not key:
            yield required(path @ index / "topologyKey", "can not be empty")
        if action not in ACTIONS:
            yield not_supported(path @ index / "whenUnsatisfiable", action, ACTIONS)
        if (key, action) in pairs[index + 1 :]:
            yield duplicate(path @ index / "{topologyKey, whenUnsatisfiable}", f"{{{key}, {action}}}")
