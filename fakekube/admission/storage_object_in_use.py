"""StorageObjectInUseProtection: volumes and claims stay while they are used. Follows storage/storageobjectinuseprotection."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

FINALIZERS = {
    "persistentvolumes": "kubernetes.io/pv-protection",
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
}


def mutate(a: Attributes, _: Client) -> None:
    """Add the finalizer that the protection controllers take away."""
    assert a.object is not None
    metadata, finalizer = a.object["metadata"], FINALIZERS[a.resource.qualified]
    given = metadata.get("finalizers") or []
    if finalizer not in given:
        metadata["finalizers"] = [*given, finalizer]


PLUGIN = Plugin("StorageObjectInUseProtection", On(frozenset({CREATE}), frozenset(FINALIZERS)), mutate)
