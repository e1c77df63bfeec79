"""What a node knows about a pod beyond the object: its sandbox, the containers that were started, what failed."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from msgspec import Struct, field

from fakekube.machinery.objects import Key, Object
from fakekube.node.backoff import Backoff
from fakekube.sandbox.containers import Process
from fakekube.sandbox.volumes import Volume


class Failure(NamedTuple):
    """Why a container is not started: what its waiting state shows."""

    reason: str
    message: str


class Stop(Struct):
    """A container is being stopped."""

    since: float
    grace: float
    """Seconds from the signal TERM to KILL."""
    hook: asyncio.Task[None] | None = None
    """Its preStop hook, as long as it runs."""
    signalled: float | None = None
    """When TERM was sent."""


class Attempt(Struct):
    """One start of one container."""

    spec: Object
    """The container as the pod's spec had it."""
    id: str
    image: str
    image_id: str
    restarts: int
    started: float
    finished: float | None = None
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    process: Process | None = None
    """None: it could not be started."""
    stop: Stop | None = None
    replaced: bool = False
    """It was stopped to be started again."""
    started_up: bool | None = None
    """What its startup probe says; None: there is none, or it has not said anything."""
    ready: bool | None = None
    """The same of its readiness probe."""
    unhealthy: str = ""
    """Which probe failed for good: "liveness" or "startup"."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.finished is None


class Run(Struct):
    """One pod on its node."""

    key: Key
    uid: str
    node: str
    since: float
    """When the node saw it first."""
    pod: Object
    """As the node saw it last."""
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    """By container, init containers too; the latest is the last one. The one before it is kept."""
    failures: dict[str, Failure] = field(default_factory=dict)
    retry: dict[str, float] = field(default_factory=dict)
    """When a container that could not be started is tried again."""
    pulling: dict[str, float] = field(default_factory=dict)
    """Containers whose image is being pulled, and since when."""
    backoff: Backoff = field(default_factory=Backoff)
    """Of containers that crash."""
    volumes: dict[str, Volume] | None = None
    """By name, once all are mounted."""
    mounting: Backoff = field(default_factory=lambda: Backoff(0.5, 122.0))
    mount_at: float = 0.0
    """When to try again after a volume could not be mounted."""
    complained: int = 0
    """How often the node has said that volumes do not come."""
    sandbox: float | None = None
    """Since when it has a sandbox."""
    ip: str = ""
    step: tuple[str, ...] = ()
    """What comes next, and since when it does."""
    step_since: float = 0.0
    rejected: Failure | None = None
    """The node did not admit it."""
    evicted: str = ""
    """Why it had to go, if it had to: it took more of the disk than it may."""
    expired: bool = False
    """It was active for too long."""
    quiet_until: float = 0.0
    """Until then there is nothing to do, as long as nothing happens."""
    removed: bool = False
    """The node has told the API server that nothing is left of it."""

    def latest(self, container: str) -> Attempt | None:
        """The container's last attempt."""
        attempts = self.attempts.get(container)
        return attempts[-1] if attempts else None

    def running(self) -> list[Attempt]:
        """The attempts that have not ended."""
        return [attempt for attempts in self.attempts.values() for attempt in attempts[-1:] if attempt.running]
