"""What a cluster serves: resources by any of their names, and their paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from msgspec import Struct

from fakekube.cli.connected import ask
from fakekube.cli.connection import Connection
from fakekube.machinery.objects import Object

ANY = "*any"
"""Stands for the first group that has a resource of some name."""


class Known(Struct, frozen=True):
    """A resource or subresource that the server has."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    verbs: tuple[str, ...]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Of its objects, all or those of one namespace, or of one of them."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        place = f"/namespaces/{quote(namespace)}" if namespace and self.namespaced else ""
        return f"{root}{place}/{self.plural}" + (f"/{quote(name)}" if name else "")


Index = Mapping[tuple[str, str], Known]
"""(name, group) -> resource; the group may be ANY."""


def discover(connection: Connection) -> Index:
    """All that the cluster lists. Raises Refused, ConnectionProblem."""
    return index_of(_lists(connection))


def index_of(lists: Iterable[tuple[str, Object]]) -> Index:
    """Of (group, APIResourceList); names are plurals, singulars, kinds in lower case and short names."""
    index: dict[tuple[str, str], Known] = {}
    for group, document in lists:
        version = str(document.get("groupVersion", "")).rpartition("/")[2]
        for entry in document.get("resources") or ():
            known = _known(group, version, entry)
            for name in _names(entry):
                index.setdefault((name, ANY), known)
                index.setdefault((name, group), known)
    return index


def _known(group: str, version: str, entry: Object) -> Known:
    verbs = tuple(entry.get("verbs") or ())
    return Known(group, version, entry["name"], str(entry.get("kind", "")), bool(entry.get("namespaced")), verbs)


def _names(entry: Object) -> Iterator[str]:
    yield entry["name"]
    yield from filter(None, (entry.get("singularName", ""), *(entry.get("shortNames") or ())))
    if "/" not in entry["name"]:
        yield str(entry.get("kind", "")).lower()


def find(index: Index, name: str, subresource: str = "") -> Known | None:
    """A resource such as "po", "deployment" or "ingresses.extensions", or a subresource of it."""
    wanted, _, group = name.lower().partition(".")
    known = index.get((wanted, group or ANY))
    if known is not None and subresource:
        return index.get((f"{known.plural}/{subresource}", known.group))
    return known


def _lists(connection: Connection) -> Iterator[tuple[str, Object]]:
    """The resource lists of every group's preferred version, the core group's first."""
    yield "", ask(connection, "GET", "/api/v1")
    for group in ask(connection, "GET", "/apis").get("groups") or ():
        yield group["name"], ask(connection, "GET", f"/apis/{group['preferredVersion']['groupVersion']}")
