"""The spec of a persistent volume, also inline in an attachment. Follows pkg/apis/core/validation of v1.20."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fakekube.apis.podspec.checks import POSITIVE, Check, all_of, breaches, in_range, needs, needs_in
from fakekube.apis.podspec.claims import ACCESS_MODES, VOLUME_MODES
from fakekube.apis.podspec.nodeselectors import node_selector
from fakekube.apis.podspec.paths import no_backsteps
from fakekube.apis.podspec.volumes import LONG_PORTAL, ONE_SOURCE
from fakekube.apis.podspec.volumesources import INITIATORS, SIMPLE, csi_driver_name
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, dns_subdomain, size
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
INLINE = "may not be specified in the context of inline volumes"
NO_NAMESPACE = "if the endpointnamespace is set, it must be a valid namespace name"
BAD_QUANTITY = "must be a valid resource quantity"

# Sources that differ from those of pods


def glusterfs(source: Object, path: Path) -> Iterator[FieldError]:
    """glusterfs: it may name the namespace of its endpoints."""
    yield from needs("endpoints", "path")(source, path)
    namespace = source.get("endpointsNamespace")
    if namespace == "":
        yield invalid(path / "endpointsNamespace", namespace, NO_NAMESPACE)
    elif namespace is not None:
        yield from breaches(namespace, path / "endpointsNamespace", dns_label)


def iscsi(source: Object, path: Path) -> Iterator[FieldError]:
    """iscsi: as of pods, in other words."""
    yield from needs("targetPortal", "iqn")(source, path)
    if source.get("iqn"):
        yield from _iscsi_name(source["iqn"], path / "iqn")
    yield from in_range(source.get("lun", 0), path / "lun", 0, 255)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required(path / "secretRef")
    yield from needs_in("secretRef", "name")(source, path)
    if source.get("initiatorName") is not None:
        yield from _iscsi_name(source["initiatorName"], path / "initiatorname")


def _iscsi_name(name: str, path: Path) -> Iterator[FieldError]:
    pattern = INITIATORS.get(name[:3])
    if pattern is None or not pattern.search(name):
        yield invalid(path, name, "must be valid format")


def azure_file(source: Object, path: Path) -> Iterator[FieldError]:
    """azureFile: it may name the namespace of its secret."""
    yield from needs("secretName", "shareName")(source, path)
    if source.get("secretNamespace") == "":
        yield required(path / "secretNamespace")


def local(source: Object, path: Path) -> Iterator[FieldError]:
    """local: a path on the node."""
    if not source.get("path"):
        yield required(path / "path")
    else:
        yield from no_backsteps(source["path"], path / "path")


def storage_os(source: Object, path: Path) -> Iterator[FieldError]:
    """storageos."""
    yield from needs("volumeName")(source, path)
    for name in ("volumeName", "volumeNamespace"):
        if text := source.get(name):
            yield from breaches(text, path / name, dns_label)
    yield from _full_reference("secretRef")(source, path)


def _full_reference(name: str) -> Check:
    """A reference to a secret has its namespace too."""
    return all_of(needs_in(name, "name"), needs_in(name, "namespace"))


def csi(source: Object, path: Path) -> Iterator[FieldError]:
    """csi: the driver, the volume and references to secrets."""
    yield from csi_driver_name(source.get("driver", ""), path / "driver")
    yield from needs("volumeHandle")(source, path)
    for name, shown in CSI_SECRETS.items():
        if (secret := source.get(name)) is None:
            continue
        for part in ("name", "namespace"):
            if text := secret.get(part):
                yield from breaches(text, path / part, dns_label)
            else:
                yield required(path / shown / part)


CSI_SECRETS = {
    "controllerPublishSecretRef": "controllerPublishSecretRef",
    "controllerExpandSecretRef": "controllerExpandSecretRef",
    "nodePublishSecretRef": "nodePublishSecretRef ",  # the real server writes the space
}
SOURCES: dict[str, Check] = {
    "hostPath": SIMPLE["hostPath"],
    "gcePersistentDisk": SIMPLE["gcePersistentDisk"],
    "awsElasticBlockStore": SIMPLE["awsElasticBlockStore"],
    "glusterfs": glusterfs,
    "flocker": SIMPLE["flocker"],
    "nfs": SIMPLE["nfs"],
    "rbd": SIMPLE["rbd"],
    "quobyte": SIMPLE["quobyte"],
    "cephfs": SIMPLE["cephfs"],
    "iscsi": iscsi,
    "cinder": all_of(needs("volumeID"), _full_reference("secretRef")),
    "fc": SIMPLE["fc"],
    "flexVolume": SIMPLE["flexVolume"],
    "azureFile": azure_file,
    "vsphereVolume": SIMPLE["vsphereVolume"],
    "photonPersistentDisk": SIMPLE["photonPersistentDisk"],
    "portworxVolume": SIMPLE["portworxVolume"],
    "azureDisk": SIMPLE["azureDisk"],
    "scaleIO": SIMPLE["scaleIO"],
    "local": local,
    "storageos": storage_os,
    "csi": csi,
}
"""In the order in which the server looks at them: the first one counts, each other one is one too many."""
SHOWN_AS = {"gcePersistentDisk": "persistentDisk"}
"""Sources whose errors the server shows under another name."""
EXTRA_SHOWN_AS = {"cephfs": "cephFS"}
"""The same where a source is one too many."""
ALWAYS_TAKEN = ("flexVolume",)
"""Never one too many."""

# The spec


def validate_volume_spec(spec: Object, path: Path, name: str = "", *, inline: bool = False) -> Iterator[FieldError]:
    """Yield what is wrong with the spec of the volume of that name, or with one `inline` in something else."""
    if inline:
        yield from _inline(spec, path)
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(path / "accessModes")
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield not_supported(path / "accessModes", mode, ACCESS_MODES)
    if not inline:
        yield from _capacity(spec.get("capacity"), path / "capacity")
    yield from _reclaim_policy(spec.get("persistentVolumeReclaimPolicy", ""), path, inline)
    if spec.get("nodeAffinity") is not None:
        yield from _node_affinity(spec["nodeAffinity"], path / "nodeAffinity", inline)
    yield from _sources(spec, path, name, bool(spec.get("nodeAffinity") is not None and not inline))
    yield from _recycled_root(spec, path)
    if spec.get("storageClassName"):
        yield from _storage_class(spec["storageClassName"], path / "storageClassName", inline)
    if spec.get("volumeMode") is not None:
        yield from _volume_mode(spec["volumeMode"], path / "volumeMode", inline)


def _inline(spec: Object, path: Path) -> Iterator[FieldError]:
    if spec.get("claimRef") is not None:
        yield forbidden(path / "claimRef", INLINE)
    if spec.get("capacity"):
        yield forbidden(path / "capacity", INLINE)
    if spec.get("csi") is None:
        yield required(path / "csi", "has to be specified in the context of inline volumes")


def _capacity(capacity: Object | None, path: Path) -> Iterator[FieldError]:
    if not capacity:
        yield required(path)
    if not capacity or "storage" not in capacity or len(capacity) > 1:
        yield not_supported(path, Go(capacity, "core.ResourceList"), ("storage",))
    for name, text in (capacity or {}).items():
        amount = parse(text)
        if amount.value() < 0:
            yield invalid(path @ name, amount.value(), BAD_QUANTITY)
        if amount.sign <= 0:
            yield invalid(path @ name, text, POSITIVE)


def _reclaim_policy(policy: str, path: Path, inline: bool) -> Iterator[FieldError]:
    here = path / "persistentVolumeReclaimPolicy"
    if inline and policy not in ("", "Retain"):
        yield forbidden(here, "may only be Retain in the context of inline volumes")
    elif not inline and policy and policy not in RECLAIM_POLICIES:
        yield not_supported(here, policy, RECLAIM_POLICIES)


def _node_affinity(affinity: Object, path: Path, inline: bool) -> Iterator[FieldError]:
    if inline:
        yield forbidden(path, INLINE)
    elif affinity.get("required") is None:
        yield required(path / "required", "must specify required node constraints")
    else:
        yield from node_selector(affinity["required"], path / "required")


def _sources(spec: Object, path: Path, name: str, has_affinity: bool) -> Iterator[FieldError]:
    given = [source for source in SOURCES if spec.get(source) is not None]
    for position, source in enumerate(given):
        if position and source not in ALWAYS_TAKEN:
            yield forbidden(path / EXTRA_SHOWN_AS.get(source, source), ONE_SOURCE)
            continue
        errors = SOURCES[source](spec[source], path / SHOWN_AS.get(source, source))
        yield from _with_portal(errors, spec[source], path / source, name) if source == "iscsi" else errors
        if source == "local" and not has_affinity:
            yield required(path / "nodeAffinity", "Local volume requires node affinity")
    if not given:
        yield required(path, "must specify a volume type")


def _with_portal(errors: Iterator[FieldError], source: Object, path: Path, name: str) -> Iterator[FieldError]:
    """The length of the portal with the volume's name is judged after its presence, before everything else."""
    portal = source.get("targetPortal", "")
    if not portal:
        yield next(errors)
    if source.get("initiatorName") is not None and size(f"{name}:{portal}") > 64:
        yield invalid(path / "targetportal", portal, LONG_PORTAL)
    yield from errors


def _recycled_root(spec: Object, path: Path) -> Iterator[FieldError]:
    host = spec.get("hostPath")
    if host is None or spec.get("persistentVolumeReclaimPolicy") != "Recycle":
        return
    if posixpath.normpath(host.get("path") or ".") in ("/", "//"):
        why = "may not be 'recycle' for a hostPath mount of '/'"
        yield forbidden(path / "persistentVolumeReclaimPolicy", why)


def _storage_class(name: str, path: Path, inline: bool) -> Iterator[FieldError]:
    if inline:
        yield forbidden(path, INLINE)
    else:
        yield from breaches(name, path, dns_subdomain)


def _volume_mode(mode: str, path: Path, inline: bool) -> Iterator[FieldError]:
    if not inline and mode not in VOLUME_MODES:
        yield not_supported(path, mode, VOLUME_MODES)
    elif inline and mode != "Filesystem":
        yield forbidden(path, "may not specify volumeMode other than Filesystem in the context of inline volumes")


# Tables

SHORT_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX"}


def access_modes(modes: list[str] | None) -> str:
    """Access modes as tables show them."""
    return ",".join(short for mode, short in SHORT_MODES.items() if mode in (modes or ()))


def storage_class(obj: Object) -> str:
    """The storage class of a volume or claim; the annotation of old comes first."""
    annotation: str | None = (obj["metadata"].get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
    return annotation if annotation is not None else obj["spec"].get("storageClassName") or ""


def phase(obj: Object, _: float) -> str:
    """The phase, or that it is being deleted."""
    if "deletionTimestamp" in obj["metadata"]:
        return "Terminating"
    return str((obj.get("status") or {}).get("phase", ""))


def volume_mode(obj: Object, _: float) -> str:
    """The volume mode."""
    return str(obj["spec"].get("volumeMode") or "<unset>")
