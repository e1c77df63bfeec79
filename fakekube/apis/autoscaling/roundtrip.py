"""Annotations in which older versions of autoscalers keep what they have no fields for: JSON, read as Go reads it.

A text that does not fit is as if it were not there. Follows encoding/json: names in any case, unknown fields are
ignored, null is no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from fakekube.machinery import quantity
from fakekube.machinery.objects import Object
from fakekube.machinery.times import canonical_time

PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT_METRICS = f"{PREFIX}metrics", f"{PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{PREFIX}conditions", f"{PREFIX}behavior"
ALL = (METRICS, BEHAVIOR, CURRENT_METRICS, CONDITIONS)

Shape = Any
"""A function that checks a scalar, a dict of field shapes, or a list of one shape."""
HTML = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))


class Misfit(ValueError):
    """The value does not have the shape."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Misfit
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise Misfit
    return value


def _amount(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Misfit
    try:
        return quantity.canonical(str(value))
    except ValueError:
        raise Misfit from None


def _moment(value: Any) -> str:
    found = canonical_time(_text(value))
    if found is None:
        raise Misfit
    return found


def _labels(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Misfit
    return {key: "" if item is None else _text(item) for key, item in value.items()}


_REFERENCE = {"kind": _text, "name": _text, "apiVersion": _text}
_SELECTOR = {
    "matchLabels": _labels,
    "matchExpressions": [{"key": _text, "operator": _text, "values": [_text]}],
}
_RESOURCE = {"name": _text, "targetAverageUtilization": _integer, "targetAverageValue": _amount}
_RESOURCE_STATUS = {"name": _text, "currentAverageUtilization": _integer, "currentAverageValue": _amount}
SHAPES: dict[str, Shape] = {
    METRICS: [
        {
            "type": _text,
            "object": {
                "target": _REFERENCE, "metricName": _text, "targetValue": _amount, "selector": _SELECTOR,
                "averageValue": _amount,
            },
            "pods": {"metricName": _text, "targetAverageValue": _amount, "selector": _SELECTOR},
            "resource": _RESOURCE,
            "containerResource": {**_RESOURCE, "container": _text},
            "external": {
                "metricName": _text, "metricSelector": _SELECTOR, "targetValue": _amount, "targetAverageValue": _amount,
            },
        }
    ],
    CURRENT_METRICS: [
        {
            "type": _text,
            "object": {
                "target": _REFERENCE, "metricName": _text, "currentValue": _amount, "selector": _SELECTOR,
                "averageValue": _amount,
            },
            "pods": {"metricName": _text, "currentAverageValue": _amount, "selector": _SELECTOR},
            "resource": _RESOURCE_STATUS,
            "containerResource": {**_RESOURCE_STATUS, "container": _text},
            "external": {
                "metricName": _text, "metricSelector": _SELECTOR, "currentValue": _amount,
                "currentAverageValue": _amount,
            },
        }
    ],
    CONDITIONS: [{"type": _text, "status": _text, "lastTransitionTime": _moment, "reason": _text, "message": _text}],
}  # fmt: skip
_POLICY = {"type": _text, "value": _integer, "periodSeconds": _integer}
_RULES = {"stabilizationWindowSeconds": _integer, "selectPolicy": _text, "policies": [_POLICY]}
SHAPES[BEHAVIOR] = {"scaleUp": _RULES, "scaleDown": _RULES}


def read(annotations: Object, name: str) -> Any:
    """What an annotation says, [] or {} for null; None where it is missing or makes no sense."""
    if name not in annotations:
        return None
    shape = SHAPES[name]
    try:
        found = _fit(orjson.loads(annotations[name]), shape)
    except ValueError:
        return None
    return type(shape)() if found is None else found


def _fit(value: Any, shape: Shape) -> Any:
    if value is None:
        return None
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise Misfit
        return dict(_fields(value, {name.lower(): (name, inner) for name, inner in shape.items()}))
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise Misfit
        return [_element(item, shape[0]) for item in value]
    check: Callable[[Any], Any] = shape
    return check(value)


def _fields(value: Object, known: dict[str, tuple[str, Shape]]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        name, shape = known.get(key.lower(), ("", None))
        if name and (fitted := _fit(item, shape)) is not None:
            yield name, fitted


def _element(item: Any, shape: Shape) -> Any:
    """A null in a list is the zero value there."""
    if item is None:
        return {} if isinstance(shape, dict) else ""
    return _fit(item, shape)


def write(value: Any) -> str:
    """JSON as Go's encoder writes it."""
    written = orjson.dumps(value).decode()
    for char, escape in HTML:
        written = written.replace(char, escape)
    return written


def behavior_text(behavior: Object) -> str:
    """The text of spec.behavior, whose type has no names of its own for JSON: Go's names, and nulls."""
    return write({"ScaleUp": _rules(behavior.get("scaleUp")), "ScaleDown": _rules(behavior.get("scaleDown"))})


def _rules(rules: Object | None) -> Object | None:
    if rules is None:
        return None
    policies = rules.get("policies")
    return {
        "StabilizationWindowSeconds": rules.get("stabilizationWindowSeconds"),
        "SelectPolicy": rules.get("selectPolicy"),
        "Policies": None if policies is None else [_policy(policy) for policy in policies],
    }


def _policy(policy: Object) -> Object:
    return {
        "Type": policy.get("type", ""),
        "Value": policy.get("value", 0),
        "PeriodSeconds": policy.get("periodSeconds", 0),
    }


def condition_text(conditions: list[Object]) -> str:
    """The text of status.conditions."""
    return write([dict(_condition(condition)) for condition in conditions])


def _condition(condition: Object) -> Iterator[tuple[str, Any]]:
    yield "type", condition.get("type", "")
    yield "status", condition.get("status", "")
    yield "lastTransitionTime", condition.get("lastTransitionTime")
    for name in ("reason", "message"):
        if condition.get(name):
            yield name, condition[name]
