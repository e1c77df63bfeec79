"""What holds for events in either of their groups; they are kept as those of the core group.

Follows pkg/apis/core/validation/events.go, pkg/registry/core/event and the printers of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fakekube.apis import again
from fakekube.apis.resource import Column
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.names import dns_subdomain, qualified_name, size
from fakekube.machinery.objects import Object
from fakekube.machinery.times import age

LIMITS = {"action": 128, "reason": 128}
MAX_INSTANCE, MAX_MESSAGE = 128, 1024
NAMESPACE_DIFFERS = "does not match event.namespace"
INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def validate(event: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an event, as the older versions judge it."""
    namespace = event["metadata"].get("namespace", "")
    about = (event.get("involvedObject") or {}).get("namespace", "")
    path = Path("involvedObject") / "namespace"
    if event.get("eventTime") is None:
        if about != namespace and (about or namespace not in ("", "default")):
            yield invalid(path, about, NAMESPACE_DIFFERS)
    else:
        if not about and namespace != "kube-system":
            yield invalid(path, about, NAMESPACE_DIFFERS)
        yield from _new_fields(event)
    yield from (invalid(Path("namespace"), namespace, wrong) for wrong in dns_subdomain(namespace))


def _new_fields(event: Object) -> Iterator[FieldError]:
    """What an event with an eventTime has to say besides."""
    controller, instance = event.get("reportingComponent", ""), event.get("reportingInstance", "")
    if not controller:
        yield required(Path("reportingController"))
    yield from (invalid(Path("reportingController"), controller, wrong) for wrong in qualified_name(controller))
    if not instance:
        yield required(Path("reportingInstance"))
    yield from _limited("reportingInstance", instance, MAX_INSTANCE)
    for name, limit in LIMITS.items():
        if not event.get(name):
            yield required(Path(name))
        yield from _limited(name, event.get(name, ""), limit)
    yield from _limited("message", event.get("message", ""), MAX_MESSAGE)


def _limited(name: str, text: str, limit: int) -> Iterator[FieldError]:
    if size(text) > limit:
        yield invalid(Path(name), "", f"can have at most {limit} characters")


def validate_strictly(event: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new event of events.k8s.io/v1, which has no use for the older fields."""
    yield from validate(event)
    yield from again.judged(event, namespaced=True)
    if (series := event.get("series")) is not None:
        if series.get("count", 0) < 2:
            yield invalid(Path("series.count"), "", "should be at least 2")
        if series.get("lastObservedTime") is None:
            yield required(Path("series.lastObservedTime"))
    if event.get("eventTime") is None:
        yield required(Path("eventTime"))
    if event.get("type") not in ("Normal", "Warning"):
        yield invalid(Path("type"), "", f"has invalid value: {event.get('type', '')}")
    for name in ("firstTimestamp", "lastTimestamp", "count"):
        if event.get(name):
            yield invalid(Path(name), "", "needs to be unset")
    source = event.get("source") or {}
    if source.get("component") or source.get("host"):
        yield invalid(Path("source"), "", "needs to be unset")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, as the older versions judge it."""
    return validate(new)


def validate_update_strictly(new: Object, old: Object) -> Iterator[FieldError]:
    """Nothing more: the real server compares the new event with itself."""
    yield from validate(new)
    yield from again.changed(new, new)


def _text(*names: str) -> Callable[[Any], str]:
    def field(event: Any) -> str:
        for name in names:
            event = (event or {}).get(name)
        return event or ""

    return field


def source(event: Any) -> str:
    """Who reported it: the component, or the controller of a newer event."""
    component: str = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
    return component


SELECTABLE: Mapping[str, Callable[[Any], str]] = {
    **{f"involvedObject.{name}": _text("involvedObject", name) for name in INVOLVED},
    "reason": _text("reason"),
    "reportingComponent": _text("reportingComponent"),
    "source": source,
    "type": _text("type"),
}
"""In the core group."""

SELECTABLE_NEW: Mapping[str, Callable[[Any], str]] = {
    **{f"regarding.{name}": _text("involvedObject", name) for name in INVOLVED},
    "reason": _text("reason"),
    "reportingController": _text("reportingComponent"),
    "type": _text("type"),
}
"""In events.k8s.io."""


def _first_seen(event: Object, now: float) -> str:
    return age(event.get("firstTimestamp") or event.get("eventTime"), now)


def _last_seen(event: Object, now: float) -> str:
    if event.get("series") is not None:
        return age(event["series"].get("lastObservedTime"), now)
    last = event.get("lastTimestamp")
    return age(last, now) if last else _first_seen(event, now)


def _count(event: Object, _: float) -> int:
    if event.get("series") is not None:
        return int(event["series"].get("count", 0)) + 1  # the event that began the series is not in it
    return event.get("count") or 1


def _object(event: Object, _: float) -> str:
    about = event.get("involvedObject") or {}
    kind, name = about.get("kind", "").lower(), about.get("name")
    return f"{kind}/{name}" if name else kind


def _source(event: Object, _: float) -> str:
    old = event.get("source") or {}
    component = old.get("component") or event.get("reportingComponent", "")
    instance = old.get("host") or event.get("reportingInstance", "")
    return f"{component}, {instance}" if instance else component


def _message(event: Object, _: float) -> str:
    message: str = event.get("message", "")
    return message.strip()


COLUMNS = (
    Column("Last Seen", "string", _last_seen),
    Column("Type", "string", ".type"),
    Column("Reason", "string", ".reason"),
    Column("Object", "string", _object),
    Column("Subobject", "string", ".involvedObject.fieldPath", priority=1),
    Column("Source", "string", _source, priority=1),
    Column("Message", "string", _message),
    Column("First Seen", "string", _first_seen, priority=1),
    Column("Count", "string", _count, priority=1),
    Column("Name", "string", ".metadata.name", priority=1, format="name"),
)
