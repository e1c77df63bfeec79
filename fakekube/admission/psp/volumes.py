"""Volumes: which types a pod may use, and of host paths, flex volumes and CSI drivers, which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fakekube.apis.podspec.walk import containers
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

ALL = "*"
SOURCES = (
    "hostPath", "emptyDir", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "secret", "nfs", "iscsi",
    "glusterfs", "persistentVolumeClaim", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "downwardAPI", "fc",
    "azureFile", "configMap", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "storageos",
    "projected", "portworxVolume", "scaleIO", "csi", "ephemeral",
)  # fmt: skip
"""The fields of a volume; of several, the first in this order is its type."""
TYPES = {source: "cephFS" if source == "cephfs" else source for source in SOURCES}
"""What policies call the type of each."""


def type_of(volume: Object) -> str:
    """What a policy calls the volume's type; "" for none that is known."""
    return next((type_ for source, type_ in TYPES.items() if volume.get(source) is not None), "")


def check(spec: Object, pod_spec: Object, path: Path) -> Iterator[FieldError]:
    """Judge all volumes of a pod; `path` is its spec's."""
    allowed = spec.get("volumes") or ()
    for index, volume in enumerate(pod_spec.get("volumes") or ()):
        here, type_ = path / "volumes" @ index, type_of(volume)
        if ALL not in allowed and not _allows(allowed, type_, volume):
            yield invalid(here, type_, f"{type_} volumes are not allowed to be used")
        elif type_ in FURTHER:
            yield from FURTHER[type_](spec, volume, pod_spec, here)


def _allows(allowed: Sequence[str], type_: str, volume: Object) -> bool:
    """Who may use secrets may also use the volumes that later releases mount for service accounts instead."""
    return type_ in allowed or ("secret" in allowed and type_ == "projected" and _of_account(volume["projected"]))


def _of_account(projected: Object) -> bool:
    return all(map(_source_of_account, projected.get("sources") or ()))


def _source_of_account(source: Object) -> bool:
    token, roots, downward = (source.get(name) for name in ("serviceAccountToken", "configMap", "downwardAPI"))
    if token is None and roots is None and downward is None:
        return False
    if token is not None and (token.get("path", "") != "token" or token.get("audience")):
        return False
    if roots is not None and roots.get("name", "") != "kube-root-ca.crt":
        return False
    return all(map(_is_namespace, (downward or {}).get("items") or ()))


def _is_namespace(item: Object) -> bool:
    field = item.get("fieldRef") or {}
    return (
        item.get("path") == "namespace"
        and field.get("apiVersion") == "v1"
        and field.get("fieldPath") == "metadata.namespace"
    )


def _host_path(spec: Object, volume: Object, pod_spec: Object, path: Path) -> Iterator[FieldError]:
    target = volume["hostPath"].get("path", "")
    allowed = spec.get("allowedHostPaths") or ()
    found = [entry for entry in allowed if is_below(target, entry.get("pathPrefix", ""))]
    if not allowed:
        return
    if not found:
        yield invalid(path / "hostPath" / "pathPrefix", target, "is not allowed to be used")
    elif all(entry.get("readOnly") for entry in found):
        yield from _writable_mounts(volume.get("name", ""), pod_spec)


def _writable_mounts(volume: str, pod_spec: Object) -> Iterator[FieldError]:
    for container, path in containers(pod_spec):
        for index, mount in enumerate(container.get("volumeMounts") or ()):
            if mount.get("name") == volume and not mount.get("readOnly"):
                yield invalid(path / "volumeMounts" @ index / "readOnly", False, "must be read-only")


def is_below(path: str, prefix: str) -> bool:
    """Whether a path is the prefix or below it; a slash at either end means nothing."""
    path, prefix = path.removesuffix("/"), prefix.removesuffix("/")
    return path == prefix or path.startswith(prefix + "/")


def _flex_volume(spec: Object, volume: Object, pod_spec: Object, path: Path) -> Iterator[FieldError]:
    allowed = [entry.get("driver", "") for entry in spec.get("allowedFlexVolumes") or ()]
    driver = volume["flexVolume"].get("driver", "")
    if allowed and driver not in allowed:
        yield invalid(path / "driver", driver, "Flexvolume driver is not allowed to be used")


def _csi(spec: Object, volume: Object, pod_spec: Object, path: Path) -> Iterator[FieldError]:
    allowed = [entry.get("name", "") for entry in spec.get("allowedCSIDrivers") or ()]
    driver = volume["csi"].get("driver", "")
    if allowed and driver not in allowed:
        yield invalid(path / "csi" / "driver", driver, "Inline CSI driver is not allowed to be used")


Check = Callable[[Object, Object, Object, Path], Iterator[FieldError]]
"""(policy's spec, volume, pod's spec, path of the volume)."""
FURTHER: Mapping[str, Check] = {"hostPath": _host_path, "flexVolume": _flex_volume, "csi": _csi}
