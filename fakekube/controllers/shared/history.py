"""ControllerRevisions: what the template of a DaemonSet or StatefulSet was. Follows pkg/controller/history of v1.20."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from fakekube.apis.apps.controllerrevisions import RESOURCE as REVISIONS
from fakekube.apis.resource import Resource
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.objects import created, labels_of, name_of, namespace_of, owner_reference
from fakekube.controllers.shared.parents import label_selector
from fakekube.machinery import generate
from fakekube.machinery.objects import Object
from fakekube.registry.client import Client

HASH_LABEL = "controller-revision-hash"
"""Of pods, and of the revisions of DaemonSets."""
HISTORY_LABEL = "controller.kubernetes.io/hash"
"""Of the revisions of StatefulSets."""
LONGEST_PREFIX = 223


def data_of(parent: Object) -> Object:
    """The patch that brings a parent back to its present template; sorted, since clients compare its bytes."""
    template = {**parent["spec"]["template"], "$patch": "replace"}
    data: Object = orjson.loads(orjson.dumps({"spec": {"template": template}}, option=orjson.OPT_SORT_KEYS))
    return data


def data_hash(data: Object, collisions: int | None) -> str:
    """The hash of a revision's data, as the real server has it for StatefulSets: FNV-1 of what Go prints."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    for plain, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(plain, escaped)
    probe = "" if collisions is None else str(collisions)
    return generate.safe_encode(str(_fnv32((text + probe).encode())))


def _fnv32(data: bytes) -> int:
    value = 2166136261
    for byte in data:
        value = value * 16777619 & 0xFFFFFFFF ^ byte
    return value


def hash_of(revision: Object) -> str:
    """The hash in its label."""
    return labels_of(revision).get(HASH_LABEL, "")


def revision_of(revision: Object) -> int:
    """Its number."""
    number: int = revision.get("revision", 0)
    return number


def ordered(revisions: Iterable[Object]) -> list[Object]:
    """By number, age and name."""
    return sorted(revisions, key=lambda one: (revision_of(one), created(one), name_of(one)))


def latest(revisions: Iterable[Object]) -> int:
    """The highest number."""
    return max(map(revision_of, revisions), default=0)


def new_revision(
    resource: Resource, parent: Object, number: int, hash_: str, data: Object, label: str = HASH_LABEL
) -> Object:
    """A revision with the labels of the template, and the hash."""
    labels = (parent["spec"]["template"].get("metadata") or {}).get("labels") or {}
    annotations = parent["metadata"].get("annotations") or {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{name_of(parent)[:LONGEST_PREFIX]}-{hash_}",
            "namespace": namespace_of(parent),
            "labels": {**labels, label: hash_},
            **({"annotations": dict(annotations)} if annotations else {}),
            "ownerReferences": [owner_reference(resource, parent)],
        },
        "data": data,
        "revision": number,
    }


async def revisions_of(parent: Object, resource: Resource, api: Client) -> list[Object]:
    """The revisions that the parent controls, in order; it adopts and releases some."""
    selector = label_selector(parent)
    return ordered(await claim(REVISIONS, parent, resource, lambda one: selector.matches(labels_of(one)), api))


async def renumber(revision: Object, number: int, api: Client) -> Object:
    """Give the revision that number."""
    return await api.update(REVISIONS, {**revision, "revision": number})
