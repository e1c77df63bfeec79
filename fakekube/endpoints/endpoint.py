"""The shape of a special REST endpoint: what a resource or subresource does instead of the generic store.

An endpoint supplies only the verbs in which it differs. Objects in and out are of the storage version; an Entry is
something the store keeps, a plain object is made for this answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from fakekube.admission.control import Control
from fakekube.authn import chain as authn
from fakekube.authn.tokens import TokenIssuer
from fakekube.authz import chain as authz
from fakekube.endpoints.connection import Call, Reply
from fakekube.machinery.objects import Object
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make
from fakekube.storage.cache import Entry

if TYPE_CHECKING:
    from fakekube.node.nodes import Nodes


class Services(Struct):
    """What endpoints may use of the control plane."""

    registry: Registry
    authenticator: authn.Chain
    authorizer: authz.Chain
    tokens: TokenIssuer | None = None
    """Signs service account tokens."""
    service_range: str = "10.96.0.0/12"
    """CIDR of cluster IPs."""
    nodes: Nodes | None = None
    """The simulated nodes, from when they are there."""
    admission: Control | None = None
    """Switches admission plugins on and off."""


Answer = Entry | Object
Create = Callable[[Scope, Object, Services], Awaitable[Answer]]
Update = Callable[[Scope, Make, Services], Awaitable[tuple[Answer, bool]]]
Get = Callable[[Scope, Services], Awaitable[Answer]]
Listing = Callable[[Services], Awaitable[Sequence[Object]]]
"""services -> all objects, which are kept nowhere."""
Connect = Callable[[Scope, Call, Services], Awaitable[Reply]]
Delete = Callable[[Scope, Services], Awaitable[tuple[Object, bool]]]


class Endpoint(Struct, frozen=True):
    """The verbs that one resource (group, plural) or its subresource does in a way of its own."""

    group: str
    plural: str
    subresource: str = ""
    create: Create | None = None
    update: Update | None = None
    """Serves patches too: `make` gives the patched object for the current one."""
    get: Get | None = None
    list: Listing | None = None
    delete: Delete | None = None
    connect: Connect | None = None
    """Serves every method that routes here."""
    negotiates: bool = False
    """Whether the connection looks at the Accept header, as a get of an object does."""
    connect_methods: tuple[str, ...] = ()
    """The methods of a connection that takes paths below it as well; () for those of the subresource's verbs."""

    @property
    def key(self) -> tuple[str, str, str]:
        """How it is found."""
        return self.group, self.plural, self.subresource


Endpoints = Mapping[tuple[str, str, str], Endpoint]
