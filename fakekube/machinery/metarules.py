"""Rules of metadata that every kind shares: labels, annotations, finalizers, field managers, conditions.

Follows apimachinery's api/validation and meta/v1/validation. Each rule yields the errors of one field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import explain, label_value, qualified_name, size

ANNOTATIONS_LIMIT = 256 * 1024
MANAGER_LIMIT = 128
REASON_LIMIT = 1024
MESSAGE_LIMIT = 32 * 1024
ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"

_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
REASON = re.compile(_REASON)
REASON_TEXT = explain(
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_'",
    *(_REASON, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"),
)


def validate_label_name(name: str, path: Path) -> Iterator[FieldError]:
    """The key of a label."""
    return (invalid(path, name, text) for text in qualified_name(name))


def validate_labels(values: Mapping[str, str], path: Path) -> Iterator[FieldError]:
    """Labels, each key before its value. The path is that of the map."""
    for key, value in values.items():
        yield from validate_label_name(key, path)
        yield from (invalid(path, value, text) for text in label_value(value))


def validate_annotations(values: Mapping[str, str], path: Path) -> Iterator[FieldError]:
    """Annotations: qualified keys in any case; keys and values together have at most 256 KiB."""
    for key in values:
        yield from (invalid(path, key, text) for text in qualified_name(key.lower()))
    if sum(size(key) + size(value) for key, value in values.items()) > ANNOTATIONS_LIMIT:
        yield too_long(path, ANNOTATIONS_LIMIT)


def validate_finalizers(names: Sequence[str], path: Path) -> Iterator[FieldError]:
    """Finalizers: qualified names; those of the two ways to delete dependents exclude each other."""
    for name in names:
        yield from (invalid(path, name, text) for text in qualified_name(name))
    if ORPHAN in names and FOREGROUND in names:
        why = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        yield invalid(path, Go(list(names), "[]string"), why)


def validate_no_new_finalizers(new: Sequence[str], old: Sequence[str], path: Path) -> Iterator[FieldError]:
    """An object that is being deleted gets no more finalizers."""
    if extra := sorted(set(new) - set(old)):
        shown = ", ".join(f'"{name}"' for name in extra)
        why = "no new finalizers can be added if the object is being deleted, found new finalizers"
        yield forbidden(path, f"{why} []string{{{shown}}}")


def validate_owner_references(references: Sequence[Mapping[str, Any]], path: Path) -> Iterator[FieldError]:
    """Owners: complete, no Event, at most one of them the controller."""
    controller = ""
    for reference in references:
        yield from _owner_reference(reference, path)
        if reference.get("controller"):
            if controller:
                why = 'Only one reference can have Controller set to true. Found "true" in references for'
                shown = Go(list(references), "[]v1.OwnerReference")
                yield invalid(path, shown, f"{why} {controller} and {reference.get('name', '')}")
            else:
                controller = reference.get("name", "")


def _owner_reference(reference: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    version, kind = reference.get("apiVersion", ""), reference.get("kind", "")
    if not _parses(version):
        yield invalid(path / "apiVersion", version, "version must not be empty")
    for name, value in (("kind", kind), ("name", reference.get("name", "")), ("uid", reference.get("uid", ""))):
        if not value:
            yield invalid(path / name, value, f"{name} must not be empty")
    if (version, kind) == ("v1", "Event"):
        shown = Go(dict(reference), "v1.OwnerReference")
        yield invalid(path, shown, "/v1, Kind=Event is disallowed from being an owner")


def _parses(api_version: str) -> bool:
    """Whether a version comes out of it: "v1" and "g/v1" do, "", "/", "g/" and "a/b/c" do not."""
    return api_version.count("/") <= 1 and api_version.rpartition("/")[2] != ""


def validate_field_manager(name: str, path: Path) -> Iterator[FieldError]:
    """Who owns fields: printable, at most 128 bytes."""
    if size(name) > MANAGER_LIMIT:
        yield too_long(path, MANAGER_LIMIT)
    for index, char in enumerate(name):
        if not char.isprintable():
            at = size(name[:index])
            yield invalid(path, name, f"invalid character U+{ord(char):04X} (at position {at})")


def validate_managed_fields(entries: Sequence[Mapping[str, Any]], path: Path) -> Iterator[FieldError]:
    """Entries of managedFields."""
    for entry in entries:
        if (operation := entry.get("operation", "")) not in ("Apply", "Update"):
            yield invalid(path / "operation", operation, "must be `Apply` or `Update`")
        if (fields_type := entry.get("fieldsType", "")) not in ("", "FieldsV1"):
            yield invalid(path / "fieldsType", fields_type, "must be `FieldsV1`")


def validate_dry_run(values: Sequence[str], path: Path) -> Iterator[FieldError]:
    """The query parameter dryRun: "All" and nothing else."""
    if any(value != "All" for value in values):
        yield not_supported(path, Go(list(values), "[]string"), ("All",))


def validate_conditions(items: Sequence[Mapping[str, Any]], path: Path) -> Iterator[FieldError]:
    """Conditions of metav1.Condition, each type once."""
    seen = set()
    for index, condition in enumerate(items):
        type_ = condition.get("type", "")
        if type_ in seen:
            yield duplicate(path @ index / "type", type_)
        seen.add(type_)
        yield from _condition(condition, path @ index)


def _condition(condition: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    yield from validate_label_name(condition.get("type", ""), path / "type")
    if (status := condition.get("status", "")) not in ("True", "False", "Unknown"):
        yield not_supported(path / "status", status, ("False", "True", "Unknown"))
    if (generation := condition.get("observedGeneration", 0)) < 0:
        yield invalid(path / "observedGeneration", generation, "must be greater than or equal to zero")
    if not condition.get("lastTransitionTime"):
        yield required(path / "lastTransitionTime", "must be set")
    if not (reason := condition.get("reason", "")):
        yield required(path / "reason", "must be set")
    elif not REASON.fullmatch(reason):
        yield invalid(path / "reason", reason, REASON_TEXT)
    if size(reason) > REASON_LIMIT:
        yield too_long(path / "reason", REASON_LIMIT)
    if size(condition.get("message", "")) > MESSAGE_LIMIT:
        yield too_long(path / "message", MESSAGE_LIMIT)
