"""How everything inside the process reads and writes API objects: controllers, the scheduler, nodes, plugins.

Reads come from the watch cache at once and are read-only; a write has been taken in by the cache when it returns, so
whoever wrote also reads it. Writes pass defaulting, admission, validation and storage, as a request does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Key, Object
from fakekube.runtime.clock import Clock

Matches = Callable[[Object], bool]


class Reader(Protocol):
    """The cache. Objects are of the storage version, shared and read-only."""

    def get(self, resource: Resource, key: Key) -> Object | None:
        """The object as it is now."""

    def list(self, resource: Resource, namespace: str = "", matches: Matches | None = None) -> Sequence[Object]:
        """All objects, of one namespace or ("") of all, in key order."""

    def by(self, resource: Resource, value: Callable[[Object], Hashable], wanted: Hashable) -> Sequence[Object]:
        """The objects for which the function gives what is wanted, in key order; they are found by an index."""

    def revision(self, resource: Resource) -> int:
        """Of the last change of any object of this resource; what is derived from them is valid as long as it stays."""


class Client(Reader, Protocol):
    """Reads, and writes as one user under one field manager. All writes raise StatusError."""

    @property
    def clock(self) -> Clock:
        """The time that objects are stamped with."""

    async def create(self, resource: Resource, obj: Object) -> Object:
        """Create it; the namespace is the object's. Gives the object as stored."""

    async def update(self, resource: Resource, obj: Object, subresource: str = "") -> Object:
        """Write the object (a new dict, not the cache's) if its resourceVersion is current, else Conflict (409)."""

    async def patch(self, resource: Resource, key: Key, merge: Object, subresource: str = "") -> Object:
        """Apply a JSON merge patch to whatever is there now."""

    async def delete(
        self, resource: Resource, key: Key, *, uid: str = "", propagation: str = "", grace: int | None = None
    ) -> None:
        """Delete it, if `uid` is given only while it is that very object. Raises NotFound (404) and Conflict (409)."""

    async def record(self, about: Object, type_: str, reason: str, message: str) -> None:
        """Record an Event ("Normal" or "Warning") about an object; repeated ones are counted up, as client-go does."""
