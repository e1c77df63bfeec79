"""The simple authorizers, and the union of several. Follows apiserver's authorizerfactory and authorization/union."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fakekube.authz.attributes import Attributes, Authorizer, Decision, Verdict
from fakekube.authz.rules import aggregate
from fakekube.machinery.objects import Object, UserInfo

SYSTEM_MASTERS = "system:masters"


@dataclass(frozen=True, slots=True)
class UserRules:
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


class Union:
    """The modes in order, behind the privileged group: members of system:masters may do anything in every mode."""

    def __init__(self, modes: Iterable[Mode]) -> None:
        self._modes = tuple(modes)

    async def decide(self, attributes: Attributes) -> Verdict:
        """The first ALLOW or DENY, or all the reasons why there is none."""
        if SYSTEM_MASTERS in attributes.user.groups:
            return Verdict(Decision.ALLOW, authorizer="privileged group")
        reasons: list[str] = []
        errors: list[str] = []
        for mode in self._modes:
            verdict = await mode.decide(attributes)
            if verdict.decision is not Decision.NO_OPINION:
                return verdict
            reasons += [verdict.reason] if verdict.reason else []
            errors += [verdict.error] if verdict.error else []
        return Verdict(Decision.NO_OPINION, "\n".join(reasons), error=aggregate(errors) if errors else "")

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """The rules of all modes; the privileged group is not among them, as in the real server."""
        found = [mode.rules_for(user, namespace) for mode in self._modes]
        return UserRules(
            [rule for rules in found for rule in rules.rules],
            any(rules.incomplete for rules in found),
            [error for rules in found for error in rules.errors],
        )


def union(names: Iterable[str], available: Mapping[str, Mode]) -> Union:
    """The union for --authorization-mode. Raises ValueError for a name that is not available or given twice."""
    chosen: list[Mode] = []
    for position, name in enumerate(names := list(names)):
        if name not in available:
            raise ValueError(f'"{name}" is not a valid authorization mode')
        if name in names[:position]:
            raise ValueError(f"authorization-mode {names} has mode specified more than once")
        chosen.append(available[name])
    if not chosen:
        raise ValueError("at least one authorization-mode must be passed")
    return Union(chosen)
