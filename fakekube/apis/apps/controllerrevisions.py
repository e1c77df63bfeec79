"""ControllerRevision. Follows pkg/registry/apps of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="apps",
    plural="controllerrevisions",
    kind="ControllerRevision",
    versions=(Version("v1", storage=True),),
)
