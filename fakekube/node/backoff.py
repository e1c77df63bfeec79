"""Waiting ever longer between attempts. Follows client-go's util/flowcontrol/backoff."""

from __future__ import annotations

from collections.abc import Hashable

FIRST, LONGEST = 10.0, 300.0
"""Seconds; the kubelet's for containers that crash and for images that cannot be pulled."""


class Backoff:
    """Delays by key; each doubles the one before. A key that was left alone for twice the longest begins anew."""

    __slots__ = ("_delays", "_first", "_longest")

    def __init__(self, first: float = FIRST, longest: float = LONGEST) -> None:
        self._first = first
        self._longest = longest
        self._delays: dict[Hashable, tuple[float, float]] = {}

    def delay(self, key: Hashable) -> float:
        """The key's delay, 0 if it has none."""
        return self._delays.get(key, (0.0, 0.0))[0]

    def until(self, key: Hashable, since: float) -> float:
        """The moment until which an attempt that ended at `since` holds the next one up; 0 if it does not."""
        delay, updated = self._delays.get(key, (0.0, 0.0))
        if not delay or self._expired(since, updated):
            return 0.0
        return since + delay

    def next(self, key: Hashable, since: float, now: float) -> None:
        """There is another attempt after one that ended at `since`."""
        delay, updated = self._delays.get(key, (0.0, 0.0))
        fresh = not delay or self._expired(since, updated)
        self._delays[key] = (self._first if fresh else min(delay * 2, self._longest), now)

    def updated(self, key: Hashable) -> float:
        """When the key's delay was set last."""
        return self._delays.get(key, (0.0, 0.0))[1]

    def _expired(self, since: float, updated: float) -> bool:
        return since - updated > 2 * self._longest
