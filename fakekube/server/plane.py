"""What the stations and verbs work on: one control plane, as cluster.py puts it together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from fakekube.endpoints.endpoint import Endpoints, Services
from fakekube.machinery.objects import Object
from fakekube.registry.registry import Registry
from fakekube.server.audit.record import Auditor
from fakekube.server.context import Decision

KEPT_DECISIONS = 10_000


@dataclass(slots=True)
class ControlPlane:
    """One world's parts that answer requests."""

    registry: Registry
    services: Services
    endpoints: Endpoints
    version: Object
    """What /version answers."""
    address: str
    """host:port that discovery tells clients."""
    openid: Callable[[], dict[str, Object]]
    """Path -> document of the service-account issuer."""
    decisions: OrderedDict[str, Decision] = field(default_factory=OrderedDict)
    """The latest decision records by audit ID."""
    caches: dict[str, object] = field(default_factory=dict)
    """Documents built once a world: discovery, OpenAPI."""
    auditor: Auditor | None = None
    """What keeps the audit log, if there is one."""
    upgraded: int = 0
    """Connections that have changed their protocol and are still open."""

    def keep(self, decision: Decision) -> None:
        """Remember a decision, forgetting the oldest."""
        self.decisions[decision.audit_id] = decision
        if len(self.decisions) > KEPT_DECISIONS:
            self.decisions.popitem(last=False)
