"""Volumes of a pod: are its claims bound, can the node reach them, and which volumes would do.

Follows framework/plugins/{volumebinding,volumezone,volumerestrictions} and controller/volume/scheduling of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from fakekube.apis.core import volumebinding as binding
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.storage.storageclasses import RESOURCE as CLASSES
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import reference
from fakekube.scheduler.state import NodeInfo, PodInfo

NO_PROVISIONER = "kubernetes.io/no-provisioner"
UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
NO_VOLUME = "node(s) didn't find available persistent volumes to bind"
UNREACHABLE = "node(s) had volume node affinity conflict"
LOST = "pvc(s) bound to non-existent pv(s)"
WRONG_ZONE = "node(s) had no available volume zone"
DISK_CONFLICT = "node(s) had no available disk"
ZONE_LABELS = (
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
)
DISKS = {
    "gcePersistentDisk": ("pdName",),
    "awsElasticBlockStore": ("volumeID",),
    "iscsi": ("iqn", "lun"),
    "rbd": ("pool", "image"),
}
"""Volume sources that two pods on a node cannot share -> the fields that tell the disk."""
SHARED_IF_READ_ONLY = frozenset({"gcePersistentDisk", "iscsi", "rbd"})


class NoVolumes(ValueError):
    """No node will do: the text says why."""


class Claims(Struct):
    """A pod's claims by what is still to be done."""

    bound: list[Object] = field(default_factory=list)
    waiting: list[Object] = field(default_factory=list)
    """Of classes that wait for the pod to have a node."""

    def __bool__(self) -> bool:
        return bool(self.bound or self.waiting)


def claims_of(pod: PodInfo, api: Reader) -> Claims:
    """The pod's claims. Raises NoVolumes."""
    found, immediate = Claims(), False
    for volume in pod.spec.get("volumes") or ():
        if not volume.get("persistentVolumeClaim"):
            continue
        name = volume["persistentVolumeClaim"]["claimName"]
        claim = api.get(CLAIMS, Key(pod.namespace, name))
        if claim is None:
            raise NoVolumes(f'persistentvolumeclaim "{name}" not found')
        if "deletionTimestamp" in claim["metadata"]:
            raise NoVolumes(f'persistentvolumeclaim "{name}" is being deleted')
        named = bool(claim["spec"].get("volumeName"))
        if named and binding.BIND_COMPLETED in binding.annotations_of(claim):
            found.bound.append(claim)
        elif not named and binding.waits_for_consumer(api.get(CLASSES, Key("", binding.class_of(claim)))):
            found.waiting.append(claim)
        else:
            immediate = True
    if immediate:
        raise NoVolumes(UNBOUND)
    return found


def obstacles(claims: Claims, info: NodeInfo, api: Reader) -> Iterator[str]:
    """Why the pod cannot have its volumes on the node."""
    volumes = [api.get(VOLUMES, Key("", claim["spec"]["volumeName"])) for claim in claims.bound]
    if any(volume is not None and not binding.is_reachable(volume, info.node) for volume in volumes):
        yield UNREACHABLE
    if claims.waiting and matches(claims, info, api) is None:
        yield NO_VOLUME
    if any(volume is None for volume in volumes):
        yield LOST


class Match(Struct):
    """What the waiting claims get on a node."""

    volumes: list[tuple[Object, Object]] = field(default_factory=list)
    """(claim, volume)"""
    provisioned: list[Object] = field(default_factory=list)
    """Claims for which somebody outside is to make a volume."""


def matches(claims: Claims, info: NodeInfo, api: Reader) -> Match | None:
    """A volume or a provisioner for each claim that waits; None if there is not. The smallest claims choose first."""
    result = Match()
    volumes = api.list(VOLUMES) if claims.waiting else ()
    for claim in sorted(claims.waiting, key=binding.request_of):
        node = binding.annotations_of(claim).get(binding.SELECTED_NODE)
        if node is not None:
            if node != info.name:
                return None
            result.provisioned.append(claim)
            continue
        taken = {volume["metadata"]["name"] for _, volume in result.volumes}
        volume = binding.best_match(claim, volumes, node=info.node, taken=taken, delayed=True)
        if volume is not None:
            result.volumes.append((claim, volume))
        elif _is_provisioned(claim, info, api):
            result.provisioned.append(claim)
        else:
            return None
    return result


def _is_provisioned(claim: Object, info: NodeInfo, api: Reader) -> bool:
    class_ = api.get(CLASSES, Key("", binding.class_of(claim)))
    if class_ is None or class_["provisioner"] == NO_PROVISIONER:
        return False
    allowed = class_.get("allowedTopologies") or ()
    return not allowed or any(_is_allowed(term, info) for term in allowed)


def _is_allowed(term: Object, info: NodeInfo) -> bool:
    expressions = term.get("matchLabelExpressions") or ()
    return all(info.labels.get(one["key"]) in one["values"] for one in expressions)


async def bind(claims: Claims, info: NodeInfo, api: Client) -> bool:
    """Reserve the volumes for the waiting claims; whether nothing is left to wait for. Raises StatusError."""
    if not claims.waiting:
        return True
    match = matches(claims, info, api)
    for claim, volume in match.volumes if match is not None else ():
        bound = binding.bound_volume(volume, claim, reference(claim))
        if bound is not None:
            await api.update(VOLUMES, bound)
    for claim in match.provisioned if match is not None else ():
        if binding.annotations_of(claim).get(binding.SELECTED_NODE) != info.name:
            annotations = {**binding.annotations_of(claim), binding.SELECTED_NODE: info.name}
            await api.update(CLAIMS, {**claim, "metadata": {**claim["metadata"], "annotations": annotations}})
    return False


def wrong_zone(claims: Claims, info: NodeInfo, api: Reader) -> bool:
    """Whether a bound volume is labelled for another zone or region than the node's."""
    if not any(name in info.labels for name in ZONE_LABELS):
        return False
    for claim in claims.bound:
        volume = api.get(VOLUMES, Key("", claim["spec"]["volumeName"])) or {}
        labels = (volume.get("metadata") or {}).get("labels") or {}
        for name in ZONE_LABELS:
            if name in labels and info.labels.get(name, "") not in labels[name].split("__"):
                return True
    return False


def disk_conflict(pod: PodInfo, info: NodeInfo) -> bool:
    """Whether a pod that is there has a disk that this pod needs for itself."""
    wanted = dict(_disks(pod))
    if not wanted:
        return False
    return any(
        disk in wanted and not (shared and wanted[disk])
        for other in info.pods.values()
        for disk, shared in _disks(other)
    )


def _disks(pod: PodInfo) -> Iterable[tuple[tuple[str, ...], bool]]:
    """(disk, whether it may be shared)."""
    for volume in pod.spec.get("volumes") or ():
        for source, fields in DISKS.items():
            if found := volume.get(source):
                disk = (source, *(str(found.get(name, "")) for name in fields))
                yield disk, source in SHARED_IF_READ_ONLY and bool(found.get("readOnly"))
