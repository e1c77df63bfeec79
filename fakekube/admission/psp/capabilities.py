"""Capabilities: those added by default, those that must be dropped, those that may be added."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

ANY = "*"


def default(spec: Object, capabilities: Object | None) -> Object | None:
    """What a container's capabilities become; the very same ones where nothing is missing.

    A capability that the policy adds by default is left out where the container drops it.
    """
    given = capabilities or {}
    added, dropped = set(given.get("add") or ()), set(given.get("drop") or ())
    all_added = added | (set(spec.get("defaultAddCapabilities") or ()) - dropped)
    all_dropped = dropped | set(spec.get("requiredDropCapabilities") or ())
    if len(all_added) == len(added) and len(all_dropped) == len(dropped):
        return capabilities
    lists = {"add": sorted(all_added), "drop": sorted(all_dropped)}
    return {name: names for name, names in lists.items() if names}


def check(spec: Object, capabilities: Object | None, path: Path) -> Iterator[FieldError]:
    """Judge what a container adds and drops."""
    added = spec.get("defaultAddCapabilities") or ()
    dropped = spec.get("requiredDropCapabilities") or ()
    allowed = spec.get("allowedCapabilities") or ()
    if capabilities is None:
        if added or dropped:
            shown = Go(None, "*core.Capabilities")
            yield invalid(path, shown, "required capabilities are not set on the securityContext")
        return
    if ANY in allowed:
        return
    for name in capabilities.get("add") or ():
        if name not in added and name not in allowed:
            yield invalid(path / "add", name, "capability may not be added")
    given = capabilities.get("drop")
    for name in dropped:
        if name not in (given or ()):
            shown = Go(given, "[]core.Capability")
            yield invalid(path / "drop", shown, f"{name} is required to be dropped but was not found")
