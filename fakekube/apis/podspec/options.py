"""What validation of a pod spec depends on besides the spec."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fakekube.apis.podspec.downward import HUGE_PAGES
from fakekube.machinery.objects import Object


class Options(Struct, frozen=True):
    """What an update tolerates because the old object has it already."""

    downward_huge_pages: bool = False
    """References to limits.hugepages-* and requests.hugepages-*; the feature is off in v1.20."""


DEFAULT_OPTIONS = Options()


class Context(Struct, frozen=True):
    """What the checks of a container look at."""

    volumes: dict[str, Object]
    """The pod's valid volumes by name."""
    options: Options = DEFAULT_OPTIONS


def options_for(old: Object | None) -> Options:
    """The options of an update of the spec `old`."""
    return Options(downward_huge_pages=True) if old and _uses_huge_pages(old) else DEFAULT_OPTIONS


def _uses_huge_pages(spec: Object) -> bool:
    references: list[Any] = [
        item.get("resourceFieldRef")
        for volume in spec.get("volumes") or ()
        for item in (volume.get("downwardAPI") or {}).get("items") or ()
    ]
    references += [
        (variable.get("valueFrom") or {}).get("resourceFieldRef")
        for name in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(name) or ()
        for variable in container.get("env") or ()
    ]
    return any(reference and reference.get("resource", "").startswith(HUGE_PAGES) for reference in references)
