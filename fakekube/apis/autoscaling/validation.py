"""What an autoscaler has to look like. Follows pkg/apis/autoscaling/validation of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.apps.workloads import SPEC, STATUS, not_negative
from fakekube.apis.autoscaling.metrics import Unset
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

MAX_PERIOD, MAX_WINDOW = 1800, 3600
"""Seconds."""
SELECT_POLICIES = ("Disabled", "Max", "Min")
POLICY_TYPES = ("Percent", "Pods")
SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
"""Type of a metric: the field that tells about it."""
TARGETS = ("Utilization", "Value", "AverageValue")
NO_SOURCE = "must populate information for the given metric source"
GATED = " (only allowed when HPAContainerMetrics feature is enabled)"
POSITIVE = "must be positive"


def validate(autoscaler: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(autoscaler)
    yield from _validate_spec(autoscaler["spec"], 1)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    yield from again.changed(new, old)
    yield from _validate_spec(new["spec"], 0 if old["spec"].get("minReplicas") == 0 else 1)


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    yield from not_negative(new.get("status", {}), ("currentReplicas", "desiredReplicas"), STATUS)


def _validate_spec(spec: Object, lowest: int) -> Iterator[FieldError]:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    if least is not None and least < lowest:
        yield invalid(SPEC / "minReplicas", least, f"must be greater than or equal to {lowest}")
    if most < 1:
        yield invalid(SPEC / "maxReplicas", most, "must be greater than 0")
    if least is not None and most < least:
        yield invalid(SPEC / "maxReplicas", most, "must be greater than or equal to `minReplicas`")
    yield from _reference(spec.get("scaleTargetRef") or {}, SPEC / "scaleTargetRef")
    yield from _metrics(spec.get("metrics") or [], SPEC / "metrics", least)
    behavior = spec.get("behavior") or {}
    for name in ("scaleUp", "scaleDown"):
        if (rules := behavior.get(name)) is not None:
            yield from _rules(rules, SPEC / "behavior" / name)


def _reference(reference: Object, path: Path) -> Iterator[FieldError]:
    for name in ("kind", "name"):
        yield from _segment(reference.get(name, ""), path / name)


def _segment(value: str, path: Path, missing: str = "") -> Iterator[FieldError]:
    if value:
        yield from (invalid(path, value, wrong) for wrong in path_segment(value))
    else:
        yield required(path, missing)


# How fast


def _rules(rules: Object, path: Path) -> Iterator[FieldError]:
    window, policy = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    if window is not None and window < 0:
        yield invalid(path / "stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window is not None and window > MAX_WINDOW:
        yield invalid(path / "stabilizationWindowSeconds", window, f"must be less than or equal to {MAX_WINDOW}")
    if policy is not None and policy not in SELECT_POLICIES:
        yield not_supported(path / "selectPolicy", policy, SELECT_POLICIES)
    if not rules.get("policies"):
        yield required(path / "policies", "must specify at least one Policy")
    for index, one in enumerate(rules.get("policies") or ()):
        yield from _policy(one, path / "policies" @ index)


def _policy(policy: Object, path: Path) -> Iterator[FieldError]:
    type_, value, period = policy.get("type", ""), policy.get("value", 0), policy.get("periodSeconds", 0)
    if type_ not in POLICY_TYPES:
        yield not_supported(path / "type", type_, POLICY_TYPES)
    if value <= 0:
        yield invalid(path / "value", value, "must be greater than zero")
    if period <= 0:
        yield invalid(path / "periodSeconds", period, "must be greater than zero")
    if period > MAX_PERIOD:
        yield invalid(path / "periodSeconds", period, f"must be less than or equal to {MAX_PERIOD}")


# By what


def _metrics(metrics: list[Object], path: Path, least: int | None) -> Iterator[FieldError]:
    for index, metric in enumerate(metrics):
        yield from _metric(metric, path @ index)
    if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        why = "must specify at least one Object or External metric to support scaling to zero replicas"
        yield forbidden(path, why)


def _metric(metric: Object, path: Path) -> Iterator[FieldError]:
    type_ = metric.get("type", "")
    if not type_:
        yield required(path / "type", "must specify a metric source type")
    if type_ not in SOURCES:
        yield not_supported(path / "type", type_, SOURCES)
    present = [name for name in VALIDATORS if metric.get(name) is not None]
    if present:
        yield from VALIDATORS[present[0]](metric[present[0]], path / present[0])
    field = SOURCES.get(type_)
    if field is None:
        yield not_supported(path / "type", type_, SOURCES)
    elif metric.get(field) is None:
        yield required(path / field, NO_SOURCE + (GATED if field == "containerResource" else ""))
    if len(present) != 1:
        for name in present:
            if name != field:
                yield forbidden(path / name, "must populate the given metric source only")


def _identifier(metric: Object, path: Path) -> Iterator[FieldError]:
    return _segment(metric.get("name", ""), path / "name", "must specify a metric name")


def _target(target: Object, path: Path) -> Iterator[FieldError]:
    type_ = target.get("type", "")
    if not type_:
        yield required(path / "type", "must specify a metric target type")
    if type_ not in TARGETS:
        yield invalid(path / "type", type_, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        value = target.get(name)
        if value is not None and parse(value).sign != 1:
            shown = None if isinstance(value, Unset) else value
            yield invalid(path / name, Go(shown, "resource.Quantity"), POSITIVE)
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        yield invalid(path / "averageUtilization", utilization, "must be greater than 0")


def _has(target: Object, *names: str) -> bool:
    return any(target.get(name) is not None for name in names)


def _object(source: Object, path: Path) -> Iterator[FieldError]:
    target = source.get("target") or {}
    yield from _reference(source.get("describedObject") or {}, path / "describedObject")
    yield from _identifier(source.get("metric") or {}, path / "metric")
    yield from _target(target, path / "target")
    if not _has(target, "value", "averageValue"):
        yield required(path / "target" / "averageValue", "must set either a target value or averageValue")


def _external(source: Object, path: Path) -> Iterator[FieldError]:
    target = source.get("target") or {}
    yield from _identifier(source.get("metric") or {}, path / "metric")
    yield from _target(target, path / "target")
    if not _has(target, "value", "averageValue"):
        why = "must set either a target value for metric or a per-pod target"
        yield required(path / "target" / "averageValue", why)
    if _has(target, "value") and _has(target, "averageValue"):
        why = "may not set both a target value for metric and a per-pod target"
        yield forbidden(path / "target" / "value", why)


def _pods(source: Object, path: Path) -> Iterator[FieldError]:
    target = source.get("target") or {}
    yield from _identifier(source.get("metric") or {}, path / "metric")
    yield from _target(target, path / "target")
    if not _has(target, "averageValue"):
        yield required(path / "target" / "averageValue", "must specify a positive target averageValue")


def _resource(source: Object, path: Path) -> Iterator[FieldError]:
    target = source.get("target") or {}
    if not source.get("name"):
        yield required(path / "name", "must specify a resource name")
    yield from _target(target, path / "target")
    if not _has(target, "averageUtilization", "averageValue"):
        why = "must set either a target raw value or a target utilization"
        yield required(path / "target" / "averageUtilization", why)
    if _has(target, "averageUtilization") and _has(target, "averageValue"):
        why = "may not set both a target raw value and a target utilization"
        yield forbidden(path / "target" / "averageValue", why)


Check = Callable[[Any, Path], Iterator[FieldError]]
VALIDATORS: dict[str, Check] = {"object": _object, "external": _external, "pods": _pods, "resource": _resource}
"""By the field of a metric; the first that is there is judged."""
