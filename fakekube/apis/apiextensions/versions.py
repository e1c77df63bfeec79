"""CustomResourceDefinitions in their versions. Follows apiextensions-apiserver's v1 and v1beta1 conversions of v1.20.

They are kept in the shape of v1beta1: what all versions of a kind have in common stands once, beside the versions.
"""

from __future__ import annotations

from typing import Any

from fakekube.apis.apiextensions.schemarules import parts_of, schemas_of
from fakekube.machinery.jsonvalues import as_go_keeps_it
from fakekube.machinery.objects import Object

SHARED = {
    "schema": "validation",
    "subresources": "subresources",
    "additionalPrinterColumns": "additionalPrinterColumns",
}
"""Per version in v1, and what it is called if it is common to all."""


def default(definition: Object) -> None:
    """What both versions have in common: names, no conversion, the port of webhooks, the stored version."""
    spec = definition["spec"]
    for schema in schemas_of(spec):
        _normalize(schema)
    names = spec.get("names") or {}
    if kind := names.get("kind"):
        names["singular"] = names.get("singular") or kind.lower()
        names["listKind"] = names.get("listKind") or f"{kind}List"
    if spec.get("conversion") is None:
        spec["conversion"] = {"strategy": "None"}
    conversion = spec["conversion"]
    client = conversion.get("webhookClientConfig") or (conversion.get("webhook") or {}).get("clientConfig") or {}
    if client.get("service") is not None and client["service"].get("port") is None:
        client["service"]["port"] = 443
    status = definition.get("status")
    if status is not None and not status.get("storedVersions"):
        add_stored_version(definition)


def default_v1beta1(definition: Object) -> None:
    """The list of versions out of the one version, or the other way round; unknown fields are kept."""
    spec = definition["spec"]
    spec["scope"] = spec.get("scope") or "Namespaced"
    if not spec.get("versions") and spec.get("version"):
        spec["versions"] = [{"name": spec["version"], "served": True, "storage": True}]
    if not spec.get("version") and spec.get("versions"):
        spec["version"] = spec["versions"][0].get("name", "")
    default(definition)
    conversion = spec["conversion"]
    if conversion.get("strategy") == "Webhook" and not conversion.get("conversionReviewVersions"):
        conversion["conversionReviewVersions"] = ["v1beta1"]
    if spec.get("preserveUnknownFields") is None:
        spec["preserveUnknownFields"] = True


def _normalize(schema: Any) -> None:
    """Values within a schema, which may be of any type."""
    for name in ("default", "example", "enum"):
        if schema.get(name) is not None:
            schema[name] = as_go_keeps_it(schema[name])
    for part in parts_of(schema):
        _normalize(part)


def add_stored_version(definition: Object) -> None:
    """Note the storage version among those in which objects may be stored."""
    status = definition.get("status") or {}
    stored = status.get("storedVersions") or []
    name = next((one["name"] for one in definition["spec"].get("versions") or () if one.get("storage")), None)
    if name is not None and name not in stored:
        definition["status"] = {**status, "storedVersions": [*stored, name]}


# v1


def from_v1(definition: Object) -> Object:
    """What is the same in all versions moves beside them."""
    spec = {**definition["spec"]}
    versions = [_renamed(version, "jsonPath", "JSONPath") for version in spec.get("versions") or ()]
    if versions:
        spec["version"] = versions[0].get("name", "")
        for name, shared in SHARED.items():
            value = versions[0].get(name)
            if all((version.get(name) or None) == (value or None) for version in versions):
                for version in versions:
                    version.pop(name, None)
                if value is not None:
                    spec[shared] = value
    if spec.get("versions") is not None:
        spec["versions"] = versions
    spec["preserveUnknownFields"] = bool(spec.get("preserveUnknownFields"))
    if (conversion := spec.get("conversion")) is not None:
        spec["conversion"] = _conversion_from_v1(conversion)
    return {**definition, "spec": spec}


def _conversion_from_v1(conversion: Object) -> Object:
    hook = conversion.get("webhook") or {}
    parts = {
        "webhookClientConfig": hook.get("clientConfig"),
        "conversionReviewVersions": hook.get("conversionReviewVersions"),
    }
    flat = {name: value for name, value in conversion.items() if name != "webhook"}
    return flat | {name: value for name, value in parts.items() if value is not None}


def to_v1(definition: Object) -> Object:
    """What stands beside the versions goes into each of them."""
    spec = {name: value for name, value in definition["spec"].items() if name not in (*SHARED.values(), "version")}
    before = definition["spec"]
    common = {name: before[shared] for name, shared in SHARED.items() if before.get(shared) is not None}
    listed = spec.get("versions") or _only_version(before)
    spec["versions"] = [_renamed({**version, **common}, "JSONPath", "jsonPath") for version in listed]
    if (conversion := spec.get("conversion")) is not None:
        spec["conversion"] = _conversion_to_v1(conversion)
    return {**definition, "spec": spec}


def _only_version(spec: Object) -> list[Object]:
    return [{"name": spec["version"], "served": True, "storage": True}] if spec.get("version") else []


def _conversion_to_v1(conversion: Object) -> Object:
    nested = {"clientConfig": "webhookClientConfig", "conversionReviewVersions": "conversionReviewVersions"}
    flat = {name: value for name, value in conversion.items() if name not in nested.values()}
    hook = {name: conversion[key] for name, key in nested.items() if conversion.get(key) is not None}
    return {**flat, "webhook": hook} if hook else flat


def _renamed(version: Object, old: str, new: str) -> dict[str, Any]:
    """A copy of a version whose columns call their path by the other name."""
    columns = version.get("additionalPrinterColumns")
    if columns is None:
        return {**version}
    moved = [{new if name == old else name: value for name, value in column.items()} for column in columns]
    return {**version, "additionalPrinterColumns": moved}
