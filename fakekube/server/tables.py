"""Tables: what `kubectl get` prints, one row an object, and objects cut down to their metadata.

Follows apiserver's rest/table.go and the printers; a kind's columns are in its Resource.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from fakekube.apis.resource import Column, Resource
from fakekube.machinery import status
from fakekube.machinery.fielderrors import Path, invalid
from fakekube.machinery.objects import Object

META = "meta.k8s.io"
DEFAULT_COLUMNS = (
    Column("Name", "string", ".metadata.name", format="name"),
    Column("Created At", "date", ".metadata.creationTimestamp"),
)
INCLUDES = ("None", "Metadata", "Object")


def now() -> float:
    """The time that ages are counted to."""
    return time.time()


def include_object(text: str) -> str:
    """The includeObject parameter. Raises BadRequest (400)."""
    if text and text not in INCLUDES:
        error = invalid(Path("includeObject"), text, "must be 'Metadata', 'Object', 'None', or empty")
        raise status.bad_request(f"Unable to convert to Table as requested: {error}")
    return text or "Metadata"


def table(
    resource: Resource,
    version: str,
    stored: Sequence[Object],
    shown: Sequence[Object],
    meta: Object,
    include: str,
    at: float,
    columns: Sequence[Column] = (),
) -> Object:
    """A Table of the objects: cells from their stored form, `shown` is their form in the version asked for.

    `columns` are the version's, if it has any of its own.
    """
    columns = columns or resource.columns or DEFAULT_COLUMNS
    readers = [_reader(column) for column in columns]
    pairs = list(zip(stored, shown, strict=True))
    if (key := resource.row_order) is not None:
        pairs.sort(key=lambda pair: key(pair[0]))
    included: dict[str, Callable[[Object, Object], Object | None]] = {
        "None": lambda obj, whole: None,
        "Metadata": lambda obj, whole: partial(resource, obj, f"{META}/{version}"),
        "Object": lambda obj, whole: whole,
    }
    rows: list[Object] = []
    for obj, whole in pairs:
        row: Object = {"cells": [read(obj, at) for read in readers]}
        if resource.row_conditions is not None and (conditions := resource.row_conditions(obj)):
            row["conditions"] = conditions
        rows.append({**row, "object": included[include](obj, whole)})
    return {
        "kind": "Table",
        "apiVersion": f"{META}/{version}",
        "metadata": meta,
        "columnDefinitions": [definition(column) for column in columns],
        "rows": rows or ([] if columns is not DEFAULT_COLUMNS else None),
    }


def definition(column: Column) -> Object:
    """A column as the Table describes it."""
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description,
        "priority": column.priority,
    }


def partial(resource: Resource, obj: Object, version: str) -> Object:
    """A PartialObjectMetadata of that apiVersion, of a stored object."""
    metadata = obj["metadata"]
    if resource.field_annotations and "annotations" in metadata:
        metadata = _without(metadata, resource.field_annotations)
    return {"kind": "PartialObjectMetadata", "apiVersion": version, "metadata": metadata}


def _without(metadata: Object, annotations: tuple[str, ...]) -> Object:
    kept = {name: value for name, value in metadata["annotations"].items() if name not in annotations}
    return {k: kept if k == "annotations" else v for k, v in metadata.items() if k != "annotations" or kept}


def _reader(column: Column) -> Callable[[Object, float], Any]:
    if not isinstance(column.value, str):
        return column.value
    parts = column.value.strip(".").split(".")
    empty: Any = "" if column.type == "string" else None
    return lambda obj, at: _walk(obj, parts, empty)


def _walk(obj: Any, parts: Sequence[str], empty: Any) -> Any:
    for part in parts:
        obj = obj.get(part) if isinstance(obj, dict) else None
        if obj is None:
            return empty
    return obj
