"""PersistentVolumeClaimResize: a bound claim grows where its class says so. Follows admission/storage/persistentvolume/resize."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.storage.storageclasses import RESOURCE as STORAGECLASSES
from fakekube.machinery import quantity
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import UPDATE, Attributes
from fakekube.registry.client import Client, Reader

CLASS = "volume.beta.kubernetes.io/storage-class"


def validate(a: Attributes, client: Client) -> None:
    """Raises Forbidden (403)."""
    new, old = a.object or {}, a.old_object or {}
    if _size(new) <= _size(old):
        return
    if (old.get("status") or {}).get("phase") != "Bound":
        raise forbidden(a, "Only bound persistent volume claims can be expanded")
    if not _may_grow(new, old, client):
        why = (
            "only dynamically provisioned pvc can be resized and "
            "the storageclass that provisions the pvc must support resize"
        )
        raise forbidden(a, why)


def class_of(claim: Object) -> str:
    """The claim's class, "" for none; the old annotation goes first."""
    annotations = claim["metadata"].get("annotations") or {}
    if CLASS in annotations:
        return str(annotations[CLASS])
    return claim["spec"].get("storageClassName") or ""


def _may_grow(new: Object, old: Object, reader: Reader) -> bool:
    name = class_of(new)
    if not name or name != class_of(old):
        return False
    storage_class = reader.get(STORAGECLASSES, Key("", name))
    return bool(storage_class and storage_class.get("allowVolumeExpansion"))


def _size(claim: Object) -> quantity.Quantity:
    requests = (claim["spec"].get("resources") or {}).get("requests") or {}
    return quantity.parse(requests.get("storage", "0"))


PLUGIN = Plugin(
    "PersistentVolumeClaimResize",
    On(frozenset({UPDATE}), frozenset({"persistentvolumeclaims"})),
    validate=validate,
)
