"""What is known for a while: the answers of somebody whom it takes time to ask."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Expiring(Generic[K, V]):
    """Values by key, each until a moment in seconds since the epoch; if there are too many, the oldest goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[K, tuple[float, V]] = {}

    def get(self, key: K, now: float) -> V | None:
        """The value, if it still counts."""
        found = self._known.get(key)
        if found is None:
            return None
        if found[0] <= now:
            del self._known[key]
            return None
        return found[1]

    def put(self, key: K, value: V, end: float) -> None:
        """Keep the value until `end`."""
        self._known.pop(key, None)
        if len(self._known) >= self._most:
            self._known.pop(next(iter(self._known)))
        self._known[key] = end, value
