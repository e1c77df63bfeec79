"""Node. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="nodes",
    kind="Node",
    versions=(Version("v1", storage=True),),
    namespaced=False,
    create_keeps_status=True,
    short_names=("no",),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="NodeProxyOptions"),
        Subresource("status"),
    ),
)
