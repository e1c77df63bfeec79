"""ConfigMap. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="",
    plural="configmaps",
    kind="ConfigMap",
    versions=(Version("v1", storage=True),),
    short_names=("cm",),
)
