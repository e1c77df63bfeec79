"""What the stations and verbs work on: one control plane, as cluster.py puts it together."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fakekube.apis.resource import Resource
from fakekube.apis.sim import faults, requestrecords
from fakekube.endpoints.endpoint import Endpoints, Services
from fakekube.machinery.objects import Object, UserInfo
from fakekube.registry.listing import Revised
from fakekube.registry.registry import Registry
from fakekube.server.audit.record import Auditor
from fakekube.server.context import Decision
from fakekube.server.faults import Faults
from fakekube.server.flows import Flows
from fakekube.server.records import Journal, Recorder
from fakekube.storage.cache import Collection

KEPT_DECISIONS = 10_000
NOBODY = UserInfo("")
"""Who only reads."""


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
    journal: Journal = field(init=False)
    """The latest decision records as objects."""
    most_under_way: Mapping[str, int] = field(default_factory=dict)
    """Requests that may be under way at a time, "reading" and "writing"; 0: as many as there are."""
    under_way: Counter[str] = field(default_factory=Counter)
    """How many there are."""
    faults: Faults = field(init=False)
    """What requests are to meet."""
    flows: Flows = field(init=False)
    """Which flow a request belongs to."""
    request_timeout: float = 60
    """Seconds that a request may take which is no watch and no stream."""
    min_request_timeout: int = 1800
    """Seconds that a watch lasts at least, if it does not say how long; at most twice as many."""
    upgraded: int = 0
    """Connections that have changed their protocol and are still open."""

    def __post_init__(self) -> None:
        reader = self.registry.client(NOBODY, "")
        self.flows = Flows(reader)
        self.faults = Faults(self.registry)
        self.registry.subscribe(faults.RESOURCE, self.faults.follow)
        self.journal = Journal(Recorder(self.registry.codec, reader))

    def collection(self, resource: Resource) -> Collection:
        """The objects of a resource, for those who read."""
        return self.journal if resource is requestrecords.RESOURCE else self.registry.store(resource).collection

    def counter(self, resource: Resource) -> Revised:
        """What counts the revisions of these objects."""
        return self.journal if resource is requestrecords.RESOURCE else self.registry.cache

    def keep(self, decision: Decision) -> None:
        """Remember a decision, forgetting the oldest."""
        self.decisions[decision.audit_id] = decision
        if len(self.decisions) > KEPT_DECISIONS:
            self.decisions.popitem(last=False)
