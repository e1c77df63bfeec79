"""ReplicaSet. Follows pkg/registry/apps of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="apps",
    plural="replicasets",
    kind="ReplicaSet",
    versions=(Version("v1", storage=True),),
    short_names=("rs",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status"),
    ),
)
