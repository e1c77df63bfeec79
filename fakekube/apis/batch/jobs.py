"""Job. Follows pkg/registry/batch of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="batch",
    plural="jobs",
    kind="Job",
    versions=(Version("v1", storage=True),),
    categories=("all",),
    subresources=(Subresource("status"),),
)
