"""Service. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="services",
    kind="Service",
    versions=(Version("v1", storage=True),),
    short_names=("svc",),
    categories=("all",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="ServiceProxyOptions"),
        Subresource("status"),
    ),
)
