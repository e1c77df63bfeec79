"""Event. Follows pkg/registry/core/event and pkg/apis/core/validation/events.go of v1.20."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.times import age


def _last_seen(event: Any, now: float) -> str:
    if series := event.get("series"):
        return age(series.get("lastObservedTime"), now)
    return age(event.get("lastTimestamp"), now) if event.get("lastTimestamp") else _first_seen(event, now)


def _first_seen(event: Any, now: float) -> str:
    return age(event.get("firstTimestamp") or event.get("eventTime"), now)


def _object(event: Any, now: float) -> str:
    about = event["involvedObject"]
    kind = about.get("kind", "").lower()
    return f"{kind}/{about['name']}" if about.get("name") else kind


def _source(event: Any, now: float) -> str:
    source = event.get("source", {})
    component = source.get("component") or event.get("reportingComponent", "")
    host = source.get("host") or event.get("reportingInstance", "")
    return f"{component}, {host}" if component and host else component or host


def _count(event: Any, now: float) -> int:
    if series := event.get("series"):
        return int(series.get("count", 0)) + 1
    return event.get("count") or 1


def _about(name: str) -> Callable[[Any], str]:
    return lambda event: event["involvedObject"].get(name, "")


def _field(name: str) -> Callable[[Any], str]:
    return lambda event: event.get(name, "")


SELECTABLE = {
    **{
        f"involvedObject.{name}": _about(name)
        for name in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
    },
    **{name: _field(name) for name in ("reason", "reportingComponent", "type")},
    "source": lambda event: event.get("source", {}).get("component") or event.get("reportingComponent", ""),
}

RESOURCE = Resource(
    group="",
    plural="events",
    default_propagation="Unsupported",
    watch_cached=False,
    kind="Event",
    versions=(Version("v1", storage=True),),
    short_names=("ev",),
    create_on_update=True,
    selectable=SELECTABLE,
    columns=(
        Column("Last Seen", "string", _last_seen),
        Column("Type", "string", ".type"),
        Column("Reason", "string", ".reason"),
        Column("Object", "string", _object),
        Column("Subobject", "string", ".involvedObject.fieldPath", priority=1),
        Column("Source", "string", _source, priority=1),
        Column("Message", "string", lambda event, now: event.get("message", "").strip()),
        Column("First Seen", "string", _first_seen, priority=1),
        Column("Count", "string", _count, priority=1),
        Column("Name", "string", ".metadata.name", priority=1, format="name"),
    ),
)
