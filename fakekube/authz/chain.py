"""The authorizers of --authorization-mode as one. Follows apiserver's authorization/union."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from fakekube.authz.abac import ABAC, read_policies
from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import AlwaysAllow, AlwaysDeny, Mode, UserRules
from fakekube.authz.node import Node
from fakekube.authz.rbac import RBAC
from fakekube.authz.rules import quoted_list
from fakekube.machinery.goformat import aggregate, quote
from fakekube.machinery.objects import UserInfo
from fakekube.options import Options
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client
from fakekube.runtime.clock import Clock

SYSTEM_MASTERS = "system:masters"
MODES = ("AlwaysAllow", "AlwaysDeny", "ABAC", "Webhook", "RBAC", "Node")


class ModeFile(NamedTuple):
    """The file that a mode needs."""

    option: str
    called: str
    """In messages."""


FILES = {
    "ABAC": ModeFile("authorization_policy_file", "policy"),
    "Webhook": ModeFile("authorization_webhook_config_file", "config"),
}


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


def build(options: Options, client: Client, changes: Changes) -> Chain:
    """The chain for --authorization-mode. Raises ValueError for flags that make no sense, OSError for files."""
    if faults := list(_faults(options)):
        raise ValueError(aggregate(faults))
    rbac = RBAC(client, changes)
    available: dict[str, Callable[[], Mode]] = {
        "AlwaysAllow": AlwaysAllow,
        "AlwaysDeny": AlwaysDeny,
        "ABAC": lambda: _abac(options),
        "Webhook": lambda: _webhook(options, client.clock),
        "RBAC": lambda: rbac,
        "Node": lambda: Node(client),
    }
    try:
        return Chain([available[name]() for name in options.authorization_mode], rbac)
    except ValueError as error:
        raise ValueError(f"invalid authorization config: {error}") from None


def _faults(options: Options) -> Iterator[str]:
    modes = options.authorization_mode
    if not modes:
        yield "at least one authorization-mode must be passed"
    for name in modes:
        if name not in MODES:
            yield f"authorization-mode {quote(name)} is not a valid mode"
        if name in FILES and getattr(options, FILES[name].option) is None:
            yield f"authorization-mode {name}'s authorization {FILES[name].called} file not passed"
    for name, file in FILES.items():
        if getattr(options, file.option) is not None and name not in modes:
            yield f"cannot specify --{file.option.replace('_', '-')} without mode {name}"
    if len(set(modes)) < len(modes):
        yield f"authorization-mode {quoted_list(modes)} has mode specified more than once"


def _abac(options: Options) -> ABAC:
    assert options.authorization_policy_file is not None
    return ABAC(read_policies(options.authorization_policy_file))


def _webhook(options: Options, clock: Clock) -> Mode:
    from fakekube.authz.webhook import Webhook

    assert options.authorization_webhook_config_file is not None
    return Webhook(
        options.authorization_webhook_config_file,
        options.authorization_webhook_version,
        clock,
        options.authorization_webhook_cache_authorized_ttl.total_seconds(),
        options.authorization_webhook_cache_unauthorized_ttl.total_seconds(),
    )
