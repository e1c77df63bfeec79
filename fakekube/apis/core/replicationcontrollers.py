"""ReplicationController. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="replicationcontrollers",
    kind="ReplicationController",
    versions=(Version("v1", storage=True),),
    short_names=("rc",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status"),
    ),
)
