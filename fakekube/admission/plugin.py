"""The shape of an admission plugin: what it handles, and functions of (attributes, client) without state of their own.

A plugin changes `attributes.object` in `mutate`, judges in `validate`, and refuses by raising a StatusError, mostly
`forbidden`. Functions may be plain or async (those that wait for webhooks). Follows apiserver's admission package.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fakekube.machinery import status
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

Act = Callable[[Attributes, Client], Awaitable[None] | None]
ALL = frozenset({"CREATE", "UPDATE", "DELETE", "CONNECT"})
WRITES = frozenset({"CREATE", "UPDATE"})


@dataclass(frozen=True, slots=True)
class On:
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


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin."""

    name: str
    on: On
    mutate: Act | None = None
    validate: Act | None = None


def forbidden(a: Attributes, why: str) -> StatusError:
    """403 in the form of admission.NewForbidden: the object's name, or its generateName's, is in the message."""
    metadata = (a.object or {}).get("metadata", {})
    name = a.name or metadata.get("name") or metadata.get("generateName") or "Unknown"
    return status.forbidden(a.resource.group, a.resource.plural, name, why)
