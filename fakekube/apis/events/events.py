"""Event of events.k8s.io; the objects are those of the core group. Follows pkg/apis/events of v1.20."""

from __future__ import annotations

from fakekube.apis import eventrules
from fakekube.apis.resource import Resource, Version
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object

TO_CORE = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
FROM_CORE = {core: new for new, core in TO_CORE.items()}


def to_core(event: Object) -> Object:
    """The older names of the fields."""
    return {TO_CORE.get(name, name): value for name, value in event.items()}


def from_core(event: Object) -> Object:
    """The newer names of the fields."""
    return {FROM_CORE.get(name, name): value for name, value in event.items()}


RESOURCE = Resource(
    group="events.k8s.io",
    plural="events",
    default_propagation="Unsupported",
    watch_cached=False,
    kind="Event",
    stored_under="",
    invalid_group="",
    versions=(
        Version(
            "v1",
            storage=True,
            since="1.19",
            to_storage=to_core,
            from_storage=from_core,
            validate=eventrules.validate_strictly,
            validate_update=eventrules.validate_update_strictly,
        ),
        Version("v1beta1", until="1.25", to_storage=to_core, from_storage=from_core),
    ),
    short_names=("ev",),
    validate_name=path_segment,
    metadata_last=True,
    validate=eventrules.validate,
    validate_update=eventrules.validate_update,
    create_on_update=True,
    selectable=eventrules.SELECTABLE_NEW,
    columns=eventrules.COLUMNS,
)
