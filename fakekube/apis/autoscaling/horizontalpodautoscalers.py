"""HorizontalPodAutoscaler. Follows pkg/apis/autoscaling and pkg/registry/autoscaling of v1.20.

The rules see v2beta2, which has everything; the real server keeps v1.
"""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.autoscaling.validation import SOURCES, validate, validate_status_update, validate_update
from fakekube.apis.autoscaling.versions import (
    DEFAULT_UTILIZATION,
    cpu_utilization,
    from_v1,
    from_v2beta1,
    from_v2beta2,
    persisted,
    read_over,
    to_v1,
    to_v2beta1,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.objects import Object

SHOWN_METRICS = 2
UNKNOWN = "<unknown>"


def default_v1(autoscaler: Object) -> None:
    """One replica at least."""
    autoscaler["spec"].setdefault("minReplicas", 1)


def default_v2beta1(autoscaler: Object) -> None:
    """The CPU is what counts if nobody says what does."""
    default_v1(autoscaler)
    if not autoscaler["spec"].get("metrics"):
        resource = {"name": "cpu", "targetAverageUtilization": DEFAULT_UTILIZATION}
        autoscaler["spec"]["metrics"] = [{"type": "Resource", "resource": resource}]


def default_v2beta2(autoscaler: Object) -> None:
    """Upwards by four pods or by as many as there are in 15 seconds, downwards by all of them."""
    default_v1(autoscaler)
    spec = autoscaler["spec"]
    if not spec.get("metrics"):
        spec["metrics"] = [cpu_utilization(DEFAULT_UTILIZATION)]
    behavior = spec.get("behavior")
    if behavior is None:
        return
    percent = _policy("Percent", 100)
    down = {"selectPolicy": "Max", "policies": [percent]}
    up = {"stabilizationWindowSeconds": 0, **down, "policies": [_policy("Pods", 4), percent]}
    behavior["scaleUp"] = {**up, **(behavior.get("scaleUp") or {})}
    behavior["scaleDown"] = {**down, **(behavior.get("scaleDown") or {})}


def _policy(type_: str, value: int) -> Object:
    return {"type": type_, "value": value, "periodSeconds": 15}


def prepare_create(autoscaler: Object) -> None:
    """Metrics of single containers are a feature that is off."""
    for metric in autoscaler["spec"].get("metrics") or ():
        metric.pop("containerResource", None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but where they are in use."""
    if not any("containerResource" in metric for metric in old["spec"].get("metrics") or ()):
        prepare_create(new)


# The Table


def _text(value: object) -> str:
    return "<nil>" if value is None else str(value)


def _percentage(value: int | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value}%"


def _resource_cell(target: Object, current: Object | None) -> str:
    if target.get("averageValue") is not None:
        shown = UNKNOWN if current is None else _text(current.get("averageValue"))
        return f"{shown}/{target['averageValue']}"
    shown = _percentage((current or {}).get("averageUtilization"), UNKNOWN)
    return f"{shown}/{_percentage(target.get('averageUtilization'), '<auto>')}"


def _pods_cell(target: Object, current: Object | None) -> str:
    shown = UNKNOWN if current is None else _text(current.get("averageValue"))
    return f"{shown}/{_text(target.get('averageValue'))}"


def _value_cell(target: Object, current: Object | None) -> str:
    if target.get("averageValue") is not None:
        shown = (current or {}).get("averageValue")
        return f"{UNKNOWN if shown is None else shown}/{target['averageValue']} (avg)"
    shown = UNKNOWN if current is None else _text(current.get("value"))
    return f"{shown}/{_text(target.get('value'))}"


CELLS: dict[str, Callable[[Object, Object | None], str]] = {
    "External": _value_cell,
    "Object": _value_cell,
    "Pods": _pods_cell,
    "Resource": _resource_cell,
    "ContainerResource": _resource_cell,
}


def _metric(metric: Object, measured: Object | None) -> str:
    cell = CELLS.get(metric.get("type", ""))
    if cell is None:
        return "<unknown type>"
    field = SOURCES[metric["type"]]
    source = (measured or {}).get(field)
    current = None if source is None else source.get("current", {})
    return cell((metric.get(field) or {}).get("target", {}), current)


def targets(autoscaler: Object, now: float) -> str:
    """What is measured, of what is wanted, for the first metrics: "12%/80%, <unknown>/10 + 1 more..."."""
    metrics = autoscaler["spec"].get("metrics") or []
    if not metrics:
        return "<none>"
    measured = autoscaler.get("status", {}).get("currentMetrics") or []
    shown = [
        _metric(metric, measured[index] if index < len(measured) else None)
        for index, metric in enumerate(metrics[:SHOWN_METRICS])
    ]
    rest = len(metrics) - len(shown)
    return ", ".join(shown) + (f" + {rest} more..." if rest else "")


def _reference(autoscaler: Object, now: float) -> str:
    reference = autoscaler["spec"].get("scaleTargetRef") or {}
    return f"{reference.get('kind', '')}/{reference.get('name', '')}"


def _least(autoscaler: Object, now: float) -> str:
    least = autoscaler["spec"].get("minReplicas")
    return "<unset>" if least is None else str(least)


RESOURCE = Resource(
    group="autoscaling",
    plural="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    versions=(
        Version("v1", defaults=default_v1, to_storage=from_v1, from_storage=to_v1),
        Version("v2beta1", until="1.25", defaults=default_v2beta1, to_storage=from_v2beta1, from_storage=to_v2beta1),
        Version("v2beta2", storage=True, until="1.26", defaults=default_v2beta2, to_storage=from_v2beta2),
    ),
    persisted="v1",
    persist=persisted,
    read_over=read_over,
    short_names=("hpa",),
    categories=("all",),
    subresources=(Subresource("status", validate_update=validate_status_update),),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Reference", "string", _reference),
        Column("Targets", "string", targets),
        Column("MinPods", "string", _least),
        Column("MaxPods", "string", lambda autoscaler, now: autoscaler["spec"].get("maxReplicas", 0)),
        Column("Replicas", "string", lambda autoscaler, now: autoscaler.get("status", {}).get("currentReplicas", 0)),
        AGE,
    ),
)
