"""Autoscalers between their versions. Follows pkg/apis/autoscaling/{v1,v2beta1,v2beta2}/conversion.go of v1.20.

v2beta2 has everything. v2beta1 keeps the behavior in an annotation, v1 also metrics and conditions: v1 has fields for
the utilization of the CPU alone.
"""

from __future__ import annotations

from typing import Any

from fakekube.apis.autoscaling import roundtrip
from fakekube.apis.autoscaling.metrics import (
    FLATTEN_SPEC,
    FLATTEN_STATUS,
    NEST_SPEC,
    NEST_STATUS,
    convert,
    without_zeroes,
)
from fakekube.machinery.objects import Object

DEFAULT_UTILIZATION = 80
"""Per cent of the CPU that is asked for, where nobody says what is wanted."""
KEPT_IN_STATUS = ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")
KEPT_IN_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas")


def cpu_utilization(percentage: int) -> Object:
    """The metric: that much of the CPU."""
    target = {"type": "Utilization", "averageUtilization": percentage}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def drop_annotations(autoscaler: Object) -> Object:
    """The same without annotations that stand for fields; the argument stays as it is."""
    found = autoscaler["metadata"].get("annotations") or {}
    if not any(name in found for name in roundtrip.ALL):
        return autoscaler
    return _annotated(autoscaler, {})


def _annotated(autoscaler: Object, texts: Object) -> Object:
    """The same with these annotations in place of all that stand for fields."""
    metadata = {**autoscaler["metadata"]}
    others = {k: v for k, v in (metadata.pop("annotations", None) or {}).items() if k not in roundtrip.ALL}
    if others or texts:
        metadata["annotations"] = {**others, **texts}
    return {**autoscaler, "metadata": metadata}


def from_v2beta2(autoscaler: Object) -> Object:
    """To the storage version, from itself."""
    return drop_annotations(autoscaler)


# v2beta1


def from_v2beta1(autoscaler: Object) -> Object:
    """To the storage version."""
    found = autoscaler["metadata"].get("annotations") or {}
    spec, status = {**autoscaler["spec"]}, {**(autoscaler.get("status") or {})}
    spec["metrics"] = convert(without_zeroes(spec.get("metrics") or []), NEST_SPEC)
    if status.get("currentMetrics"):
        status["currentMetrics"] = convert(status["currentMetrics"], NEST_STATUS)
    _read_behavior(spec, found)
    return _annotated({**autoscaler, "spec": spec, "status": status}, {})


def to_v2beta1(autoscaler: Object) -> Object:
    """From the storage version."""
    spec, status = {**autoscaler["spec"]}, {**(autoscaler.get("status") or {})}
    behavior = spec.pop("behavior", None)
    spec["metrics"] = convert(spec.get("metrics") or [], FLATTEN_SPEC)
    if status.get("currentMetrics"):
        status["currentMetrics"] = convert(status["currentMetrics"], FLATTEN_STATUS)
    texts = {} if behavior is None else {roundtrip.BEHAVIOR: roundtrip.behavior_text(behavior)}
    return _annotated({**autoscaler, "spec": spec, "status": status}, texts)


def _read_behavior(spec: Object, found: Object) -> None:
    if behavior := roundtrip.read(found, roundtrip.BEHAVIOR):
        spec["behavior"] = behavior


# v1


def from_v1(autoscaler: Object) -> Object:
    """To the storage version."""
    found = autoscaler["metadata"].get("annotations") or {}
    old, before = autoscaler["spec"], autoscaler.get("status") or {}
    spec = {name: old[name] for name in KEPT_IN_SPEC if name in old}
    status = {name: before[name] for name in KEPT_IN_STATUS if name in before}
    others = roundtrip.read(found, roundtrip.METRICS) or []
    percentage = old.get("targetCPUUtilizationPercentage")
    wanted = [] if percentage is None else [cpu_utilization(percentage)]
    spec["metrics"] = [*convert(others, NEST_SPEC), *wanted] or [cpu_utilization(DEFAULT_UTILIZATION)]
    _read_behavior(spec, found)
    _read_status(status, before, found)
    return _annotated({**autoscaler, "spec": spec, "status": status}, {})


def _read_status(status: Object, before: Object, found: Object) -> None:
    current = roundtrip.read(found, roundtrip.CURRENT_METRICS)
    percentage = before.get("currentCPUUtilizationPercentage")
    if current is not None:
        status["currentMetrics"] = convert(current, NEST_STATUS)
    elif percentage is not None:
        measured = {"name": "cpu", "current": {"averageUtilization": percentage}}
        status["currentMetrics"] = [{"type": "Resource", "resource": measured}]
    if (conditions := roundtrip.read(found, roundtrip.CONDITIONS)) is not None:
        status["conditions"] = [{"type": "", "status": "", **condition} for condition in conditions]


def to_v1(autoscaler: Object) -> Object:
    """From the storage version."""
    old, before = autoscaler["spec"], autoscaler.get("status") or {}
    spec = {name: old[name] for name in KEPT_IN_SPEC if name in old}
    status = {name: before[name] for name in KEPT_IN_STATUS if name in before}
    if (wanted := _first_cpu_target(old.get("metrics") or [])) is not None:
        spec["targetCPUUtilizationPercentage"] = wanted
    measured = [_cpu(metric, "current") for metric in before.get("currentMetrics") or []]
    if percentages := [percentage for percentage in measured if percentage is not None]:
        status["currentCPUUtilizationPercentage"] = percentages[-1]
    return _annotated({**autoscaler, "spec": spec, "status": status}, dict(_texts(old, before)))


def _texts(spec: Object, status: Object) -> Any:
    """Annotations for what v1 has no fields for."""
    others = [metric for metric in spec.get("metrics") or [] if _cpu(metric, "target") is None]
    if others:
        yield roundtrip.METRICS, roundtrip.write(convert(others, FLATTEN_SPEC))
    if current := status.get("currentMetrics"):
        yield roundtrip.CURRENT_METRICS, roundtrip.write(convert(current, FLATTEN_STATUS))
    if (behavior := spec.get("behavior")) is not None:
        yield roundtrip.BEHAVIOR, roundtrip.behavior_text(behavior)
    if conditions := status.get("conditions"):
        yield roundtrip.CONDITIONS, roundtrip.condition_text(conditions)


def _is_cpu(metric: Object) -> bool:
    return metric.get("type") == "Resource" and (metric.get("resource") or {}).get("name") == "cpu"


def _cpu(metric: Object, part: str) -> int | None:
    """The utilization of the CPU that a metric wants or has."""
    if not _is_cpu(metric):
        return None
    percentage: int | None = metric["resource"].get(part, {}).get("averageUtilization")
    return percentage


def _first_cpu_target(metrics: list[Object]) -> int | None:
    """What the first metric of the CPU wants; others of the CPU go unnoticed."""
    return next((_cpu(metric, "target") for metric in metrics if _is_cpu(metric)), None)


def persisted(autoscaler: Object) -> Object:
    """What is left after it has been kept as v1."""
    return from_v1(to_v1(autoscaler))


def read_over(new: Object, old: Object) -> Object:
    """What a dry run of an update answers: what v1 says in annotations alone joins what was there, or leaves it.

    Of the metrics that were there the first one is kept, and the others are blank ones.
    """
    spec, before = {**new["spec"]}, old["spec"]
    if _first_cpu_target(spec.get("metrics") or []) is None:
        first, *others = before.get("metrics") or [{}]
        spec["metrics"] = [*(spec.get("metrics") or ()), first, *({} for _ in others)]
    if before.get("behavior") is not None:
        spec.setdefault("behavior", before["behavior"])
    return {**new, "spec": spec}
