"""ComponentStatus. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="",
    plural="componentstatuses",
    kind="ComponentStatus",
    versions=(Version("v1", storage=True),),
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    stored=False,
)
