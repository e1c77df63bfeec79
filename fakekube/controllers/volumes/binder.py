"""The persistent volume controller: binds claims to volumes, and takes back what no claim has any more.

Keys with a namespace are claims, others volumes. The real one looks at everything four times a minute, and so finds
volumes for claims that wait; this one looks then if a volume has become available or a class has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fakekube.apis.core import volumebinding as binding
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.storage.storageclasses import RESOURCE as CLASSES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import (
    annotations_of,
    is_deleted,
    key,
    name_of,
    namespace_of,
    revised,
    uid_of,
)
from fakekube.machinery import quantity
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import reference

LOOK = 15.0
IN_TREE = "kubernetes.io/"
ALREADY = 'volume "{}" already bound to a different claim.'
LOST = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
LOST_REFERENCE = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
MISBOUND = "Two claims are bound to the same volume, this one is bound incorrectly"
NO_CLASS = "no persistent volumes available for this claim and no storage class is set"
FIRST_CONSUMER = "waiting for first consumer to be created before binding"
EXTERNAL = (
    'waiting for a volume to be created, either by external provisioner "{}" '
    "or manually created by system administrator"
)
DELETABLE_PATH = re.compile("/tmp/.+")  # noqa: S108  nothing is created there: the real one's rule for host paths


def claims_of(pod: Object) -> list[str]:
    """Names of the claims among a pod's volumes."""
    volumes = pod["spec"].get("volumes") or ()
    return [volume["persistentVolumeClaim"]["claimName"] for volume in volumes if volume.get("persistentVolumeClaim")]


def phase_of(obj: Object) -> str:
    """status.phase."""
    phase: str = (obj.get("status") or {}).get("phase", "")
    return phase


# Claims


async def sync_claim(claim: Object, api: Client) -> None:
    """Bind the claim, or say why not. Raises StatusError."""
    if binding.BIND_COMPLETED in annotations_of(claim):
        await _sync_bound(claim, api)
    elif claim["spec"].get("volumeName"):
        await _sync_named(claim, api)
    else:
        await _sync_searching(claim, api)


async def _sync_searching(claim: Object, api: Client) -> None:
    class_ = api.get(CLASSES, Key("", binding.class_of(claim)))
    delayed = binding.waits_for_consumer(class_)
    volume = binding.find_volume(claim, api.list(VOLUMES), delayed)
    if volume is not None:
        await _bind(volume, claim, api)
    elif delayed and binding.SELECTED_NODE not in annotations_of(claim):
        await api.record(claim, "Normal", *_waiting(claim, api))
        await _set_claim(claim, "Pending", None, api)
    elif binding.class_of(claim):
        await _provision(claim, class_, api)
    else:
        await api.record(claim, "Normal", "FailedBinding", NO_CLASS)
        await _set_claim(claim, "Pending", None, api)


def _waiting(claim: Object, api: Reader) -> tuple[str, str]:
    """(reason, message) while no pod that uses the claim has a node."""
    pods = [
        name_of(pod)
        for pod in api.list(PODS, namespace_of(claim))
        if name_of(claim) in claims_of(pod) and not podlib.is_finished(pod) and not podlib.node_of(pod)
    ]
    if not pods:
        return "WaitForFirstConsumer", FIRST_CONSUMER
    noun = "pods" if len(pods) > 1 else "pod"
    return "WaitForPodScheduled", f"waiting for {noun} {','.join(pods)} to be scheduled"


async def _provision(claim: Object, class_: Object | None, api: Client) -> None:
    """Nobody here makes volumes: name the provisioner outside that may."""
    if class_ is None:
        name = binding.class_of(claim)
        text = f'storageclass.storage.k8s.io "{name}" not found'
        await api.record(claim, "Warning", "ProvisioningFailed", text)
        return
    provisioner = class_["provisioner"]
    if provisioner.startswith(IN_TREE):
        text = f"no volume plugin matched name: {provisioner}"
        await api.record(claim, "Warning", "ProvisioningFailed", text)
        return
    if annotations_of(claim).get(binding.PROVISIONER) != provisioner:
        claim = await _annotate(claim, {binding.PROVISIONER: provisioner}, api)
    await api.record(claim, "Normal", "ExternalProvisioning", EXTERNAL.format(provisioner))


async def _annotate(obj: Object, annotations: dict[str, str], api: Client) -> Object:
    metadata = {**obj["metadata"], "annotations": {**annotations_of(obj), **annotations}}
    return await api.update(CLAIMS, revised(obj, metadata=metadata))


async def _sync_named(claim: Object, api: Client) -> None:
    volume = api.get(VOLUMES, Key("", claim["spec"]["volumeName"]))
    if volume is None:
        await _set_claim(claim, "Pending", None, api)
    elif volume["spec"].get("claimRef") is None:
        if why := binding.mismatch(volume, claim):
            text = f'Cannot bind to requested volume "{name_of(volume)}": {why}'
            await api.record(claim, "Warning", "VolumeMismatch", text)
            await _set_claim(claim, "Pending", None, api)
        else:
            await _bind(volume, claim, api)
    elif binding.is_bound_to(volume, claim):
        await _bind(volume, claim, api)
    else:
        await api.record(claim, "Warning", "FailedBinding", ALREADY.format(name_of(volume)))
        if binding.BOUND_BY_CONTROLLER not in annotations_of(claim):
            await _set_claim(claim, "Pending", None, api)


async def _sync_bound(claim: Object, api: Client) -> None:
    name = claim["spec"].get("volumeName")
    volume = api.get(VOLUMES, Key("", name)) if name else None
    if not name:
        await _lose_claim(claim, "ClaimLost", LOST_REFERENCE, api)
    elif volume is None:
        await _lose_claim(claim, "ClaimLost", LOST, api)
    elif volume["spec"].get("claimRef") is None or volume["spec"]["claimRef"].get("uid") == uid_of(claim):
        await _bind(volume, claim, api)
    else:
        await _lose_claim(claim, "ClaimMisbound", MISBOUND, api)


async def _lose_claim(claim: Object, reason: str, message: str, api: Client) -> None:
    if phase_of(claim) != "Lost":
        claim = await _set_claim(claim, "Lost", None, api)
        await api.record(claim, "Warning", reason, message)


async def _bind(volume: Object, claim: Object, api: Client) -> None:
    """Both refer to each other, and both are Bound."""
    bound = binding.bound_volume(volume, claim, reference(claim))
    if bound is not None:
        volume = await api.update(VOLUMES, bound)
    volume = await _set_volume(volume, "Bound", "", api)
    annotations = dict(annotations_of(claim))
    if claim["spec"].get("volumeName") != name_of(volume):
        annotations.setdefault(binding.BOUND_BY_CONTROLLER, "yes")
    annotations.setdefault(binding.BIND_COMPLETED, "yes")
    if annotations != annotations_of(claim) or claim["spec"].get("volumeName") != name_of(volume):
        spec = {**claim["spec"], "volumeName": name_of(volume)}
        metadata = {**claim["metadata"], "annotations": annotations}
        claim = await api.update(CLAIMS, revised(claim, metadata=metadata, spec=spec))
    await _set_claim(claim, "Bound", volume, api)


async def _set_claim(claim: Object, phase: str, volume: Object | None, api: Client) -> Object:
    """Write the claim's phase, and what its volume has."""
    before = claim.get("status") or {}
    status = {**before, "phase": phase}
    if volume is None:
        status.pop("accessModes", None)
        status.pop("capacity", None)
    else:
        status["accessModes"] = volume["spec"]["accessModes"]
        known = (before.get("capacity") or {}).get("storage")
        if before.get("phase") != phase and (known is None or quantity.parse(known) != binding.capacity_of(volume)):
            status["capacity"] = volume["spec"]["capacity"]
    return claim if status == before else await api.update(CLAIMS, revised(claim, status=status), "status")


# Volumes


async def sync_volume(volume: Object, api: Client) -> None:
    """Bring the volume's phase in line with its claim. Raises StatusError."""
    ref = volume["spec"].get("claimRef") or {}
    if not ref.get("uid"):
        await _set_volume(volume, "Available", "", api)
        return
    claim = api.get(CLAIMS, Key(ref.get("namespace", ""), ref.get("name", "")))
    if claim is None or uid_of(claim) != ref["uid"]:
        await _release(volume, api)
    elif not claim["spec"].get("volumeName"):
        await _await_claim(volume, claim, api)
    elif claim["spec"]["volumeName"] == name_of(volume):
        await _set_volume(volume, "Bound", "", api)
    elif _is_disposable(volume):
        await _release(volume, api)
    else:
        await _unbind(volume, api)


def _is_disposable(volume: Object) -> bool:
    """Whether the volume was made for a claim that has found another one."""
    made = binding.PROVISIONED_BY in annotations_of(volume)
    return made and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"


async def _await_claim(volume: Object, claim: Object, api: Client) -> None:
    if binding.modes_differ(claim, volume):
        text = (
            f'Cannot bind PersistentVolume to requested PersistentVolumeClaim "{name_of(claim)}" '
            "due to incompatible volumeMode."
        )
        await api.record(volume, "Warning", "VolumeMismatch", text)
        text = (
            f'Cannot bind PersistentVolume "{name_of(volume)}" to requested PersistentVolumeClaim '
            "due to incompatible volumeMode."
        )
        await api.record(claim, "Warning", "VolumeMismatch", text)
        return
    await sync_claim(claim, api)


async def _release(volume: Object, api: Client) -> None:
    if phase_of(volume) not in ("Released", "Failed"):
        volume = await _set_volume(volume, "Released", "", api)
    policy = volume["spec"].get("persistentVolumeReclaimPolicy", "Retain")
    if policy == "Recycle":
        await _fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!", api)
    elif policy == "Delete" and not is_deleted(volume):
        await _delete(volume, api)


async def _delete(volume: Object, api: Client) -> None:
    """Delete what can be deleted without a storage system: host paths below /tmp."""
    made_by = annotations_of(volume).get(binding.PROVISIONED_BY, "")
    if made_by and not made_by.startswith(IN_TREE):
        return
    path = (volume["spec"].get("hostPath") or {}).get("path")
    name = name_of(volume)
    if path is None:
        text = f'Error getting deleter volume plugin for volume "{name}": no deletable volume plugin matched'
        await _fail(volume, "VolumeFailedDelete", text, api)
    elif not DELETABLE_PATH.match(path):
        text = f"host_path deleter only supports /tmp/.+ but received provided {path}"
        await _fail(volume, "VolumeFailedDelete", text, api)
    else:
        await api.delete(VOLUMES, key(volume))


async def _fail(volume: Object, reason: str, message: str, api: Client) -> None:
    if phase_of(volume) != "Failed":
        volume = await _set_volume(volume, "Failed", message, api)
        await api.record(volume, "Warning", reason, message)


async def _unbind(volume: Object, api: Client) -> None:
    """Take the claim's reference back; one that somebody gave keeps its name."""
    spec, annotations = dict(volume["spec"]), dict(annotations_of(volume))
    if annotations.pop(binding.BOUND_BY_CONTROLLER, None) is not None:
        del spec["claimRef"]
    else:
        spec["claimRef"] = {name: value for name, value in spec["claimRef"].items() if name != "uid"}
    metadata = {**volume["metadata"], "annotations": annotations}
    volume = await api.update(VOLUMES, revised(volume, metadata=metadata, spec=spec))
    await _set_volume(volume, "Available", "", api)


async def _set_volume(volume: Object, phase: str, message: str, api: Client) -> Object:
    if phase_of(volume) == phase:
        return volume
    status = {**(volume.get("status") or {}), "phase": phase}
    status.pop("message", None)
    if message:
        status["message"] = message
    return await api.update(VOLUMES, revised(volume, status=status), "status")


async def reconcile(name: Key, api: Client) -> None:
    """Look at one claim or volume. Raises Conflict: the queue comes back to it."""
    try:
        if name.namespace:
            claim = api.get(CLAIMS, name)
            if claim is not None:
                await sync_claim(claim, api)
        else:
            volume = api.get(VOLUMES, name)
            if volume is not None:
                await sync_volume(volume, api)
    except StatusError as error:
        raise_unless(error, "NotFound")


def volume_of_claim(claim: Object, _: Reader) -> Iterable[Key]:
    """The claim, and the volume that it has."""
    name = claim["spec"].get("volumeName")
    return (key(claim), *((Key("", name),) if name else ()))


def claim_of_volume(volume: Object, _: Reader) -> Iterable[Key]:
    """The volume, and the claim that it has."""
    ref = volume["spec"].get("claimRef") or {}
    return (key(volume), *((Key(ref["namespace"], ref["name"]),) if ref.get("namespace") else ()))


def claims_for_volume(volume: Object, api: Reader) -> Iterable[Key]:
    """The claims that wait for such a volume."""
    waiting = (claim for claim in api.list(CLAIMS) if not claim["spec"].get("volumeName"))
    return [key(claim) for claim in waiting if binding.class_of(claim) == binding.class_of(volume)]


def became_available(old: Object | None, new: Object | None) -> bool:
    """A volume can be had that could not before."""
    return new is not None and phase_of(new) == "Available" and (old is None or phase_of(old) != "Available")


def until_look(_: Object | None, __: Object | None, ___: Key, now: float) -> float:
    """Seconds until the real controller's next look at everything."""
    return LOOK - now % LOOK


def of_class(class_: Object, api: Reader) -> Iterable[Key]:
    """The claims of a class that wait."""
    waiting = (claim for claim in api.list(CLAIMS) if not claim["spec"].get("volumeName"))
    return [key(claim) for claim in waiting if binding.class_of(claim) == name_of(class_)]


def claim_changed(old: Object | None, new: Object | None) -> bool:
    """What the controller writes about a claim that waits needs no other look."""
    return old is None or new is None or _settled(old) != _settled(new)


def _settled(claim: Object) -> tuple[object, ...]:
    annotations = {name: text for name, text in annotations_of(claim).items() if name != binding.PROVISIONER}
    return claim["spec"], annotations, phase_of(claim) if claim["spec"].get("volumeName") else "", is_deleted(claim)


CONTROLLER = Controller(
    "persistent-volume-binder",
    (
        Watch(CLAIMS, volume_of_claim, claim_changed),
        Watch(VOLUMES, claim_of_volume),
        Watch(VOLUMES, claims_for_volume, became_available, until_look),
        Watch(CLASSES, of_class, delay=until_look),
    ),
    reconcile,
    component="persistentvolume-controller",
)
