"""Recording of Events as client-go does it: repeated ones are counted up, similar ones combined, floods held back.

`Correlator` decides, in memory and without I/O; a `Recorder` has one and writes what it decides. Follows client-go's
tools/record (core/v1 events) and tools/events (events.k8s.io/v1, which the scheduler uses).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from msgspec import Struct, field

from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_micro, format_time
from fakekube.registry.client import Client

V = TypeVar("V")

REMEMBERED = 4096
SIMILAR = 10
"""From so many different messages on, events that differ in nothing else are combined."""
SIMILAR_WITHIN = 600.0
COMBINED = "(combined from similar events): "
BURST = 25
REFILL = 1 / 300
"""Events a second that one source may record about one object once the burst is used up."""
SERIES_ENDS = 360.0


class Remembered(Generic[V]):
    """A dict that forgets what has not been used for the longest time."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """The value, if it is still known."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> None:
        """Keep the value."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._limit:
            self._values.popitem(last=False)


class _Similar(Struct):
    seen: float
    messages: dict[str, None] = field(default_factory=dict)


class _Seen(Struct):
    count: int
    first: str
    name: str


class _Budget(Struct):
    tokens: float
    since: float


class Correlator:
    """Decides what becomes of an event."""

    def __init__(self) -> None:
        self._similar: Remembered[_Similar] = Remembered()
        self._seen: Remembered[_Seen] = Remembered()
        self._budgets: Remembered[_Budget] = Remembered()

    def observe(self, event: Object, now: float) -> Object | None:
        """The event to be written: new if its count is 1, else to be patched; None: one too many, it is dropped."""
        event, key = self._combine(event, now)
        before = self._seen.get(key)
        if before is not None:
            event = {**event, "metadata": {**event["metadata"], "name": before.name}}
            event.update(firstTimestamp=before.first, count=before.count + 1)
        self._seen.put(key, _Seen(event["count"], event["firstTimestamp"], event["metadata"]["name"]))
        return event if self._afford(event, now) else None

    def _combine(self, event: Object, now: float) -> tuple[Object, Hashable]:
        key = (*_subject(event), event["type"], event["reason"])
        similar = self._similar.get(key)
        if similar is None or now - similar.seen > SIMILAR_WITHIN:
            similar = _Similar(now)
        similar.seen = now
        similar.messages[event["message"]] = None
        self._similar.put(key, similar)
        if len(similar.messages) < SIMILAR:
            return event, (*key, event["involvedObject"].get("fieldPath", ""), event["message"])
        similar.messages.pop(next(iter(similar.messages)))
        return {**event, "message": COMBINED + event["message"]}, key

    def _afford(self, event: Object, now: float) -> bool:
        key = _subject(event)
        budget = self._budgets.get(key) or _Budget(BURST, now)
        budget.tokens = min(BURST, budget.tokens + (now - budget.since) * REFILL)
        budget.since = now
        self._budgets.put(key, budget)
        if budget.tokens < 1:
            return False
        budget.tokens -= 1
        return True


def _subject(event: Object) -> tuple[str, ...]:
    """Who speaks about what."""
    source, about = event["source"], event["involvedObject"]
    names = ("kind", "namespace", "name", "uid", "apiVersion")
    return (source.get("component", ""), source.get("host", ""), *(about.get(name, "") for name in names))


def reference(obj: Object, field_path: str = "") -> Object:
    """The reference to an object, or to a part of it, that an event carries."""
    metadata = obj["metadata"]
    names = ("namespace", "name", "uid", "resourceVersion")
    about = {"kind": obj.get("kind"), "apiVersion": obj.get("apiVersion")}
    about.update({name: metadata.get(name) for name in names})
    about["fieldPath"] = field_path
    return {name: value for name, value in about.items() if value}


def _metadata(about: Object, nanoseconds: int) -> Object:
    namespace = about["metadata"].get("namespace") or "default"
    return {"name": f"{about['metadata']['name']}.{nanoseconds:x}", "namespace": namespace}


class _Stamps:
    """Moments in nanoseconds, each later than the one before, so that names differ."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: float) -> int:
        self._last = max(int(now * 1e9), self._last + 1)
        return self._last


class Recorder:
    """Records core/v1 events of one source."""

    def __init__(self, component: str, host: str = "") -> None:
        self._source = {"component": component, **({"host": host} if host else {})}
        self._correlator = Correlator()
        self._stamps = _Stamps()

    def event(self, about: Object, type_: str, reason: str, message: str, now: float, field_path: str = "") -> Object:
        """The event as it is before it meets earlier ones."""
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": _metadata(about, self._stamps.next(now)),
            "involvedObject": reference(about, field_path),
            "reason": reason,
            "message": message,
            "source": dict(self._source),
            "firstTimestamp": format_time(now),
            "lastTimestamp": format_time(now),
            "count": 1,
            "type": type_,
            "eventTime": None,
            "reportingComponent": "",
            "reportingInstance": "",
        }

    def observe(
        self, about: Object, type_: str, reason: str, message: str, now: float, field_path: str = ""
    ) -> Object | None:
        """What is to be written of an event that happened now; None: it is one too many."""
        return self._correlator.observe(self.event(about, type_, reason, message, now, field_path), now)

    async def record(self, api: Client, about: Object, type_: str, reason: str, message: str) -> None:
        """Record it."""
        event = self.observe(about, type_, reason, message, api.clock.now())
        if event is not None:
            await write(api, event)


async def write(api: Client, event: Object) -> None:
    """Write an observed event. One that the server refuses is lost, as it is with client-go."""
    try:
        await _write(api, event)
    except StatusError:
        return


async def _write(api: Client, event: Object) -> None:
    if event["count"] > 1:
        patch = {name: event[name] for name in ("count", "lastTimestamp", "message")}
        if await _patched(api, key_of(event), patch):
            return
    await api.create(EVENTS, event)


async def _patched(api: Client, key: Key, patch: Object) -> bool:
    try:
        await api.patch(EVENTS, key, patch)
    except StatusError as error:
        if error.reason != "NotFound":
            raise
        return False
    return True


class _Series(Struct):
    key: Key
    count: int
    seen: float


class SeriesRecorder:
    """Records events the newer way: with an action, and a series instead of a count."""

    def __init__(self, controller: str, instance: str) -> None:
        self._controller = controller
        self._instance = instance
        self._series: Remembered[_Series] = Remembered()
        self._stamps = _Stamps()

    def event(self, about: Object, type_: str, reason: str, action: str, note: str, now: float) -> Object:
        """The event as core/v1 shows it."""
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": _metadata(about, self._stamps.next(now)),
            "involvedObject": reference(about),
            "reason": reason,
            "message": note,
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "type": type_,
            "eventTime": format_micro(now),
            "action": action,
            "reportingComponent": self._controller,
            "reportingInstance": self._instance,
        }

    async def record(
        self,
        api: Client,
        about: Object,
        type_: str,
        reason: str,
        action: str,
        note: str,
        related: Object | None = None,
    ) -> None:
        """Create it, or begin a series with its second occurrence; later ones are counted in memory only."""
        now = api.clock.now()
        subject = tuple(reference(about).get(name, "") for name in ("kind", "namespace", "name", "uid"))
        key = (*subject, reason, action)
        series = self._series.get(key)
        try:
            if series is None or now - series.seen > SERIES_ENDS:
                event = self.event(about, type_, reason, action, note, now)
                made = await api.create(EVENTS, {**event, "related": reference(related)} if related else event)
                self._series.put(key, _Series(key_of(made), 0, now))
                return
            series.count += 1
            series.seen = now
            if series.count == 1:
                await _patched(api, series.key, {"series": {"count": 1, "lastObservedTime": format_micro(now)}})
        except StatusError:
            return
