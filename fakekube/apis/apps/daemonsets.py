"""DaemonSet. Follows pkg/registry/apps of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="apps",
    plural="daemonsets",
    kind="DaemonSet",
    versions=(Version("v1", storage=True),),
    short_names=("ds",),
    categories=("all",),
    subresources=(Subresource("status"),),
)
