"""What a mode of --authorization-mode is, and the two simple ones. Follows apiserver's authorizerfactory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from fakekube.authz.attributes import Attributes, Authorizer, Decision, Verdict
from fakekube.machinery.objects import Object, UserInfo


class UserRules(Struct, frozen=True):
    """What a user may do in a namespace, as far as an authorizer can tell."""

    rules: Sequence[Object] = ()
    incomplete: bool = False
    errors: Sequence[str] = ()


class RuleResolver(Protocol):
    """An authorizer that can enumerate rules; SelfSubjectRulesReviews show them."""

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """The rules that apply to the user."""


class Mode(Authorizer, RuleResolver, Protocol):
    """One of --authorization-mode."""


class AlwaysAllow:
    """Everything is allowed."""

    async def decide(self, attributes: Attributes) -> Verdict:
        """Allowed."""
        return Verdict(Decision.ALLOW, authorizer="AlwaysAllow")

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """Everything."""
        everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        return UserRules((everything, {"verbs": ["*"], "nonResourceURLs": ["*"]}))


class AlwaysDeny:
    """Nothing is allowed."""

    async def decide(self, attributes: Attributes) -> Verdict:
        """Not allowed, though a later mode may differ."""
        return Verdict(Decision.NO_OPINION, "Everything is forbidden by the administrator.", "AlwaysDeny")

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """Nothing."""
        return UserRules()
