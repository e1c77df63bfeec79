"""ConfigMap. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version

RESOURCE = Resource(
    group="",
    plural="configmaps",
    kind="ConfigMap",
    versions=(Version("v1", storage=True),),
    short_names=("cm",),
    columns=(
        NAME,
        Column("Data", "string", lambda obj, now: len(obj.get("data", ())) + len(obj.get("binaryData", ()))),
        AGE,
    ),
)
