"""How components inside the process hear of each commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object

Handler = Callable[[Object | None, Object | None], None]
"""(old, new): None for what did not exist before or does not any more."""
AnyHandler = Callable[[Resource, Object | None, Object | None], None]


class Changes(Protocol):
    """Handlers are called at once for each commit, on the event loop; they must be quick and must not raise.

    Objects that exist already are told first, as (None, object). All handlers end with the world that they belong to.
    """

    def subscribe(self, resource: Resource, handler: Handler) -> None:
        """Hear of the objects of one resource."""

    def subscribe_all(self, handler: AnyHandler) -> None:
        """Hear of the objects of all stored resources, also of those that a definition adds or removes later."""
