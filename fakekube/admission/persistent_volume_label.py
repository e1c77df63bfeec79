"""PersistentVolumeLabel: volumes of a cloud say in which zone they are. Follows storage/persistentvolume/label.

There is no cloud here: volumes of one are refused, unless whoever provisioned them has labelled them already.
"""

from __future__ import annotations

from typing import NamedTuple

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

ZONE, REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"
PROVISIONED = "pv.kubernetes.io/provisioned-by"
PLACEHOLDER = "placeholder-for-provisioning"
"""What stands for the volume while it is being made."""


class Cloud(NamedTuple):
    """How one kind of volume is named."""

    field: str
    label: str
    missing: str


CLOUDS: dict[str, Cloud] = {
    "awsElasticBlockStore": Cloud("volumeID", "AWS EBS volume", "AWS cloud provider for EBS"),
    "gcePersistentDisk": Cloud("pdName", "GCE PD volume", "GCE cloud provider for PD"),
    "azureDisk": Cloud("diskName", "AzureDisk volume", "Azure cloud provider for AzureDisk"),
    "cinder": Cloud("volumeID", "Cinder volume", "OpenStack cloud provider for Cinder disk"),
    "vsphereVolume": Cloud("volumePath", "vSphere Volume", "vSphere cloud provider"),
}


def mutate(a: Attributes, _: Client) -> None:
    """Bind a labelled volume to its zone. Raises Forbidden (403) for one that only its cloud knows."""
    assert a.object is not None
    metadata, spec = a.object["metadata"], a.object["spec"]
    labels = metadata.get("labels") or {}
    if PROVISIONED in (metadata.get("annotations") or {}) and ZONE in labels and REGION in labels:
        _bind(spec, [_requirement(ZONE, sorted(labels[ZONE].split("__"))), _requirement(REGION, [labels[REGION]])])
        return
    for name, cloud in CLOUDS.items():
        if (source := spec.get(name)) is not None and source.get(cloud.field) != PLACEHOLDER:
            why = f"error querying {cloud.label} {source.get(cloud.field, '')}: unable to build {cloud.missing}"
            raise forbidden(a, why)


def _requirement(key: str, values: list[str]) -> Object:
    return {"key": key, "operator": "In", "values": values}


def _bind(spec: Object, requirements: list[Object]) -> None:
    """Add the requirements to every term, unless some term has one of the keys."""
    affinity = spec.get("nodeAffinity") or {}
    required = affinity.get("required") or {}
    terms = required.get("nodeSelectorTerms") or [{}]
    keys = {requirement["key"] for requirement in requirements}
    if any(one.get("key") in keys for term in terms for one in term.get("matchExpressions") or ()):
        return
    bound = [{**term, "matchExpressions": [*(term.get("matchExpressions") or ()), *requirements]} for term in terms]
    spec["nodeAffinity"] = {**affinity, "required": {**required, "nodeSelectorTerms": bound}}


PLUGIN = Plugin("PersistentVolumeLabel", On(frozenset({CREATE}), frozenset({"persistentvolumes"})), mutate)
