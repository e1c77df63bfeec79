"""The authorizers of --authorization-mode as one. Follows apiserver's authorization/union."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import AlwaysAllow, AlwaysDeny, Mode, UserRules
from fakekube.authz.node import Node
from fakekube.authz.rbac import RBAC
from fakekube.authz.rules import aggregate
from fakekube.machinery.objects import UserInfo
from fakekube.registry.client import Reader

SYSTEM_MASTERS = "system:masters"
MODES = ("Node", "RBAC", "AlwaysAllow", "AlwaysDeny")


class Chain:
    """The modes in order, behind the privileged group: members of system:masters may do anything in every mode."""

    def __init__(self, modes: Iterable[Mode], rbac: RBAC) -> None:
        self._modes = tuple(modes)
        self.rbac = rbac
        """What escalation checks resolve roles with, whether RBAC is among the modes or not."""

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
            if verdict.reason:
                reasons.append(verdict.reason)
            if verdict.error:
                errors.append(verdict.error)
        return Verdict(Decision.NO_OPINION, "\n".join(reasons), error=aggregate(errors) if errors else "")

    def permits(self, attributes: Attributes) -> bool:
        """The answer of the privileged group and of RBAC alone, for callers in this process that cannot wait."""
        return SYSTEM_MASTERS in attributes.user.groups or self.rbac.evaluate(attributes).allowed

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """The rules of all modes; the privileged group is not among them, as in the real server."""
        found = [mode.rules_for(user, namespace) for mode in self._modes]
        return UserRules(
            [rule for rules in found for rule in rules.rules],
            any(rules.incomplete for rules in found),
            [error for rules in found for error in rules.errors],
        )


def build(names: Sequence[str], reader: Reader) -> Chain:
    """The chain for --authorization-mode. Raises ValueError for an unknown name or one that is given twice."""
    if not names:
        raise ValueError("at least one authorization-mode must be passed")
    for name in names:
        if name not in MODES:
            raise ValueError(f'authorization-mode "{name}" is not a valid mode')
    if len(set(names)) < len(names):
        raise ValueError(f"authorization-mode {','.join(names)} has mode specified more than once")
    rbac = RBAC(reader)
    available: dict[str, Mode] = {
        "Node": Node(reader),
        "RBAC": rbac,
        "AlwaysAllow": AlwaysAllow(),
        "AlwaysDeny": AlwaysDeny(),
    }
    return Chain([available[name] for name in names], rbac)
