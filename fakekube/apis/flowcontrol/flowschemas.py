"""FlowSchema. Follows pkg/apis/flowcontrol and pkg/registry/flowcontrol/flowschema of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.flowcontrol.rules import validate_rule
from fakekube.apis.flowcontrol.shared import SPEC, configuration, same
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.resource import Column
from fakekube.machinery.fielderrors import FieldError, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object

MAX_PRECEDENCE = 10_000
METHODS = ("ByNamespace", "ByUser")
DANGLING = ("True", "NotFound", "but there is no such object")


def _everything(*groups: str) -> Object:
    return {
        "subjects": [{"kind": "Group", "group": {"name": name}} for name in groups],
        "resourceRules": [
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
        ],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    }


MANDATORY: dict[str, Object] = {
    "exempt": {
        "priorityLevelConfiguration": {"name": "exempt"},
        "matchingPrecedence": 1,
        "rules": [_everything("system:masters")],
    },
    "catch-all": {
        "priorityLevelConfiguration": {"name": "catch-all"},
        "matchingPrecedence": 10_000,
        "distinguisherMethod": {"type": "ByUser"},
        "rules": [_everything("system:unauthenticated", "system:authenticated")],
    },
}
"""Specs of the schemas that always exist."""


def dangling(level: str, exists: bool, moment: str) -> Object:
    """The condition that tells whether there is such a priority level."""
    names = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}"'
    status, reason, told = ("False", "Found", "and it exists") if exists else DANGLING
    return {
        "type": "Dangling",
        "status": status,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": f"{names} {told}",
    }


def default(schema: Object) -> None:
    """Fill in the precedence."""
    spec = schema.get("spec")
    if spec is None:
        spec = schema["spec"] = {}
    if not spec.get("matchingPrecedence"):
        spec["matchingPrecedence"] = 1000


def validate(schema: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the spec."""
    name, spec = schema["metadata"].get("name", ""), schema["spec"]
    yield from _precedence(name, spec.get("matchingPrecedence", 0))
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type", "") not in METHODS:
        shown = Go(method, "flowcontrol.FlowDistinguisherMethod")
        yield not_supported(SPEC / "distinguisherMethod" / "type", shown, METHODS)
    level = (spec.get("priorityLevelConfiguration") or {}).get("name", "")
    if level:
        yield from breaches(level, SPEC / "priorityLevelConfiguration" / "name", dns_subdomain)
    else:
        yield required(SPEC / "priorityLevelConfiguration" / "name", "must reference a priority level")
    for index, rule in enumerate(spec.get("rules") or ()):
        yield from validate_rule(rule, SPEC / "rules" @ index)
    if name in MANDATORY and not same(spec, MANDATORY[name]):
        yield invalid(SPEC, Go(spec, "flowcontrol.FlowSchemaSpec"), f"spec of '{name}' must equal the fixed value")


def _precedence(name: str, precedence: int) -> Iterator[FieldError]:
    path = SPEC / "matchingPrecedence"
    if precedence <= 0:
        yield invalid(path, precedence, "must be a positive value")
    if precedence > MAX_PRECEDENCE:
        yield invalid(path, precedence, f"must not be greater than {MAX_PRECEDENCE}")
    if precedence == 1 and name != "exempt":
        yield invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")


def _method(schema: Object, _: float) -> str:
    method = schema["spec"].get("distinguisherMethod")
    return "<none>" if method is None else method.get("type", "")


def _precedence_cell(schema: Object, _: float) -> int:
    precedence: int = schema["spec"].get("matchingPrecedence", 0)
    return precedence


def _missing(schema: Object, _: float) -> str:
    conditions = (schema.get("status") or {}).get("conditions") or ()
    return next((one.get("status", "") for one in conditions if one.get("type") == "Dangling"), "?")


def _order(schema: Object) -> tuple[int, str]:
    return _precedence_cell(schema, 0), schema["metadata"]["name"]


RESOURCE = configuration(
    "FlowSchema",
    default,
    validate,
    (
        NAME,
        Column("PriorityLevel", "string", ".spec.priorityLevelConfiguration.name"),
        Column("MatchingPrecedence", "string", _precedence_cell),
        Column("DistinguisherMethod", "string", _method),
        AGE,
        Column("MissingPL", "string", _missing),
    ),
    _order,
)
