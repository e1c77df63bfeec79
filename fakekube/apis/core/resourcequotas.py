"""ResourceQuota. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="resourcequotas",
    kind="ResourceQuota",
    versions=(Version("v1", storage=True),),
    short_names=("quota",),
    subresources=(Subresource("status"),),
    returns_deleted=True,
)
