"""CSINode. Follows pkg/apis/storage and pkg/registry/storage/csinode of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.equality import same
from fakekube.apis.podspec.volumesources import csi_driver_name
from fakekube.apis.resource import Column, Resource
from fakekube.apis.storage.versions import GROUP, versions
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import qualified_name, size
from fakekube.machinery.objects import Object

DRIVERS = Path("spec") / "drivers"
MAX_NODE_ID = 128


def validate(node: Object) -> Iterator[FieldError]:
    """The server judges a new node twice, and so clients see these errors twice."""
    yield from again.created(node)
    yield from _drivers(node)
    yield from again.judged(node, namespaced=False)
    yield from _drivers(node)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Drivers come and go; one that stays never changes."""
    for _ in range(2):
        yield from again.judged(new, namespaced=False)
        yield from _drivers(new)
    for driver in _of(old):
        for other in _of(new):
            named = driver.get("name", "") == other.get("name", "")
            if named and not same(other, driver, "storage.CSINodeDriver"):
                yield invalid(Path("CSINodeDriver"), Go(other, "storage.CSINodeDriver"), "field is immutable")


def _of(node: Object) -> list[Object]:
    drivers: list[Object] = (node.get("spec") or {}).get("drivers") or []
    return drivers


def _drivers(node: Object) -> Iterator[FieldError]:
    names: list[str] = []
    for index, driver in enumerate(_of(node)):
        yield from _driver(driver, names, DRIVERS @ index)
        names.append(driver.get("name", ""))


def _driver(driver: Object, names: list[str], path: Path) -> Iterator[FieldError]:
    name, node_id = driver.get("name", ""), driver.get("nodeID", "")
    yield from csi_driver_name(name, path / "name")
    if not node_id:
        yield required(path / "nodeID")
    if size(node_id) > MAX_NODE_ID:
        yield invalid(path / "nodeID", node_id, f"must be {MAX_NODE_ID} characters or less")
    count = (driver.get("allocatable") or {}).get("count")
    if count is not None and count < 0:
        yield invalid(path / "allocatable" / "count", count, "must be greater than or equal to 0")
    if name in names:
        yield duplicate(path / "name", name)
    yield from _topology_keys(driver.get("topologyKeys") or [], path)


def _topology_keys(keys: list[str], path: Path) -> Iterator[FieldError]:
    for index, key in enumerate(keys):
        if not key:
            yield required(path)
        if key in keys[:index]:
            yield duplicate(path, key)
        yield from (invalid(path, Go(keys, "[]string"), wrong) for wrong in qualified_name(key))


def _count(node: Object, _: float) -> int:
    return len(_of(node))


RESOURCE = Resource(
    group=GROUP,
    plural="csinodes",
    kind="CSINode",
    versions=versions("CSINode", "1.17"),
    namespaced=False,
    returns_deleted=True,
    validate=validate,
    validate_update=validate_update,
    unconditional_update=False,
    columns=(NAME, Column("Drivers", "integer", _count), AGE),
)
