"""PersistentVolume. Follows pkg/apis/core/validation, pkg/volume/validation and pkg/registry/core of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.volumespecs import access_modes, phase, storage_class, validate_volume_spec, volume_mode
from fakekube.apis.equality import same
from fakekube.apis.podspec.defaults import ABSENT, EMPTY, round_up
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

SPEC = Path("spec")
SOURCE = Path("spec.persistentvolumesource")
MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options"
MOUNTABLE = (
    "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs",
    "azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk",
)  # fmt: skip
"""Sources that take mount options from the annotation of old."""
DEFAULTED = ("hostPath", "rbd", "iscsi", "azureDisk", "scaleIO")


def default(volume: Object) -> None:
    """Pending, retained, a file system."""
    spec = volume["spec"]
    status = volume.get("status")
    if status is None:
        status = volume["status"] = {}
    status["phase"] = status.get("phase") or "Pending"
    spec["persistentVolumeReclaimPolicy"] = spec.get("persistentVolumeReclaimPolicy") or "Retain"
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    round_up(spec.get("capacity"))
    for name in DEFAULTED:
        if (source := spec.get(name)) is not None:
            source.update({key: value for key, value in ABSENT.get(name, {}).items() if source.get(key) is None})
            source.update({key: value for key, value in EMPTY.get(name, {}).items() if not source.get(key)})


def validate(volume: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new volume."""
    yield from again.created(volume)
    yield from _spec(volume)
    yield from _mount_options(volume)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, twice, as the real server does: what the volume is made of never changes."""
    yield from again.judged(new, namespaced=False)
    yield from _spec(new)
    yield from _mount_options(new)
    yield from again.judged(new, namespaced=False)
    yield from _spec(new)
    yield from _source_change(new["spec"], old["spec"])
    for name, type_ in (("volumeMode", "*core.PersistentVolumeMode"), ("nodeAffinity", "*core.VolumeNodeAffinity")):
        now, before = new["spec"].get(name), old["spec"].get(name)
        if (name == "volumeMode" or before is not None) and not same(now, before, type_):
            yield invalid(Path(name), Go(now, type_), "field is immutable")


def _spec(volume: Object) -> Iterator[FieldError]:
    return validate_volume_spec(volume["spec"], SPEC, volume["metadata"].get("name", ""))


def _mount_options(volume: Object) -> Iterator[FieldError]:
    if any(volume["spec"].get(name) is not None for name in MOUNTABLE):
        return
    if MOUNT_OPTIONS in (volume["metadata"].get("annotations") or {}):
        path = Path("metadata") / "annotations" / MOUNT_OPTIONS
        yield forbidden(path, "may not specify mount options for this volume type")


def _source_change(new: Object, old: Object) -> Iterator[FieldError]:
    from fakekube.apis.difference import difference

    csi, before = new.get("csi"), old.get("csi")
    if csi is not None and before is not None and before.get("controllerExpandSecretRef") is None:
        new = {**new, "csi": {name: value for name, value in csi.items() if name != "controllerExpandSecretRef"}}
    if text := difference(new, old, "core.PersistentVolumeSource"):
        yield forbidden(SOURCE, f"spec.persistentvolumesource is immutable after creation\n{text}")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the metadata; the status may be anything."""
    return again.changed(new, old)


def _claim(volume: Object, _: float) -> str:
    claim = volume["spec"].get("claimRef")
    return "" if claim is None else f"{claim.get('namespace', '')}/{claim.get('name', '')}"


def _capacity(volume: Object, _: float) -> str:
    return str((volume["spec"].get("capacity") or {}).get("storage", "0"))


def _reason(volume: Object, _: float) -> str:
    return str((volume.get("status") or {}).get("reason", ""))


RESOURCE = Resource(
    group="",
    plural="persistentvolumes",
    kind="PersistentVolume",
    versions=(Version("v1", storage=True, defaults=default),),
    namespaced=False,
    short_names=("pv",),
    subresources=(Subresource("status", validate_update=validate_status_update),),
    returns_deleted=True,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Capacity", "string", _capacity),
        Column("Access Modes", "string", lambda volume, now: access_modes(volume["spec"].get("accessModes"))),
        Column("Reclaim Policy", "string", ".spec.persistentVolumeReclaimPolicy"),
        Column("Status", "string", phase),
        Column("Claim", "string", _claim),
        Column("StorageClass", "string", lambda volume, now: storage_class(volume)),
        Column("Reason", "string", _reason),
        AGE,
        Column("VolumeMode", "string", volume_mode, priority=1),
    ),
)
