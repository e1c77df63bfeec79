"""Who owns which fields: managedFields as entries by manager. Follows apiserver's fieldmanager of v1.20."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.machinery import goformat
from fakekube.machinery.apply import fieldset
from fakekube.machinery.apply.fieldset import Node

APPLY = "Apply"
UPDATE = "Update"
MAX_UPDATERS = 10
"""Update managers beyond it are merged, the oldest first."""
ANCIENT = "ancient-changes"


class Key(Struct, frozen=True):
    """Names a manager. One that applies is the same in all versions: its `version` is ""."""

    manager: str
    operation: str
    version: str

    def __str__(self) -> str:
        pairs = (("manager", self.manager), ("operation", self.operation), ("apiVersion", self.version))
        return json.dumps({name: value for name, value in pairs if value}, separators=(",", ":"), ensure_ascii=False)

    def shown(self) -> str:
        """As messages about conflicts name it: "kubectl" using v1."""
        name = goformat.quote(self.manager)
        return f"{name} using {self.version}" if self.operation == UPDATE else name


class Entry(Struct, frozen=True):
    """What one manager owns: a set of fields of the object in an API version."""

    version: str
    fields: Node
    time: str | None = None
    """RFC 3339, of the last change of the set."""


Managed = dict[Key, Entry]


def applier(manager: str) -> Key:
    """The key of one who applies."""
    return Key(manager or "unknown", APPLY, "")


def updater(manager: str, version: str) -> Key:
    """The key of one who updates in that version."""
    return Key(manager or "unknown", UPDATE, version)


def decode(entries: Iterable[Any], trusted: bool) -> Managed:
    """managedFields as entries. Sets are made canonical unless they are `trusted` to be. Raises ValueError."""
    managed: Managed = {}
    for entry in entries:
        if entry.get("fieldsType") != "FieldsV1":
            raise ValueError("no FieldsV1")
        operation, version = entry.get("operation", ""), entry.get("apiVersion", "")
        fields = entry.get("fieldsV1") or {}
        key = Key(entry.get("manager", ""), operation, "" if operation == APPLY else version)
        managed[key] = Entry(version, fields if trusted else fieldset.parse(fields), entry.get("time"))
    return managed


def encode(managed: Managed) -> list[Any]:
    """The entries as managedFields, in the order in which the real server sorts them."""
    return [_encode(key, managed[key]) for key in sorted(managed, key=lambda key: _order(key, managed[key]))]


def _order(key: Key, entry: Entry) -> tuple[str, ...]:
    return key.operation, entry.time or "", key.manager, entry.version


def _encode(key: Key, entry: Entry) -> dict[str, Any]:
    pairs = (
        ("manager", key.manager),
        ("operation", key.operation),
        ("apiVersion", entry.version),
        ("time", entry.time),
    )
    encoded: dict[str, Any] = {name: value for name, value in pairs if value}
    encoded["fieldsType"] = "FieldsV1"
    encoded["fieldsV1"] = entry.fields
    return encoded


def cap(managed: Managed) -> Managed:
    """At most MAX_UPDATERS managers that update: the oldest of a version become one, "ancient-changes"."""
    updaters = [key for key in managed if key.operation != APPLY]
    surplus = len(updaters) - MAX_UPDATERS
    if surplus <= 0:
        return managed
    capped = dict(managed)
    updaters.sort(key=lambda key: (managed[key].time or "", str(key)))
    first_of_version: dict[str, Key] = {}
    for key in updaters:
        if surplus <= 0:
            break
        version = managed[key].version
        if version not in first_of_version:
            first_of_version[version] = key
            continue
        _pour(capped, key, first_of_version[version])
        surplus -= 1
    return capped


def _pour(managed: Managed, key: Key, first: Key) -> None:
    """Merge a manager into the bucket of its version, which the `first` one becomes if there is none."""
    entry = managed.pop(key)
    bucket = updater(ANCIENT, entry.version)
    if bucket not in managed:
        managed[bucket] = managed.pop(first)
    joined = fieldset.union(entry.fields, managed[bucket].fields)
    managed[bucket] = replace(managed[bucket], fields=joined, time=entry.time)
