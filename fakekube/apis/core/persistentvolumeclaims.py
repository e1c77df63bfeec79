"""PersistentVolumeClaim. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    versions=(Version("v1", storage=True),),
    short_names=("pvc",),
    subresources=(Subresource("status"),),
    returns_deleted=True,
)
