"""Keeps the number of a parent's pods: what ReplicaSets and ReplicationControllers have in common.

Follows pkg/controller/replicaset of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.conditions import conditions_of, find, made, without
from fakekube.controllers.shared.objects import (
    controller_of,
    is_deleted,
    labels_of,
    namespace_of,
    owner_reference,
    revised,
    uid_of,
)
from fakekube.controllers.shared.parents import pod_keys
from fakekube.machinery.objects import Key, Object, home_of
from fakekube.machinery.selectors import Selector
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader

BURST = 500
"""How many pods are created or deleted at most in one go."""


class Parent(Struct, frozen=True):
    """How the two kinds differ."""

    resource: Resource
    selector: Callable[[Object], Selector]


def replicas_of(parent: Object) -> int:
    """spec.replicas."""
    replicas: int = parent["spec"].get("replicas", 1)
    return replicas


def min_ready_of(parent: Object) -> int:
    """spec.minReadySeconds."""
    seconds: int = parent["spec"].get("minReadySeconds", 0)
    return seconds


def plan_status(parent: Object, pods: Sequence[Object], failure: str, now: float) -> Object:
    """The status that these pods make; `failure` is why not all of them could be created or deleted."""
    labels = (parent["spec"]["template"].get("metadata") or {}).get("labels") or {}
    min_ready = min_ready_of(parent)
    ready = [pod for pod in pods if podlib.is_ready(pod)]
    counts = {
        "fullyLabeledReplicas": sum(labels.items() <= labels_of(pod).items() for pod in pods),
        "readyReplicas": len(ready),
        "availableReplicas": sum(podlib.is_available(pod, min_ready, now) for pod in ready)
        if min_ready
        else len(ready),
    }
    status: Object = {
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count},
        "observedGeneration": parent["metadata"].get("generation", 0),
    }
    conditions = plan_conditions(parent, len(pods) - replicas_of(parent), failure, now)
    return {**status, "conditions": conditions} if conditions else status


def plan_conditions(parent: Object, surplus: int, failure: str, now: float) -> list[Object]:
    """ReplicaFailure comes with the first failure, keeps its text, and goes with the first success."""
    current = conditions_of(parent)
    if not failure:
        return without(current, "ReplicaFailure")
    if find(current, "ReplicaFailure") is not None:
        return current
    reason = "FailedCreate" if surplus < 0 else "FailedDelete" if surplus > 0 else ""
    times = {"lastTransitionTime": format_time(now)}
    return [*current, made("ReplicaFailure", "True", reason, failure, **times)]


class Replicas:
    """Keeps the pods of one kind of parent."""

    def __init__(self, parent: Parent) -> None:
        self._kind = parent.resource
        self._selector = parent.selector

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Claim pods, create or delete some, write the status."""
        parent = api.get(self._kind, name)
        if parent is None:
            return None
        selector = self._selector(parent)
        pods = await claim(
            PODS, parent, self._kind, lambda pod: selector.matches(labels_of(pod)), api, podlib.is_active
        )
        error = None
        if not is_deleted(parent):
            error = await self._manage(parent, pods, api)
        now = api.clock.now()
        status = plan_status(parent, pods, error.message if error else "", now)
        if status != parent.get("status"):
            await api.update(self._kind, revised(parent, status=status), "status")
        if error is not None:
            raise error
        return podlib.next_available(pods, min_ready_of(parent), now)

    async def _manage(self, parent: Object, pods: Sequence[Object], api: Client) -> StatusError | None:
        """Create or delete pods; gives the first failure."""
        surplus = len(pods) - replicas_of(parent)
        if surplus < 0:
            owner = owner_reference(self._kind, parent)
            made = await podlib.create_many(parent["spec"]["template"], parent, owner, min(-surplus, BURST), api)
            return made.error
        if surplus > 0:
            related = self._related(parent, api)
            doomed = podlib.to_delete(pods, related, min(surplus, BURST))
            return (await podlib.delete_many(doomed, parent, api))[1]
        return None

    def _related(self, parent: Object, api: Reader) -> list[Object]:
        """The pods of all parents that have the same controller."""
        ref = controller_of(parent)
        namespace = namespace_of(parent)
        siblings = [parent] if ref is None else api.by(self._kind, home_of, (namespace, ref["uid"]))
        return [pod for other in siblings for pod in api.by(PODS, home_of, (namespace, uid_of(other)))]

    def controller(self, name: str) -> Controller:
        """The controller of this kind."""
        return Controller(
            name,
            (Watch(self._kind), Watch(PODS, pod_keys(self._kind, self._selector), podlib.counted_differently)),
            self.reconcile,
            workers=5,
        )
