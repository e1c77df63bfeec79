"""Structural schemas: every field has a type, and logic says nothing new. Follows apiserver/schema of v1.20."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.objects import Object

KEEP, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
INT_OR_STRING_LOGIC = [{"type": "integer"}, {"type": "string"}]
ROOT, ITEM, FIELD = "at the root", "for specified array items", "for specified object fields"
MUST_BE_OBJECT = "must be object if x-kubernetes-embedded-resource is true"
NO_PROPERTIES = (
    "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
)
ONLY_NAMES = "must not specify anything other than name and generateName, but metadata is implicitly specified"
LOOKAROUND = re.compile(r"\(\?(=|!|<=|<!|>)")
PATTERN_ERRORS = (
    ("unterminated character set", "missing closing ]: `{rest}`"),
    ("missing ), unterminated subpattern", "missing closing ): `{pattern}`"),
    ("unbalanced parenthesis", "unexpected ): `{pattern}`"),
    ("nothing to repeat", "missing argument to repetition operator: `{char}`"),
    ("multiple repeat", "invalid nested repetition operator: `{rest}`"),
)
"""How Python's complaints begin, and Go's for the same; what only Python does not take is let through."""
FORBIDDEN = (
    ("type", "empty"),
    ("additionalProperties", "undefined"),
    ("default", "undefined"),
    ("title", "empty"),
    ("description", "empty"),
    ("nullable", "false"),
    (KEEP, "false"),
    (EMBEDDED, "false"),
    (INT_OR_STRING, "false"),
    ("x-kubernetes-list-map-keys", "empty"),
    ("x-kubernetes-list-type", "undefined"),
    ("x-kubernetes-map-type", "undefined"),
)
"""What logic (allOf, anyOf, oneOf, not) may not say, and what it must be instead."""


def validate_structural(schema: Object, path: Path) -> list[FieldError]:
    """What keeps a schema from being structural, sorted by their text."""
    return sorted([*_invariants(schema, ROOT, path), *_completeness(schema, schema, path, path)], key=str)


def is_structural(schema: Object) -> bool:
    """Whether nothing keeps it from that."""
    return not validate_structural(schema, Path(""))


def knows_int_or_string(schema: Object) -> bool:
    """Whether a value anywhere in it is a number or a string."""
    if schema.get(INT_OR_STRING):
        return True
    inner = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return any(knows_int_or_string(one) for one in inner if isinstance(one, dict))


def _dict(value: Any) -> Any:
    return value if isinstance(value, dict) else None


def _invariants(schema: Any, level: str, path: Path) -> Iterator[FieldError]:
    kind, properties, more = schema.get("type", ""), schema.get("properties") or {}, schema.get("additionalProperties")
    if kind == "array" and schema.get("items") is None:
        yield required(path / "items", "must be specified")
    if (items := _dict(schema.get("items"))) is not None:
        yield from _invariants(items, ITEM, path / "items")
    for name, part in properties.items():
        yield from _invariants(part, FIELD, path / "properties" @ name)
    if more is not None and level == ROOT:
        yield forbidden(path / "additionalProperties", "must not be used at the root")
    if _dict(more) is not None:
        yield from _invariants(more, FIELD, path / "additionalProperties")
    yield from _extensions(schema, path)
    yield from _values(schema, _is_int_or_string(schema), _first_is_int_or_string(schema), path)
    yield from _typed(schema, kind, level, path)
    if level == ROOT or schema.get(EMBEDDED):
        yield from _meta(properties, level, path)
    if schema.get(EMBEDDED) and not schema.get(KEEP) and not properties:
        yield required(path / "properties", NO_PROPERTIES)


def _extensions(schema: Object, path: Path) -> Iterator[FieldError]:
    for name in (KEEP, EMBEDDED):
        if schema.get(INT_OR_STRING) and schema.get(name):
            yield invalid(path / name, True, "must be false if x-kubernetes-int-or-string is true")


def _typed(schema: Object, kind: str, level: str, path: Path) -> Iterator[FieldError]:
    if schema.get(EMBEDDED) and kind != "object":
        yield invalid(path / "type", kind, MUST_BE_OBJECT) if kind else required(path / "type", MUST_BE_OBJECT)
    elif not kind and not schema.get(INT_OR_STRING) and not schema.get(KEEP):
        yield required(path / "type", f"must not be empty {level}")
    if schema.get(EMBEDDED) and schema.get("additionalProperties") is not None:
        yield forbidden(path / "additionalProperties", "must not be used if x-kubernetes-embedded-resource is set")
    if level == ROOT and kind not in ("", "object"):
        yield invalid(path / "type", kind, "must be object at the root")


def _meta(properties: Object, level: str, path: Path) -> Iterator[FieldError]:
    for name, wanted in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        if name in properties and (kind := properties[name].get("type", "")) != wanted:
            yield invalid(path / "properties" @ name / "type", kind, f"must be {wanted}")
    if level != ROOT or "metadata" not in properties:
        return
    metadata = {key: value for key, value in properties["metadata"].items() if key not in ("type", "default") and value}
    if not set(metadata.get("properties") or ()) - {"name", "generateName"}:
        metadata.pop("properties", None)
    if metadata:
        yield forbidden(path / "properties" @ "metadata", ONLY_NAMES)


def _is_int_or_string(schema: Object) -> bool:
    return schema.get("anyOf") == INT_OR_STRING_LOGIC


def _first_is_int_or_string(schema: Object) -> bool:
    return bool(schema.get("allOf")) and _is_int_or_string(schema["allOf"][0])


# Logic


def _values(schema: Any, skip_any: bool, skip_first: bool, path: Path) -> Iterator[FieldError]:
    for index, part in enumerate(() if skip_any else schema.get("anyOf") or ()):
        yield from _nested(part, False, path / "anyOf" @ index)
    for index, part in enumerate(schema.get("allOf") or ()):
        yield from _nested(part, skip_first and index == 0, path / "allOf" @ index)
    for index, part in enumerate(schema.get("oneOf") or ()):
        yield from _nested(part, False, path / "oneOf" @ index)
    if schema.get("not") is not None:
        yield from _nested(schema["not"], False, path / "not")
    if (pattern := schema.get("pattern")) and (wrong := _pattern_error(pattern)):
        why = f"must be a valid regular expression, but isn't: error parsing regexp: {wrong}"
        yield invalid(path / "pattern", pattern, why)


def _pattern_error(pattern: str) -> str:
    """What Go's regexp says of a pattern that it does not take; "" for all others."""
    if (look := LOOKAROUND.search(pattern)) is not None:
        return f"invalid or unsupported Perl syntax: `{look[0]}`"
    try:
        re.compile(pattern)
    except re.error as error:
        at = error.pos or 0
        for begin, text in PATTERN_ERRORS:
            if error.msg.startswith(begin):
                return text.format(pattern=pattern, rest=pattern[at:], char=pattern[at : at + 1])
    return ""


def _nested(schema: Any, skip_any: bool, path: Path) -> Iterator[FieldError]:
    yield from _values(schema, skip_any, False, path)
    if (items := _dict(schema.get("items"))) is not None:
        yield from _nested(items, False, path / "items")
    for name, part in (schema.get("properties") or {}).items():
        yield from _nested(part, False, path / "properties" @ name)
    for name, wanted in FORBIDDEN:
        value = schema.get(name)
        if value or (value is not None and wanted == "undefined"):
            yield forbidden(path / name, f"must be {wanted} to be structural")
    if "metadata" in (schema.get("properties") or {}):
        yield forbidden(path / "properties" @ "metadata", "must not be specified in a nested context")


def _completeness(logic: Any, schema: Any, path: Path, where: Path) -> Iterator[FieldError]:
    """What logic speaks of is specified outside of it as well."""
    parts = [("not", logic["not"], where / "not")] if logic.get("not") is not None else []
    for name in ("allOf", "anyOf", "oneOf"):
        parts += [(name, part, where / name @ index) for index, part in enumerate(logic.get(name) or ())]
    for _, part, here in parts:
        yield from _nested_completeness(part, schema, path, here)


def _nested_completeness(logic: Any, schema: Any, path: Path, where: Path) -> Iterator[FieldError]:
    if schema is None:
        yield required(path, f"because it is defined in {where}")
        return
    yield from _completeness(logic, schema, path, where)
    if (items := _dict(logic.get("items"))) is not None:
        yield from _nested_completeness(items, _dict(schema.get("items")), path / "items", where / "items")
    for name, part in (logic.get("properties") or {}).items():
        known = (schema.get("properties") or {}).get(name)
        yield from _nested_completeness(part, known, path / "properties" @ name, where / "properties" @ name)
