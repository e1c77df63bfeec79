"""The volumes of a pod spec."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from fakekube.apis.podspec.checks import is_label
from fakekube.apis.podspec.claims import validate_claim_template
from fakekube.apis.podspec.downward import VOLUME_FIELDS, field_reference, resource_reference
from fakekube.apis.podspec.options import Options
from fakekube.apis.podspec.paths import file_mode, not_reserved
from fakekube.apis.podspec.volumesources import SIMPLE, key_to_path
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, required
from fakekube.machinery.names import dns_label, dns_subdomain, size
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

SOURCES = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral",
)  # fmt: skip
"""In the order in which the server looks at them: the first one counts, each other one is one too many."""

RANKS = {name: rank for rank, name in enumerate(SOURCES)}
SHOWN_AS = {"gcePersistentDisk": "persistentDisk"}
"""Sources whose errors the server shows under another name."""
EXTRA_SHOWN_AS = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}
"""The same where a source is one too many; the spelling is the server's."""
ONE_SOURCE = "may not specify more than 1 volume type"
LONG_PORTAL = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
    "if iscsi.initiatorName is specified."
)
MIN_EXPIRATION, MAX_EXPIRATION = 600, 1 << 32


def validate_volumes(
    volumes: Sequence[Object], path: Path, options: Options, pod_name: str = ""
) -> Generator[FieldError, None, dict[str, Object]]:
    """Yield what is wrong; give the valid volumes by name. `pod_name` is "" for templates."""
    valid: dict[str, Object] = {}
    claims = {f"{pod_name}-{volume.get('name', '')}" for volume in volumes if pod_name and volume.get("ephemeral")}
    for index, volume in enumerate(volumes):
        here = path @ index
        name = volume.get("name", "")
        errors = [*_source(volume, here, options, pod_name), *_name(name, here, valid)]
        yield from errors
        if not errors:
            valid[name] = volume
        if claims:
            yield from _own_claim(volume, here, claims)
    return valid


def _name(name: str, path: Path, taken: dict[str, Object]) -> Iterator[FieldError]:
    if not name:
        yield required(path / "name")
    elif not is_label(name):
        yield from (invalid(path / "name", name, wrong) for wrong in dns_label(name))
    if name in taken:
        yield duplicate(path / "name", name)


def _own_claim(volume: Object, path: Path, claims: set[str]) -> Iterator[FieldError]:
    name = (volume.get("persistentVolumeClaim") or {}).get("claimName", "")
    if name in claims:
        why = "must not reference a PVC that gets created for an ephemeral volume"
        yield invalid(path / "persistentVolumeClaim" / "claimName", name, why)


def _source(volume: Object, path: Path, options: Options, pod_name: str) -> Iterator[FieldError]:
    given = [name for name, source in volume.items() if name in RANKS and source is not None]
    if len(given) > 1:
        given.sort(key=RANKS.__getitem__)
    for position, name in enumerate(given):
        if position:
            yield forbidden(path / EXTRA_SHOWN_AS.get(name, name), ONE_SOURCE)
        elif name in SIMPLE:
            yield from SIMPLE[name](volume[name], path / SHOWN_AS.get(name, name))
        else:
            yield from _special(name, volume, path / name, options)
        if name == "iscsi":
            yield from _portal(volume, path)
    if given and given[0] == "ephemeral":
        yield from _claim_name(volume.get("name", ""), pod_name, path)
    if not given:
        yield required(path, "must specify a volume type")


def _special(name: str, volume: Object, path: Path, options: Options) -> Iterator[FieldError]:
    source = volume[name]
    if name == "emptyDir":
        if parse(source.get("sizeLimit") or "0").sign < 0:
            yield forbidden(path / "sizeLimit", "SizeLimit field must be a valid resource quantity")
    elif name == "downwardAPI":
        yield from _downward(source, path, options)
    elif name == "projected":
        yield from _projected(source, path, options)
    elif source.get("volumeClaimTemplate") is None:
        yield required(path / "volumeClaimTemplate")
    else:
        yield from validate_claim_template(source["volumeClaimTemplate"], path / "volumeClaimTemplate")


def _portal(volume: Object, path: Path) -> Iterator[FieldError]:
    source, name = volume["iscsi"], volume.get("name", "")
    if source.get("initiatorName") is not None and size(f"{name}:{source.get('targetPortal', '')}") > 64:
        yield invalid(path / "name", name, LONG_PORTAL)


def _claim_name(name: str, pod_name: str, path: Path) -> Iterator[FieldError]:
    claim = f"{pod_name}-{name}"
    for wrong in dns_subdomain(claim) if name and pod_name else ():
        yield invalid(path / "name", name, f'PVC name "{claim}": {wrong}')


def _downward(source: Object, path: Path, options: Options) -> Iterator[FieldError]:
    yield from file_mode("defaultMode", source, path)
    for item in source.get("items") or ():
        yield from _downward_file(item, path, options)  # the real server leaves the index out


def _downward_file(item: Object, path: Path, options: Options) -> Iterator[FieldError]:
    field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if not item.get("path"):
        yield required(path / "path")
    yield from not_reserved(item.get("path", ""), path / "path")
    if field is not None:
        yield from field_reference(field, path / "fieldRef", VOLUME_FIELDS)
        if resource is not None:
            yield invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
    elif resource is not None:
        yield from resource_reference(resource, path / "resourceFieldRef", True, options.downward_huge_pages)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from file_mode("mode", item, path)


def _projected(source: Object, path: Path, options: Options) -> Iterator[FieldError]:
    yield from file_mode("defaultMode", source, path)
    taken: set[str] = set()
    for index, projection in enumerate(source.get("sources") or ()):
        here = path / "sources" @ index
        given = [name for name in ("secret", "configMap") if projection.get(name) is not None]
        for name in given:
            yield from _projected_keys(projection[name], here / name, path, taken)
        if (downward := projection.get("downwardAPI")) is not None:
            given.append("downwardAPI")
            yield from _projected_downward(downward, here / "downwardAPI", path, taken, options)
        if (token := projection.get("serviceAccountToken")) is not None:
            given.append("serviceAccountToken")
            yield from _token(token, here / "serviceAccountToken", path)
        if len(given) > 1:
            yield forbidden(here, ONE_SOURCE)


def _projected_keys(source: Object, path: Path, volume: Path, taken: set[str]) -> Iterator[FieldError]:
    name = source.get("name", "")
    if not name:
        yield required(path / "name")
    for index, item in enumerate(source.get("items") or ()):
        yield from key_to_path(item, path / "items" @ index)
        yield from _once(item.get("path", ""), name, volume, taken)


def _projected_downward(
    source: Object, path: Path, volume: Path, taken: set[str], options: Options
) -> Iterator[FieldError]:
    for item in source.get("items") or ():
        yield from _downward_file(item, path, options)
        yield from _once(item.get("path", ""), item.get("path", ""), volume, taken)


def _once(file: str, shown: str, path: Path, taken: set[str]) -> Iterator[FieldError]:
    if file and file in taken:
        yield invalid(path, shown, "conflicting duplicate paths")
    taken.add(file)


def _token(token: Object, path: Path, volume: Path) -> Iterator[FieldError]:
    seconds = token.get("expirationSeconds", 0)
    if seconds < MIN_EXPIRATION:
        yield invalid(path / "expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > MAX_EXPIRATION:
        yield invalid(path / "expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if not token.get("path"):
        yield required(volume / "path")


def validate_read_only_disks(volumes: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """A GCE disk that more than one replica mounts has to be read-only; for kinds with replicas."""
    for index, volume in enumerate(volumes):
        disk = volume.get("gcePersistentDisk")
        if disk is not None and not disk.get("readOnly"):
            why = (
                "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines "
                "if it is read-only"
            )
            yield invalid(path @ index / "gcePersistentDisk" / "readOnly", False, why)
