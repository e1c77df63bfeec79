"""What admission sees of a write, and the face that the admission chain shows to the registry.

Follows apiserver's admission.Attributes and admission.Interface.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct, field

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object, UserInfo

Findings = dict[str, list[Object | Callable[[], Object]]]
"""What admission plugins found, by their names, for the decision record; what is dear to find is so when asked for."""
CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"


class Reinvocation(Struct):
    """Mutating plugins run a second time when a webhook has changed something that earlier ones have not seen."""

    wanted: bool = False
    running: bool = False
    """This is the second time."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What a plugin, by its name, remembers for the second time."""


class Attributes(Struct):
    """One write on its way to storage. Objects are of the storage version."""

    operation: str
    resource: Resource
    version: str
    """The version that the request used."""
    subresource: str
    namespace: str
    name: str
    user: UserInfo
    object: Object | None
    """None on DELETE. Mutating plugins change it in place."""
    old_object: Object | None = None
    """Read-only."""
    dry_run: bool = False
    options: Object = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    """What plugins want to be read in the audit log and the decision record."""
    warnings: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=dict)
    """For a person who asks why: for the decision record alone."""
    explained: bool = False
    """What plugins change is to be among the findings."""
    reinvocation: Reinvocation = field(default_factory=Reinvocation)


class Admission(Protocol):
    """The chain of plugins. Both raise StatusError to refuse."""

    async def mutate(self, attributes: Attributes) -> None:
        """Let the mutating plugins change the object."""

    async def validate(self, attributes: Attributes) -> None:
        """Let the validating plugins judge what will be stored."""
