"""The names of the things that every layer handles."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import Struct, field

Object = dict[str, Any]
"""An API object as JSON has it: {"apiVersion", "kind", "metadata": {...}, ...}."""


class Key(NamedTuple):
    """Names one object of a known resource; `namespace` is "" for what is cluster-scoped."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class UserInfo(Struct, frozen=True):
    """Who makes a request, as authentication found it."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)


def controller_uid(obj: Object) -> str:
    """The uid of the controller that manages the object, "" if none does."""
    for ref in obj["metadata"].get("ownerReferences") or ():
        if ref.get("controller"):
            return str(ref["uid"])
    return ""


def home_of(obj: Object) -> tuple[str, str]:
    """Its namespace and the uid of its controller, by which a controller finds its own objects."""
    return obj["metadata"].get("namespace", ""), controller_uid(obj)


def key_of(obj: Object) -> Key:
    """The key of an object that has its metadata."""
    metadata = obj["metadata"]
    return Key(metadata.get("namespace", ""), metadata["name"])
