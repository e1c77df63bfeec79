"""Every kind of a release, and the custom resources that join it at run time."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis import (
    admissionregistration,
    apiextensions,
    apiregistration,
    apps,
    authentication,
    authorization,
    autoscaling,
    batch,
    certificates,
    coordination,
    core,
    discovery,
    events,
    extensions,
    flowcontrol,
    networking,
    node,
    policy,
    rbac,
    scheduling,
    sim,
    storage,
)
from fakekube.apis.resource import Resource, Version

GROUPS = (
    core,
    apiregistration,
    apps,
    events,
    authentication,
    authorization,
    autoscaling,
    batch,
    certificates,
    networking,
    extensions,
    policy,
    rbac,
    storage,
    admissionregistration,
    apiextensions,
    scheduling,
    coordination,
    node,
    discovery,
    flowcontrol,
    sim,
)
"""In the order in which /apis lists them; the simulation's own group comes last, if it is listed at all."""
LEGACY = ""
"""The name of the core group, which is served under /api."""


class Catalog:
    """Resources by their names. Groups keep the order in which they were added."""

    def __init__(self, resources: Iterable[Resource], release: tuple[int, int], unlisted: Iterable[str] = ()) -> None:
        """Groups that are `unlisted` are served, but no document says so."""
        self.release = release
        self._unlisted = frozenset(unlisted)
        self._resources = {(resource.group, resource.plural): resource for resource in resources}
        self._versions: dict[str, list[str]] = {}
        self._fixed: frozenset[str] = frozenset()
        for group in dict.fromkeys(resource.group for resource in self._resources.values()):
            self._refresh(group)
        self._fixed = frozenset(self._versions)

    @property
    def resources(self) -> list[Resource]:
        """All of them, in order."""
        return list(self._resources.values())

    @property
    def listed(self) -> list[Resource]:
        """Those that documents tell of."""
        return [resource for resource in self._resources.values() if resource.group not in self._unlisted]

    @property
    def groups(self) -> list[str]:
        """Groups in the order of discovery; the core group is ""."""
        listed = [group for group in self._versions if group not in self._unlisted]
        return [*(g for g in listed if g in self._fixed), *sorted(g for g in listed if g not in self._fixed)]

    def versions(self, group: str) -> list[str]:
        """The group's served versions in the order of preference."""
        return self._versions.get(group, [])

    def is_built_in(self, group: str) -> bool:
        """Whether the release has the group, served or not by definitions as well."""
        return group in self._fixed

    def add(self, resource: Resource) -> None:
        """Serve a resource, or serve it in another form."""
        self._resources[resource.group, resource.plural] = resource
        self._refresh(resource.group)

    def remove(self, group: str, plural: str) -> None:
        """Serve it no more."""
        self._resources.pop((group, plural), None)
        self._refresh(group)

    def in_group(self, group: str) -> list[Resource]:
        """The group's resources in order."""
        return [resource for resource in self._resources.values() if resource.group == group]

    def get(self, group: str, plural: str) -> Resource | None:
        """The resource of that name."""
        return self._resources.get((group, plural))

    def by_plural(self, group: str, version: str, plural: str) -> tuple[Resource, Version] | None:
        """What a path names, if that version is served."""
        resource = self._resources.get((group, plural))
        if resource is None:
            return None
        for served in resource.versions:
            if served.name == version and served.served(self.release):
                return resource, served
        return None

    def by_kind(self, group: str, version: str, kind: str) -> tuple[Resource, Version] | None:
        """What an apiVersion and kind name, if that version is served."""
        for resource in self._resources.values():
            if resource.group == group and resource.kind == kind:
                return self.by_plural(group, version, resource.plural)
        return None

    def lookup(self, version: str, kind: str) -> Resource | None:
        """The resource that an apiVersion ("apps/v1") and a kind name."""
        group, _, name = version.rpartition("/")
        found = self.by_kind(group, name, kind)
        return found[0] if found else None

    def _refresh(self, group: str) -> None:
        served = [v for r in self.in_group(group) for v in r.versions if v.served(self.release)]
        names = list(dict.fromkeys(version.name for version in served))
        if names:
            builtin = not self._fixed or group in self._fixed  # those list their versions in the order of preference
            self._versions[group] = names if builtin else sorted(names, key=version_order)
        else:
            self._versions.pop(group, None)


def version_order(name: str) -> tuple[int, int, int]:
    """Stable versions first, then beta, then alpha; higher numbers first (CompareKubeAwareVersionStrings)."""
    major, stage, minor = name.removeprefix("v"), 0, 0
    for rank, word in ((1, "beta"), (2, "alpha")):
        if word in name:
            major, _, rest = name.removeprefix("v").partition(word)
            stage, minor = rank, int(rest or 0)
    return stage, -int(major), -minor


def builtin(release: str = "1.20", *, advertise_simulation: bool = False) -> Catalog:
    """What a release serves without custom resources, and the simulation's own group."""
    major, _, minor = release.partition(".")
    number = int(major), int(minor)
    found = (resource for group in GROUPS for resource in group.RESOURCES)
    unlisted = () if advertise_simulation else (sim.GROUP,)
    return Catalog((r for r in found if any(v.served(number) for v in r.versions)), number, unlisted)
