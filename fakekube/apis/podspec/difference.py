"""Whether and how two pod specs or templates differ, as the server sees it, which compares and prints internal types.

Imported only where objects are not plainly equal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fakekube.machinery.godiff import GoType, Types, compare, report, semantically_equal, view
from fakekube.machinery.objects import Object

MOVED = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
"""Fields of the public spec that the internal security context has."""


def _selector_text(selector: tuple[Any, ...]) -> str:
    """String() of a LabelSelector."""
    labels, expressions = selector
    shown = "".join(f"{key}: {value}," for key, value in (labels or {}).items())
    items = "".join(
        f"LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{' '.join(values or ())}],}},"
        for key, operator, values in expressions or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{shown}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{items}}},}}"
    )


@cache
def _type(name: str) -> GoType:
    return Types({"v1.LabelSelector": _selector_text, "resource.Quantity": str})(name)


def _internal(spec: Object) -> Object:
    moved = {name: spec[name] for name in MOVED if name in spec}
    return {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}}


def spec_difference(new: Object, old: Object) -> str:
    """The difference of two pod specs as text."""
    return difference("core.PodSpec", _internal(new), _internal(old))


def difference(name: str, first: Object, second: Object) -> str:
    """The difference of two values of that Go type as text, "" where the server sees none: nil or empty, 1 or 1000m."""
    type_ = _type(name)
    x, y = view(first, type_), view(second, type_)
    return "" if semantically_equal(type_, x, y) else report(compare(type_, x, y))


def same_pod_template(new: Object, old: Object) -> bool:
    """Whether the server sees no difference between two templates; for kinds whose template stays as it is."""
    if new == old:
        return True
    type_ = _type("core.PodTemplateSpec")
    x, y = internal_template(new), internal_template(old)
    return semantically_equal(type_, view(x, type_), view(y, type_))


def internal_template(template: Object) -> Object:
    """A template with its fields where the server's internal type has them, as messages print it."""
    return {**template, "spec": _internal(template.get("spec") or {})}
