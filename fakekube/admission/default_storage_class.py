"""DefaultStorageClass: a claim without a class gets the default one. Follows plugin/pkg/admission/storage/storageclass."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.storage.storageclasses import RESOURCE as STORAGECLASSES
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

CLASS = "volume.beta.kubernetes.io/storage-class"
DEFAULTS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def mutate(a: Attributes, client: Client) -> None:
    """Set the class, where the claim has not asked for any, not even for "". Raises Forbidden (403)."""
    assert a.object is not None
    spec = a.object["spec"]
    if CLASS in a.object["metadata"].get("annotations", {}) or spec.get("storageClassName") is not None:
        return
    defaults = client.list(STORAGECLASSES, matches=_is_default)
    if len(defaults) > 1:
        raise forbidden(a, status.internal_error(f"{len(defaults)} default StorageClasses were found").message)
    if defaults:
        spec["storageClassName"] = defaults[0]["metadata"]["name"]


def _is_default(storage_class: Object) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return any(annotations.get(name) == "true" for name in DEFAULTS)


PLUGIN = Plugin("DefaultStorageClass", On(frozenset({CREATE}), frozenset({"persistentvolumeclaims"})), mutate)
