"""Claims and volumes that are in use do not go: a finalizer holds them. Follows pvcprotection and pvprotection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.objects import (
    finalizers_of,
    is_deleted,
    name_of,
    namespace_of,
    with_metadata,
)
from fakekube.controllers.volumes.binder import claims_of, phase_of
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Client, Reader

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
InUse = Callable[[Object, Reader], bool]


def claim_in_use(claim: Object, api: Reader) -> bool:
    """Whether a pod that has a node uses the claim, even one that is over."""
    pods = api.list(PODS, namespace_of(claim))
    return any(name_of(claim) in claims_of(pod) for pod in pods if podlib.node_of(pod))


def volume_in_use(volume: Object, _: Reader) -> bool:
    """Whether a claim has the volume."""
    return phase_of(volume) == "Bound"


def protected(obj: Object, finalizer: str, in_use: bool) -> list[str] | None:
    """The finalizers that the object should have; None if it has them."""
    there = finalizers_of(obj)
    if is_deleted(obj):
        drop = finalizer in there and not in_use
        return [name for name in there if name != finalizer] if drop else None
    return None if finalizer in there else [*there, finalizer]


def reconciler(resource: Resource, finalizer: str, in_use: InUse) -> Callable[[Key, Client], Awaitable[None]]:
    """Adds the finalizer, and removes it from what is deleted and not in use."""

    async def reconcile(name: Key, api: Client) -> None:
        obj = api.get(resource, name)
        finalizers = protected(obj, finalizer, in_use(obj, api)) if obj is not None else None
        if obj is not None and finalizers is not None:
            await api.update(resource, with_metadata(obj, finalizers=finalizers))

    return reconcile


def released(pod: Object, _: Reader) -> Iterable[Key]:
    """The claims of a pod."""
    return [Key(namespace_of(pod), name) for name in claims_of(pod)]


def _pod_ends(_: Object | None, new: Object | None) -> bool:
    return new is None or podlib.is_finished(new) or not podlib.node_of(new)


CLAIM_CONTROLLER = Controller(
    "pvc-protection-controller",
    (Watch(CLAIMS), Watch(PODS, released, _pod_ends)),
    reconciler(CLAIMS, CLAIM_FINALIZER, claim_in_use),
)
VOLUME_CONTROLLER = Controller(
    "pv-protection-controller",
    (Watch(VOLUMES),),
    reconciler(VOLUMES, VOLUME_FINALIZER, volume_in_use),
)
