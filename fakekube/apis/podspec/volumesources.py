"""What each source of a volume has to look like. The checks that persistent volumes share are public."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fakekube.apis.podspec.checks import Check, all_of, in_range, needs, needs_in, one_of, ranged
from fakekube.apis.podspec.paths import descending, file_mode, no_backsteps, not_reserved
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required, too_long
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, dns_subdomain, size
from fakekube.machinery.objects import Object

PARTITION = "must be between 1 and 255, inclusive"  # 0 passes all the same
HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
CACHING_MODES = ("None", "ReadOnly", "ReadWrite")
DISK_KINDS = ("Dedicated", "Managed", "Shared")
MANAGED_URI = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
BLOB_URI = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas"
INITIATORS = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)\Z", re.ASCII),
    "eui": re.compile(r"\Aeui.[A-Za-z0-9]{16}\Z"),
    "naa": re.compile(r"\Anaa.[A-Za-z0-9]{32}\Z"),
}
HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*")


def host_path(source: Object, path: Path) -> Iterator[FieldError]:
    """hostPath."""
    text = source.get("path", "")
    if not text:
        yield required(path / "path")
        return
    yield from no_backsteps(text, path / "path")
    kind = source.get("type")
    if kind is not None and kind not in HOST_PATH_TYPES:
        yield not_supported(path / "type", kind, HOST_PATH_TYPES)


def nfs(source: Object, path: Path) -> Iterator[FieldError]:
    """nfs."""
    yield from needs("server", "path")(source, path)
    if not source.get("path", "").startswith("/"):
        yield invalid(path / "path", source.get("path", ""), "must be an absolute path")


def iscsi_name(name: str, path: Path) -> Iterator[FieldError]:
    """The name of a target or initiator."""
    pattern = INITIATORS.get(name[:3])
    if pattern is None:
        yield invalid(path, name, "must be valid format starting with iqn, eui, or naa")
    elif not pattern.search(name):
        yield invalid(path, name, "must be valid format")


def iscsi(source: Object, path: Path) -> Iterator[FieldError]:
    """iscsi."""
    yield from needs("targetPortal", "iqn")(source, path)
    if source.get("iqn"):
        yield from iscsi_name(source["iqn"], path / "iqn")
    yield from in_range(source.get("lun", 0), path / "lun", 0, 255)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        yield required(path / "secretRef")
    if source.get("initiatorName") is not None:
        yield from iscsi_name(source["initiatorName"], path / "initiatorname")


def fibre_channel(source: Object, path: Path) -> Iterator[FieldError]:
    """fc."""
    names, ids, lun = source.get("targetWWNs"), source.get("wwids"), source.get("lun")
    if not names and not ids:
        yield required(path / "targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if names and ids:
        shown = Go(names, "[]string")
        yield invalid(path / "targetWWNs", shown, "targetWWNs and wwids can not be specified simultaneously")
    if names and lun is None:
        yield required(path / "lun", "lun is required if targetWWNs is specified")
    elif names and lun is not None:
        yield from in_range(lun, path / "lun", 0, 255)


def quobyte(source: Object, path: Path) -> Iterator[FieldError]:
    """quobyte."""
    registry = source.get("registry", "")
    if not registry:
        yield required(path / "registry", HOST_PORTS)
    elif size(source.get("tenant", "")) >= 65:
        yield required(path / "tenant", "must be a UUID and may not exceed a length of 64 characters")
    else:
        for pair in registry.split(","):
            if not HOST_PORT.fullmatch(pair):
                yield invalid(path / "registry", registry, HOST_PORTS)
    yield from needs("volume")(source, path)


def flocker(source: Object, path: Path) -> Iterator[FieldError]:
    """flocker."""
    name, uuid = source.get("datasetName", ""), source.get("datasetUUID", "")
    if not name and not uuid:
        yield required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        yield invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        yield invalid(path / "datasetName", name, "must not contain '/'")


def flex_volume(source: Object, path: Path) -> Iterator[FieldError]:
    """flexVolume."""
    yield from needs("driver")(source, path)
    for key in source.get("options") or ():
        namespace = "." + key.partition("/")[0].lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            yield invalid(path / "options" @ key, key, "kubernetes.io and k8s.io namespaces are reserved")


def azure_disk(source: Object, path: Path) -> Iterator[FieldError]:
    """azureDisk."""
    yield from needs("diskName", "diskURI")(source, path)
    yield from one_of("cachingMode", CACHING_MODES)(source, path)
    yield from one_of("kind", DISK_KINDS)(source, path)
    kind, uri = source.get("kind"), source.get("diskURI", "")
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        yield not_supported(path / "diskURI", uri, (MANAGED_URI,))
    if kind is not None and kind != "Managed" and not uri.startswith("https://"):
        yield not_supported(path / "diskURI", uri, (BLOB_URI,))


def storage_os(source: Object, path: Path) -> Iterator[FieldError]:
    """storageos."""
    yield from needs("volumeName")(source, path)
    for name in ("volumeName", "volumeNamespace"):
        if text := source.get(name):
            yield from (invalid(path / name, text, wrong) for wrong in dns_label(text))
    yield from needs_in("secretRef", "name")(source, path)


def csi_driver_name(name: str, path: Path) -> Iterator[FieldError]:
    """The name of a CSI driver: a subdomain, in any case, of at most 63 bytes."""
    if not name:
        yield required(path)
    if size(name) > 63:
        yield too_long(path, 63)
    yield from (invalid(path, name, wrong) for wrong in dns_subdomain(name.lower()))


def csi(source: Object, path: Path) -> Iterator[FieldError]:
    """csi, inline."""
    yield from csi_driver_name(source.get("driver", ""), path / "driver")
    secret = source.get("nodePublishSecretRef")
    if secret is None:
        return
    name = secret.get("name", "")
    if not name:
        yield required(path / "nodePublishSecretRef " / "name")  # the real server writes the space
    else:
        yield from (invalid(path / "name", name, wrong) for wrong in dns_subdomain(name))


def git_repo(source: Object, path: Path) -> Iterator[FieldError]:
    """gitRepo."""
    yield from needs("repository")(source, path)
    yield from descending(source.get("directory", ""), path / "directory")


def key_to_path(item: Object, path: Path) -> Iterator[FieldError]:
    """An item of a secret or config map."""
    yield from needs("key", "path")(item, path)
    yield from not_reserved(item.get("path", ""), path / "path")
    yield from file_mode("mode", item, path)


def keys_of(name: str) -> Check:
    """secret and configMap: `name` is the field that names it."""

    def check(source: Object, path: Path) -> Iterator[FieldError]:
        if not source.get(name):
            yield required(path / name)
        yield from file_mode("defaultMode", source, path)
        for index, item in enumerate(source.get("items") or ()):
            yield from key_to_path(item, path / "items" @ index)

    return check


disk_partition = ranged("partition", 0, 255, PARTITION)

SIMPLE: dict[str, Check] = {
    "hostPath": host_path,
    "gitRepo": git_repo,
    "gcePersistentDisk": all_of(needs("pdName"), disk_partition),
    "awsElasticBlockStore": all_of(needs("volumeID"), disk_partition),
    "secret": keys_of("secretName"),
    "nfs": nfs,
    "iscsi": iscsi,
    "glusterfs": needs("endpoints", "path"),
    "flocker": flocker,
    "persistentVolumeClaim": needs("claimName"),
    "rbd": needs("monitors", "image"),
    "cinder": all_of(needs("volumeID"), needs_in("secretRef", "name")),
    "cephfs": needs("monitors"),
    "quobyte": quobyte,
    "fc": fibre_channel,
    "flexVolume": flex_volume,
    "configMap": keys_of("name"),
    "azureFile": needs("secretName", "shareName"),
    "vsphereVolume": needs("volumePath"),
    "photonPersistentDisk": needs("pdID"),
    "portworxVolume": needs("volumeID"),
    "azureDisk": azure_disk,
    "storageos": storage_os,
    "scaleIO": needs("gateway", "system", "volumeName"),
    "csi": csi,
}
"""The sources whose check needs nothing but the source."""
