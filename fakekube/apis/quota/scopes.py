"""Which pods a quota is about, by its scopes and its scope selector."""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.core.pods.qos import qos_class
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

PRIORITY_CLASS = "PriorityClass"


class BadSelector(ValueError):
    """A selector that says nothing sensible."""


def selectors(quota: Object) -> list[Object]:
    """What an object has to match, all of it: [{"scopeName", "operator", "values"}]."""
    spec = quota["spec"]
    named = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    return named + expressions(quota)


def expressions(quota: Object) -> list[Object]:
    """The requirements of the quota's scope selector."""
    found: list[Object] = (quota["spec"].get("scopeSelector") or {}).get("matchExpressions") or []
    return found


def pod_matches(selector: Object, pod: Object) -> bool:
    """Whether the pod is in that scope. Raises BadSelector."""
    scope = selector["scopeName"]
    if scope == PRIORITY_CLASS:
        return _class_matches(selector, pod["spec"].get("priorityClassName") or "")
    return scope in POD_SCOPES and POD_SCOPES[scope](pod)


def never(_: Object, __: Object) -> bool:
    """Objects that are in no scope."""
    return False


def _terminating(pod: Object) -> bool:
    deadline = pod["spec"].get("activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def _best_effort(pod: Object) -> bool:
    return qos_class(pod["spec"]) == "BestEffort"


POD_SCOPES: dict[str, Callable[[Object], bool]] = {
    "Terminating": _terminating,
    "NotTerminating": lambda pod: not _terminating(pod),
    "BestEffort": _best_effort,
    "NotBestEffort": lambda pod: not _best_effort(pod),
}


def _class_matches(selector: Object, name: str) -> bool:
    operator, values = selector.get("operator") or "", selector.get("values") or ()
    if operator == "In":
        return bool(name) and name in values
    if operator == "NotIn":
        return name not in values  # no class is in no list
    if operator == "Exists":
        return bool(name)
    if operator == "DoesNotExist":
        return not name
    raise BadSelector(f"{quote(operator)} is not a valid scope selector operator")
