"""Small things that every controller asks of an object, or makes of one. Objects from the cache are never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from fakekube.apis.resource import Resource, api_version
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.times import parse_time


def revised(obj: Object, **fields: Any) -> Object:
    """A new object with these top-level fields, to be written; the rest is shared with the old one."""
    new = {**obj, **fields}
    if "metadata" not in fields:
        new["metadata"] = {**obj["metadata"]}
    return new


def with_metadata(obj: Object, **fields: Any) -> Object:
    """A new object with these fields of metadata; None and empty ones are left out."""
    metadata = {**obj["metadata"], **fields}
    return {**obj, "metadata": {name: value for name, value in metadata.items() if value not in (None, [], {})}}


def name_of(obj: Object) -> str:
    """metadata.name."""
    name: str = obj["metadata"]["name"]
    return name


def namespace_of(obj: Object) -> str:
    """metadata.namespace, "" where there is none."""
    namespace: str = obj["metadata"].get("namespace", "")
    return namespace


def uid_of(obj: Object) -> str:
    """metadata.uid."""
    uid: str = obj["metadata"]["uid"]
    return uid


def labels_of(obj: Object) -> dict[str, str]:
    """metadata.labels, read-only."""
    return obj["metadata"].get("labels") or {}


def annotations_of(obj: Object) -> dict[str, str]:
    """metadata.annotations, read-only."""
    return obj["metadata"].get("annotations") or {}


def finalizers_of(obj: Object) -> list[str]:
    """metadata.finalizers, read-only."""
    return obj["metadata"].get("finalizers") or []


def owners_of(obj: Object) -> list[Object]:
    """metadata.ownerReferences, read-only."""
    return obj["metadata"].get("ownerReferences") or []


def is_deleted(obj: Object) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in obj["metadata"]


def created(obj: Object) -> float:
    """metadata.creationTimestamp in seconds since the epoch."""
    return parse_time(obj["metadata"]["creationTimestamp"])


def controller_of(obj: Object) -> Object | None:
    """The owner reference of the controller that manages it."""
    return next((ref for ref in owners_of(obj) if ref.get("controller")), None)


def owner_reference(resource: Resource, owner: Object) -> Object:
    """The reference that makes `owner` the controller of an object; its kind may differ from the stored version's."""
    return {
        "apiVersion": api_version(resource.group, resource.storage_version.name),
        "kind": resource.kind,
        "name": name_of(owner),
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controlled_key(obj: Object, kind: str) -> Iterable[Key]:
    """The key of its controller, if that is of this kind."""
    ref = controller_of(obj)
    return (Key(namespace_of(obj), ref["name"]),) if ref is not None and ref["kind"] == kind else ()


def key(obj: Object) -> Key:
    """The object's key."""
    return key_of(obj)


def fresh(obj: Any) -> Any:
    """A deep copy that may be changed."""
    return orjson.loads(orjson.dumps(obj))
