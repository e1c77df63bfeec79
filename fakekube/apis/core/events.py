"""Event. Follows pkg/registry/core/event of v1.20; what is shared with events.k8s.io is in apis/eventrules."""

from __future__ import annotations

from fakekube.apis import eventrules
from fakekube.apis.resource import Resource, Version
from fakekube.machinery.names import path_segment

RESOURCE = Resource(
    group="",
    plural="events",
    default_propagation="Unsupported",
    watch_cached=False,
    kind="Event",
    versions=(Version("v1", storage=True),),
    short_names=("ev",),
    validate_name=path_segment,
    metadata_last=True,
    create_on_update=True,
    validate=eventrules.validate,
    validate_update=eventrules.validate_update,
    selectable=eventrules.SELECTABLE,
    columns=eventrules.COLUMNS,
)
