"""Whether a pod has taken more of the node's disk than it may, for which it is evicted: a pure function.

Follows localStorageEviction of pkg/kubelet/eviction of v1.20. Nothing else ever runs short on a simulated node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekube.machinery import quantity
from fakekube.machinery.objects import Object
from fakekube.sandbox.files import Directory, Node, size_of

PERIOD = 10.0
"""Seconds between two looks at a pod that has such a limit."""
REASON = "Evicted"
STORAGE = "ephemeral-storage"


def limits(pod: Object) -> Iterator[str]:
    """The limits that there are."""
    for volume in pod["spec"].get("volumes") or ():
        if size := (volume.get("emptyDir") or {}).get("sizeLimit"):
            yield size
    for container in pod["spec"]["containers"]:
        if size := _limit(container):
            yield size


def excess(pod: Object, volumes: Mapping[str, Node], used: Mapping[str, int]) -> str:
    """Why the pod has to go, "" if it may stay. `used` are the bytes that each container has written."""
    return next(_excesses(pod, volumes, used), "")


def _excesses(pod: Object, volumes: Mapping[str, Node], used: Mapping[str, int]) -> Iterator[str]:
    empty = {one["name"]: one["emptyDir"] for one in pod["spec"].get("volumes") or () if "emptyDir" in one}
    for name, source in empty.items():
        size = (source or {}).get("sizeLimit")
        if size and name in volumes and 0 < _bytes(size) < tree_size(volumes[name]):
            yield f'Usage of EmptyDir volume "{name}" exceeds the limit "{size}". '
    limited = {one["name"]: size for one in pod["spec"]["containers"] if (size := _limit(one))}
    if limited and sum(used.values()) > sum(map(_bytes, limited.values())):
        total = next(iter(limited.values())) if len(limited) == 1 else sum(map(_bytes, limited.values()))
        yield f"Pod ephemeral local storage usage exceeds the total limit of containers {total}. "
    for name, size in limited.items():
        if used.get(name, 0) > _bytes(size):
            yield f'Container {name} exceeded its local ephemeral storage limit "{size}". '


def _limit(container: Object) -> str:
    found: str = ((container.get("resources") or {}).get("limits") or {}).get(STORAGE) or ""
    return found


def _bytes(size: str) -> int:
    return quantity.parse(size).value()


def tree_size(node: Node) -> int:
    """Bytes of the files below a folder."""
    if isinstance(node, Directory):
        return sum(map(tree_size, node.entries.values()))
    return size_of(node)
