"""Metrics of autoscalers between their two forms. Follows pkg/apis/autoscaling/{v1,v2beta1}/conversion.go of v1.20.

The nested form has a target or current value of its own; it is that of v2beta2. The flat one spreads it over fields of
the source; it is that of v2beta1, and of the annotations in which v1 keeps what it has no fields for. A function takes
the source of one type ("object", "pods", ...) from the one form to the other; it reuses parts of its argument. Flat
sources have their fields in Go's order, since annotations are their text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekube.machinery.objects import Object

Convert = Callable[[Object], Object]
TYPES = ("object", "pods", "resource", "containerResource", "external")
ZERO = "0"
"""What a flat amount is if nobody gives one."""


class Unset(str):
    """The amount that stands for none; messages tell it from a zero that was given."""

    __slots__ = ()


def _amount(flat: Object, name: str) -> str:
    """An amount that is always there in the nested form."""
    text: str = flat.get(name, Unset(ZERO))
    return text


def without_zeroes(metrics: list[Object]) -> list[Object]:
    """Flat metrics as a client may have sent them: a decoded one says 0 where nothing was given."""
    return [
        {**metric, **{name: _without_zero(metric[name], of) for name, of in ALWAYS.items() if metric.get(name)}}
        for metric in metrics
    ]


def _without_zero(source: Object, name: str) -> Object:
    return {key: value for key, value in source.items() if key != name or value != ZERO}


ALWAYS = {"object": "targetValue", "pods": "targetAverageValue"}
"""Source: its field that is no pointer."""


def _given(**values: Any) -> Object:
    """The fields that have a value."""
    return {name: value for name, value in values.items() if value is not None}


def _identity(name: str, selector: Object | None) -> Object:
    return _given(name=name, selector=selector)


def _reference(reference: Object | None) -> Object:
    """A CrossVersionObjectReference in Go's order."""
    reference = reference or {}
    found = {"kind": reference.get("kind", ""), "name": reference.get("name", "")}
    return {**found, "apiVersion": reference["apiVersion"]} if reference.get("apiVersion") else found


def _selector(selector: Object | None) -> Object | None:
    """A LabelSelector in Go's order."""
    if selector is None:
        return None
    labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    return _given(matchLabels=labels and dict(sorted(labels.items())), matchExpressions=expressions or None)


# What is wanted


def _nest_object(flat: Object) -> Object:
    average = flat.get("averageValue")
    type_ = "Value" if average is None else "AverageValue"
    return {
        "describedObject": _reference(flat.get("target")),
        "target": _given(type=type_, value=_amount(flat, "targetValue"), averageValue=average),
        "metric": _identity(flat.get("metricName", ""), flat.get("selector")),
    }


def _nest_pods(flat: Object) -> Object:
    return {
        "metric": _identity(flat.get("metricName", ""), flat.get("selector")),
        "target": {"type": "AverageValue", "averageValue": _amount(flat, "targetAverageValue")},
    }


def _nest_resource(flat: Object) -> Object:
    utilization = flat.get("targetAverageUtilization")
    type_ = "AverageValue" if utilization is None else "Utilization"
    target = _given(type=type_, averageValue=flat.get("targetAverageValue"), averageUtilization=utilization)
    return {"name": flat.get("name", ""), "target": target}


def _nest_container(flat: Object) -> Object:
    return {**_nest_resource(flat), "container": flat.get("container", "")}


def _nest_external(flat: Object) -> Object:
    value = flat.get("targetValue")
    type_ = "AverageValue" if value is None else "Value"
    return {
        "metric": _identity(flat.get("metricName", ""), flat.get("metricSelector")),
        "target": _given(type=type_, value=value, averageValue=flat.get("targetAverageValue")),
    }


def _flatten_object(source: Object) -> Object:
    target, metric = source.get("target", {}), source.get("metric", {})
    return _given(
        target=_reference(source.get("describedObject")),
        metricName=metric.get("name", ""),
        targetValue=target.get("value", ZERO),
        selector=_selector(metric.get("selector")),
        averageValue=target.get("averageValue"),
    )


def _flatten_pods(source: Object) -> Object:
    metric = source.get("metric", {})
    return _given(
        metricName=metric.get("name", ""),
        targetAverageValue=source.get("target", {}).get("averageValue", ZERO),
        selector=_selector(metric.get("selector")),
    )


def _flatten_resource(source: Object) -> Object:
    target = source.get("target", {})
    return _given(
        name=source.get("name", ""),
        targetAverageUtilization=target.get("averageUtilization"),
        targetAverageValue=target.get("averageValue"),
    )


def _flatten_container(source: Object) -> Object:
    return {**_flatten_resource(source), "container": source.get("container", "")}


def _flatten_external(source: Object) -> Object:
    target, metric = source.get("target", {}), source.get("metric", {})
    return _given(
        metricName=metric.get("name", ""),
        metricSelector=_selector(metric.get("selector")),
        targetValue=target.get("value"),
        targetAverageValue=target.get("averageValue"),
    )


# What is measured


def _nest_object_status(flat: Object) -> Object:
    return {
        "metric": _identity(flat.get("metricName", ""), flat.get("selector")),
        "current": _given(value=_amount(flat, "currentValue"), averageValue=flat.get("averageValue")),
        "describedObject": _reference(flat.get("target")),
    }


def _nest_pods_status(flat: Object) -> Object:
    return {
        "metric": _identity(flat.get("metricName", ""), flat.get("selector")),
        "current": {"averageValue": _amount(flat, "currentAverageValue")},
    }


def _nest_resource_status(flat: Object) -> Object:
    current = _given(
        averageValue=_amount(flat, "currentAverageValue"), averageUtilization=flat.get("currentAverageUtilization")
    )
    return {"name": flat.get("name", ""), "current": current}


def _nest_container_status(flat: Object) -> Object:
    return {**_nest_resource_status(flat), "container": flat.get("container", "")}


def _nest_external_status(flat: Object) -> Object:
    return {
        "metric": _identity(flat.get("metricName", ""), flat.get("metricSelector")),
        "current": _given(value=_amount(flat, "currentValue"), averageValue=flat.get("currentAverageValue")),
    }


def _flatten_object_status(source: Object) -> Object:
    current, metric = source.get("current", {}), source.get("metric", {})
    return _given(
        target=_reference(source.get("describedObject")),
        metricName=metric.get("name", ""),
        currentValue=current.get("value", ZERO),
        selector=_selector(metric.get("selector")),
        averageValue=current.get("averageValue"),
    )


def _flatten_pods_status(source: Object) -> Object:
    metric = source.get("metric", {})
    return _given(
        metricName=metric.get("name", ""),
        currentAverageValue=source.get("current", {}).get("averageValue", ZERO),
        selector=_selector(metric.get("selector")),
    )


def _flatten_resource_status(source: Object) -> Object:
    current = source.get("current", {})
    return _given(
        name=source.get("name", ""),
        currentAverageUtilization=current.get("averageUtilization"),
        currentAverageValue=current.get("averageValue", ZERO),
    )


def _flatten_container_status(source: Object) -> Object:
    return {**_flatten_resource_status(source), "container": source.get("container", "")}


def _flatten_external_status(source: Object) -> Object:
    current, metric = source.get("current", {}), source.get("metric", {})
    return _given(
        metricName=metric.get("name", ""),
        metricSelector=_selector(metric.get("selector")),
        currentValue=current.get("value", ZERO),
        currentAverageValue=current.get("averageValue"),
    )


Table = Mapping[str, Convert]
NEST_SPEC: Table = {
    "object": _nest_object,
    "pods": _nest_pods,
    "resource": _nest_resource,
    "containerResource": _nest_container,
    "external": _nest_external,
}
FLATTEN_SPEC: Table = {
    "object": _flatten_object,
    "pods": _flatten_pods,
    "resource": _flatten_resource,
    "containerResource": _flatten_container,
    "external": _flatten_external,
}
NEST_STATUS: Table = {
    "object": _nest_object_status,
    "pods": _nest_pods_status,
    "resource": _nest_resource_status,
    "containerResource": _nest_container_status,
    "external": _nest_external_status,
}
FLATTEN_STATUS: Table = {
    "object": _flatten_object_status,
    "pods": _flatten_pods_status,
    "resource": _flatten_resource_status,
    "containerResource": _flatten_container_status,
    "external": _flatten_external_status,
}


def convert(metrics: list[Object], table: Table) -> list[Object]:
    """Each metric in the other form."""
    return [_convert(metric, table) for metric in metrics]


def _convert(metric: Object, table: Table) -> Object:
    sources = {name: table[name](metric[name]) for name in TYPES if metric.get(name) is not None}
    return {"type": metric.get("type", ""), **sources}
