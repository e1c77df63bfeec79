"""The definitions of the OpenAPI document: the schema data in the words of Swagger 2.0.

Keys stand in the order in which the real server writes them. The prose is the one of the public package
kubernetes-validate, where that is installed; without it the definitions have no descriptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fakekube.machinery.schema import PRIMITIVES, Form, Record

Json = dict[str, Any]
REF = "#/definitions/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"

PRIMITIVE_SCHEMAS: dict[str, Json] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer", "format": "int32"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "float64": {"type": "number", "format": "double"},
    "[]byte": {"type": "string", "format": "byte"},
}
FORM_SCHEMAS: dict[str, Json] = {
    Form.TIME.value: {"type": "string", "format": "date-time"},
    Form.MICRO_TIME.value: {"type": "string", "format": "date-time"},
    Form.QUANTITY.value: {"type": "string"},
    Form.INT_OR_STRING.value: {"type": "string", "format": "int-or-string"},
    Form.ANY.value: {"type": "object"},
}
UNTYPED = frozenset({"JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray"})
"""Of apiextensions: what may be any JSON has no type at all."""
EXTENSIONS = {
    "keys": "x-kubernetes-list-map-keys",
    "list": "x-kubernetes-list-type",
    "key": "x-kubernetes-patch-merge-key",
    "strategy": "x-kubernetes-patch-strategy",
}
"""Alphabetical, as they are written."""


class Prose:
    """The descriptions of one release's definitions and fields; empty ones where the package is not installed."""

    def __init__(self, definitions: Mapping[str, Any] | None = None) -> None:
        self._definitions = definitions or {}

    def of(self, definition: str) -> Json:
        """{"description": ...} of a definition, or {}."""
        return _described(self._definitions.get(definition, {}))

    def of_field(self, definition: str, field: str) -> Json:
        """{"description": ...} of a field of a definition, or {}."""
        return _described(self._definitions.get(definition, {}).get("properties", {}).get(field, {}))


def _described(schema: Mapping[str, Any]) -> Json:
    return {"description": schema["description"]} if "description" in schema else {}


def installed_prose(release: str) -> Prose:
    """What kubernetes-validate says of that release, if it is installed and knows it."""
    import orjson

    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        return Prose()
    file = Path(spec.origin).parent / f"kubernetes-json-schema/v{release}.0-local/_definitions.json"
    return Prose(orjson.loads(file.read_bytes())["definitions"]) if file.exists() else Prose()


def definition(name: str, record: Record, prose: Prose) -> Json:
    """One definition."""
    out = prose.of(name)
    if "form" in record:
        out |= {} if name.rpartition(".")[2] in UNTYPED else FORM_SCHEMAS[record["form"]]
        return out
    out["type"] = "object"
    rows = {row[0]: row for row in record.get("fields", ())}
    if required := [row[0] for row in rows.values() if "r" in row[4]]:
        out["required"] = required
    if rows:
        out["properties"] = {field: _property(name, rows[field], prose) for field in sorted(rows)}
    return out | _own_extensions(record)


def _own_extensions(record: Record) -> Json:
    out: Json = {}
    if "kinds" in record:
        kinds = (("group", "kind", "version"), ((group, kind, version) for group, version, kind in record["kinds"]))
        out["x-kubernetes-group-version-kind"] = [dict(zip(kinds[0], kind, strict=True)) for kind in kinds[1]]
    if "map" in record:
        out["x-kubernetes-map-type"] = record["map"]
    if "unions" in record:
        out["x-kubernetes-unions"] = record["unions"]
    return out


def _property(name: str, row: list[Any], prose: Prose) -> Json:
    schema = go_schema(row[2])
    extras = row[5] if len(row) > 5 else {}
    extensions = {long: extras[short] for short, long in EXTENSIONS.items() if short in extras}
    reference = {"$ref": schema.pop("$ref")} if "$ref" in schema else {}
    return prose.of_field(name, row[0]) | schema | extensions | reference


def go_schema(text: str) -> Json:
    """The schema of a Go type as the data writes it."""
    text = text.removeprefix("*")
    if text in PRIMITIVES:
        return dict(PRIMITIVE_SCHEMAS[text])
    if text.startswith("[]"):
        return {"type": "array", "items": go_schema(text[2:])}
    if text.startswith("map["):
        return {"type": "object", "additionalProperties": go_schema(text.split("]", 1)[1])}
    if text.endswith(")"):
        return go_schema(text[:-1].split("(", 1)[1])
    return {"$ref": REF + text}


def closure(names: Iterable[str], definitions: Mapping[str, Json]) -> set[str]:
    """The names and all that they refer to."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += references(definitions[name])
    return found


def references(value: Any) -> set[str]:
    """The definitions that some part of a document refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values())) if value else set()
    if isinstance(target := value.get("$ref"), str):
        found.add(target.removeprefix(REF))
    return found
