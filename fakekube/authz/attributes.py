"""What authorization decides on, and what it answers. Follows apiserver's authorization/authorizer."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from msgspec import Struct

from fakekube.machinery.objects import Object, UserInfo


class Attributes(Struct, frozen=True):
    """One action of one user. For a non-resource request only verb and path are set."""

    user: UserInfo
    verb: str
    namespace: str = ""
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    path: str = ""
    is_resource: bool = True


class Decision(Enum):
    """DENY ends the chain of authorizers, NO_OPINION asks the next one."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"


class Verdict(Struct, frozen=True):
    """The decision, by which authorizer, and its reason in the real authorizer's words."""

    decision: Decision
    reason: str = ""
    authorizer: str = ""
    rule: Object | None = None
    """The RBAC rule that allowed it."""
    error: str = ""
    """An evaluation error, such as a binding whose role is missing; reviews show it."""

    @property
    def allowed(self) -> bool:
        """Whether the action may go on."""
        return self.decision is Decision.ALLOW


class Authorizer(Protocol):
    """One of the modes of --authorization-mode, or the union of several."""

    async def decide(self, attributes: Attributes) -> Verdict:
        """Judge the action; no request waits for I/O but with the webhook mode."""
