"""Volume mounts and volume devices of a container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.apis.podspec.options import Context
from fakekube.apis.podspec.paths import descending
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_found, not_supported, required
from fakekube.machinery.objects import Object

PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
NOT_A_CLAIM = "can only use volume source type of PersistentVolumeClaim for block mode"


def validate_mounts(mounts: Sequence[Object], path: Path, container: Object, context: Context) -> Iterator[FieldError]:
    """Yield what is wrong with the list `volumeMounts`."""
    taken: set[str] = set()
    devices = {device.get("name", ""): device.get("devicePath", "") for device in container.get("volumeDevices") or ()}
    for index, mount in enumerate(mounts):
        name, place = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required(path @ index / "name")
        if name not in context.volumes:
            yield not_found(path @ index / "name", name)
        if not place:
            yield required(path @ index / "mountPath")
        if place in taken:
            yield invalid(path @ index / "mountPath", place, "must be unique")
        taken.add(place)
        if name in devices:
            yield invalid(path @ index / "name", name, "must not already exist in volumeDevices")
        if place in devices.values():
            yield invalid(path @ index / "mountPath", place, "must not already exist as a path in volumeDevices")
        yield from _sub_path(mount, path, index)
        if mount.get("mountPropagation") is not None:
            yield from _propagation(mount["mountPropagation"], path / "mountPropagation", container)


def _sub_path(mount: Object, path: Path, index: int) -> Iterator[FieldError]:
    """Of what is below the path, the real server leaves the index out."""
    sub_path, expression = mount.get("subPath"), mount.get("subPathExpr")
    if sub_path:
        yield from descending(sub_path, path / "subPath")
    if expression:
        if sub_path:
            why = "subPathExpr and subPath are mutually exclusive"
            yield invalid(path @ index / "subPathExpr", expression, why)
        yield from descending(expression, path / "subPathExpr")


def _propagation(mode: str, path: Path, container: Object) -> Iterator[FieldError]:
    if mode not in PROPAGATIONS:
        yield not_supported(path, mode, PROPAGATIONS)
    if mode == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        yield forbidden(path, "Bidirectional mount propagation is available only to privileged containers")


def validate_devices(
    devices: Sequence[Object], path: Path, container: Object, context: Context
) -> Iterator[FieldError]:
    """Yield what is wrong with the list `volumeDevices`."""
    names: set[str] = set()
    places: set[str] = set()
    mounts = {mount.get("name", ""): mount.get("mountPath", "") for mount in container.get("volumeMounts") or ()}
    for index, device in enumerate(devices):
        here = path @ index
        name, place = device.get("name", ""), device.get("devicePath", "")
        yield from _device_name(name, here / "name", names, context.volumes.get(name))
        yield from _device_path(place, here / "devicePath", places)
        if name in mounts:
            yield invalid(here / "name", name, "must not already exist in volumeMounts")
        if place in mounts.values():
            yield invalid(here / "devicePath", place, "must not already exist as a path in volumeMounts")
        if name:
            names.add(name)


def _device_name(name: str, path: Path, taken: set[str], volume: Object | None) -> Iterator[FieldError]:
    if not name:
        yield required(path)
    if name in taken:
        yield invalid(path, name, "must be unique")
    if volume is None:
        yield not_found(path, name)
    elif volume.get("persistentVolumeClaim") is None:
        yield invalid(path, name, NOT_A_CLAIM)


def _device_path(place: str, path: Path, taken: set[str]) -> Iterator[FieldError]:
    if not place:
        yield required(path)
    if place in taken:
        yield invalid(path, place, "must be unique")
    if ".." in place.split("/"):
        yield invalid(path, place, "can not contain backsteps ('..')")
    else:
        taken.add(place)
