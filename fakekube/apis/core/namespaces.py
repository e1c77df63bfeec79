"""Namespace. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="namespaces",
    kind="Namespace",
    versions=(Version("v1", storage=True),),
    namespaced=False,
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("finalize", verbs=("update",)),
        Subresource("status"),
    ),
    returns_deleted=True,
)
