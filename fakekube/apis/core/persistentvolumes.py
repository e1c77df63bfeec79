"""PersistentVolume. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="persistentvolumes",
    kind="PersistentVolume",
    versions=(Version("v1", storage=True),),
    namespaced=False,
    short_names=("pv",),
    subresources=(Subresource("status"),),
    returns_deleted=True,
)
