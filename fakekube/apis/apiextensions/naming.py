"""What the real server's own controllers write into a definition's status, as pure functions of the v1 form.

Follows apiextensions-apiserver's controller/{status,establish,nonstructuralschema,apiapproval} of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from fakekube.apis.apiextensions.structural import validate_structural
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

APPROVED = "api-approved.kubernetes.io"
"""The annotation that a definition in a group of the community needs."""
COMMUNITY = ("k8s.io", "kubernetes.io")


def condition(type_: str, status: str, reason: str, message: str) -> Object:
    """A condition without its moment."""
    return {"type": type_, "status": status, "reason": reason, "message": message}


def find(definition: Object, type_: str) -> Object | None:
    """Its condition of that type."""
    conditions = definition.get("status", {}).get("conditions") or ()
    return next((found for found in conditions if found["type"] == type_), None)


def is_true(definition: Object, type_: str) -> bool:
    """Whether that condition holds."""
    return (find(definition, type_) or {}).get("status") == "True"


def with_conditions(definition: Object, conditions: Iterable[Object], now: str) -> Object:
    """The definition with these conditions; one keeps its moment as long as its status stays."""
    old = list(definition.get("status", {}).get("conditions") or ())
    for new in conditions:
        at = next((index for index, found in enumerate(old) if found["type"] == new["type"]), None)
        if at is None:
            old.append({"lastTransitionTime": now, **new})
        else:
            moment = old[at].get("lastTransitionTime") if old[at]["status"] == new["status"] else now
            old[at] = {"lastTransitionTime": moment, **new}
    return {**definition, "status": {**definition["status"], "conditions": old}}


def without_condition(definition: Object, type_: str) -> Object:
    """The definition without its condition of that type."""
    kept = [found for found in definition["status"].get("conditions") or () if found["type"] != type_]
    return {**definition, "status": {**definition["status"], "conditions": kept}}


def differs(definition: Object, wanted: Object) -> bool:
    """Whether a condition says something else than the definition's, its moment aside."""
    found = find(definition, wanted["type"]) or {}
    return any(found.get(name) != value for name, value in wanted.items())


# Names


def named(definition: Object, others: Sequence[Object], now: str) -> Object:
    """The definition with the names it can have beside the others of its group, and what is to be said about them."""
    names, accepted = definition["spec"]["names"], definition["status"]["acceptedNames"]
    if _given(names) == _given(accepted):
        return definition
    kept, problem = _accept(names, accepted, others)
    naming = problem or condition("NamesAccepted", "True", "NoConflicts", "no conflicts found")
    if _given(kept) == _given(accepted) and not differs(definition, naming):
        return definition
    established = find(definition, "Established")
    if established is None:
        established = condition("Established", "False", "NotAccepted", "not all names are accepted")
    if established["status"] != "True" and problem is None:
        text = "the initial names have been accepted"
        established = condition("Established", "False", "Installing", text)
    named = {**definition, "status": {**definition["status"], "acceptedNames": kept}}
    return with_conditions(named, [naming, _timeless(established)], now)


def _timeless(found: Object) -> Object:
    return {name: value for name, value in found.items() if name != "lastTransitionTime"}


def _given(names: Object) -> Object:
    return {name: value for name, value in names.items() if value}


def _accept(names: Object, accepted: Object, others: Sequence[Object]) -> tuple[Object, Object | None]:
    """The names that can be had, and the last conflict if there is one."""
    taken = [other["status"]["acceptedNames"] for other in [*others, {"status": {"acceptedNames": accepted}}]]
    resources = {name for each in taken for name in (each.get("plural"), each.get("singular"))}
    resources |= {name for each in taken for name in each.get("shortNames") or ()}
    kinds = {name for each in taken for name in (each.get("kind"), each.get("listKind"))}
    kept, problem = {**accepted}, None
    for field, used in (
        ("plural", resources),
        ("singular", resources),
        ("shortNames", resources),
        ("kind", kinds),
        ("listKind", kinds),
    ):
        conflicts = _conflicts(names.get(field), accepted.get(field), used)
        if conflicts:
            reason = f"{field[0].upper()}{field[1:]}Conflict"
            text = conflicts[0] if len(conflicts) == 1 else f"[{', '.join(conflicts)}]"
            problem = condition("NamesAccepted", "False", reason, text)
        else:
            kept[field] = names.get(field)
    kept["categories"] = names.get("categories")
    return _given(kept), problem


def _conflicts(wanted: str | list[str] | None, own: str | list[str] | None, used: set[str | None]) -> list[str]:
    """What is wrong with a name, or with each of several: somebody else has it."""
    names, mine = (value if isinstance(value, list) else [value] for value in (wanted or "", own or ""))
    return [f'"{name}" is already in use' for name in names if name and name not in mine and name in used]


# Establishing


def established(definition: Object, now: str) -> Object:
    """The definition as served, once its names are accepted."""
    if is_true(definition, "Established") or not is_true(definition, "NamesAccepted"):
        return definition
    text = "the initial names have been accepted"
    return with_conditions(definition, [condition("Established", "True", "InitialNamesAccepted", text)], now)


# Schemas and approval


def structured(definition: Object, now: str) -> Object:
    """The definition with or without the condition that its schemas are not structural."""
    errors = list(_structural_errors(definition))
    if not errors:
        return (
            definition
            if find(definition, "NonStructuralSchema") is None
            else without_condition(definition, "NonStructuralSchema")
        )
    texts = list(dict.fromkeys(str(error) for error in errors))
    message = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    wanted = condition("NonStructuralSchema", "True", "Violations", message)
    return with_conditions(definition, [wanted], now) if differs(definition, wanted) else definition


def _structural_errors(definition: Object) -> Iterable[FieldError]:
    spec = definition["spec"]
    if spec.get("preserveUnknownFields"):
        yield invalid(Path("spec") / "preserveUnknownFields", True, "must be false")
    for index, version in enumerate(spec["versions"]):
        if (schema := (version.get("schema") or {}).get("openAPIV3Schema")) is not None:
            yield from validate_structural(schema, Path("spec") / "versions" @ index / "schema" / "openAPIV3Schema")


def approved(definition: Object, now: str) -> Object:
    """The definition with the condition that the community's groups have."""
    group = definition["spec"]["group"]
    if not any(group == suffix or group.endswith(f".{suffix}") for suffix in COMMUNITY):
        return definition
    wanted = _approval(definition["metadata"].get("annotations") or {})
    return with_conditions(definition, [wanted], now) if differs(definition, wanted) else definition


def _approval(annotations: Object) -> Object:
    type_, value = "KubernetesAPIApprovalPolicyConformant", annotations.get(APPROVED, "")
    if not value:
        text = (
            f'protected groups must have approval annotation "{APPROVED}", '
            "see https://github.com/kubernetes/enhancements/pull/1111"
        )
        return condition(type_, "False", "MissingAnnotation", text)
    if value.startswith("unapproved"):
        return condition(type_, "False", "UnapprovedAnnotation", f'not approved: "{value}"')
    url = urlsplit(value)
    if url.scheme and url.netloc:
        return condition(type_, "True", "ApprovedAnnotation", f"approved in {value}")
    text = (
        f'protected groups must have approval annotation "{APPROVED}" with either a URL or a reason starting with '
        f'"unapproved", see https://github.com/kubernetes/enhancements/pull/1111'
    )
    return condition(type_, "False", "InvalidAnnotation", text)
