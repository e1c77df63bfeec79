"""The shape of an admission plugin: what it handles, and functions of (attributes, client) without state of their own.

A plugin changes `attributes.object` in `mutate`, judges in `validate`, and refuses by raising a StatusError, mostly
`forbidden`. Functions may be plain or async (those that wait for webhooks). Follows apiserver's admission package.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from msgspec import Struct

from fakekube.apis.catalog import Catalog
from fakekube.machinery import status
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client
from fakekube.registry.codec import Codec
from fakekube.sandbox.streams import Duplex

Act = Callable[[Attributes, Client], Awaitable[None] | None]
ALL = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
WRITES = frozenset({"CREATE", "UPDATE"})


class On(Struct, frozen=True):
    """Which requests a plugin sees."""

    operations: frozenset[str]
    resources: frozenset[str] = frozenset()
    """Qualified plurals ("pods", "roles.rbac.authorization.k8s.io"); empty for all."""
    subresources: frozenset[str] | None = frozenset({""})
    """"" stands for the resource itself; None for all."""

    def handles(self, a: Attributes) -> bool:
        """Whether the plugin sees this request."""
        return (
            a.operation in self.operations
            and (not self.resources or a.resource.qualified in self.resources)
            and (self.subresources is None or a.subresource in self.subresources)
        )


class Plugin(Struct, frozen=True):
    """One plugin."""

    name: str
    on: On
    mutate: Act | None = None
    validate: Act | None = None


class Permission(NamedTuple):
    """What the authorizers say; true if the user may."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


class Permits(Protocol):
    """Asks the authorizers of --authorization-mode."""

    async def __call__(
        self, user: UserInfo, verb: str, *, group: str = "", resource: str = "", subresource: str = "",
        namespace: str = "", name: str = "",
    ) -> Permission:  # fmt: skip
        """Whether the user may do that."""


class Pods(Protocol):
    """The simulated pods' network."""

    def has(self, address: str) -> bool:
        """Whether the address is a simulated pod's."""

    def connect_outside(self, address: str, port: int) -> Duplex:
        """A connection to one. Raises ConnectionRefusedError."""


class Wiring(Struct, frozen=True):
    """What plugins get from above, beyond the attributes and the client."""

    permits: Permits
    catalog: Catalog
    codec: Codec
    pods: Pods | None = None


Make = Callable[[Wiring, Object | None], Plugin]
"""Builds a plugin; the second argument is its configuration, None if there is none. Raises ValueError."""


def forbidden(a: Attributes, why: str) -> StatusError:
    """403 in the form of admission.NewForbidden: the object's name, or its generateName's, is in the message."""
    metadata = (a.object or {}).get("metadata", {})
    name = a.name or metadata.get("name") or metadata.get("generateName") or "Unknown"
    return status.forbidden(a.resource.group, a.resource.plural, name, why)
