"""EventRateLimit: nobody drowns the cluster in events. Follows plugin/pkg/admission/eventratelimit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from fakekube.admission.plugin import WRITES, On, Plugin, Wiring
from fakekube.machinery import status
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported
from fakekube.machinery.goformat import Go, aggregate
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

NAME = "EventRateLimit"
VERSION = "eventratelimit.admission.k8s.io/v1alpha1"
CACHE_SIZE = 4096
SERVER = "Server"


def _of_source_and_object(a: Attributes) -> str:
    event = a.object or {}
    source, about = event.get("source") or {}, event.get("involvedObject") or {}
    fields = [source.get("component"), source.get("host")]
    fields += [about.get(name) for name in ("kind", "namespace", "name", "uid", "apiVersion")]
    return "".join(field or "" for field in fields)


KEYS: dict[str, Callable[[Attributes], str]] = {
    SERVER: lambda _: "",
    "Namespace": lambda a: a.namespace,
    "User": lambda a: a.user.name,
    "SourceAndObject": _of_source_and_object,
}
"""By the type of the limit: what shares one bucket."""


class Bucket:
    """So many tokens come back each second; a full bucket takes no more."""

    def __init__(self, rate: float, size: int, now: float) -> None:
        self._rate, self._size = rate, size
        self._tokens, self._seen = float(size), now

    def take(self, now: float) -> bool:
        """Whether there was one left."""
        self._tokens = min(self._size, self._tokens + max(now - self._seen, 0) * self._rate)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limit:
    """One limit of the configuration, with a bucket for each key that was used lately."""

    def __init__(self, limit: Object) -> None:
        self._limit = limit
        self._size = limit.get("cacheSize") or CACHE_SIZE
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def refusal(self, a: Attributes, now: float) -> str | None:
        """Why the event is one too many; None if it is not."""
        key = KEYS[self._limit["type"]](a)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._limit["qps"], self._limit["burst"], now)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return None if bucket.take(now) else f"limit reached on type {self._limit['type']} for key {key}"


def make(_: Wiring, configuration: Object | None) -> Plugin:
    """The plugin with the limits of its configuration. Raises ValueError."""
    given = configuration or {}
    if configuration and (given.get("apiVersion"), given.get("kind")) != (VERSION, "Configuration"):
        raise ValueError(f'no kind "{given.get("kind")}" is registered for version "{given.get("apiVersion")}"')
    if errors := faults(given):
        raise ValueError(aggregate(str(error) for error in errors))
    limits = [Limit(limit) for limit in given["limits"]]

    def validate(a: Attributes, client: Client) -> None:
        if a.dry_run:
            return
        now = client.clock.now()
        texts = [why for limit in limits if (why := limit.refusal(a, now)) is not None]
        if texts:
            raise status.StatusError(status.failure(429, "TooManyRequests", f"Too many requests: {aggregate(texts)}"))

    return Plugin(NAME, On(WRITES, frozenset({"events"}), None), validate=validate)


def faults(configuration: Object) -> list[FieldError]:
    """What is wrong with a configuration."""
    limits = configuration.get("limits") or []
    path = Path("limits")
    if not limits:
        return [invalid(path, Go(None, "[]eventratelimit.Limit"), "must not be empty")]
    return [error for index, limit in enumerate(limits) for error in _limit_faults(limit, path @ index)]


def _limit_faults(limit: Object, path: Path) -> list[FieldError]:
    found = []
    if limit.get("type") not in KEYS:
        found.append(not_supported(path / "type", limit.get("type", ""), sorted(KEYS)))
    found += [
        invalid(path / name, limit.get(name, 0), "must be positive")
        for name in ("burst", "qps")
        if limit.get(name, 0) <= 0
    ]
    if limit.get("type") != SERVER and limit.get("cacheSize", 0) < 0:
        found.append(invalid(path / "cacheSize", limit["cacheSize"], "must not be negative"))
    return found
