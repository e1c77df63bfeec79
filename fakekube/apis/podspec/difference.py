"""Whether and how two pod specs or templates differ, as the server sees it, which compares and prints internal types.

Imported only where objects are not plainly equal.
"""

from __future__ import annotations

from fakekube.apis.difference import difference, same
from fakekube.machinery.objects import Object

MOVED = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
"""Fields of the public spec that the internal security context has."""


def _internal(spec: Object) -> Object:
    moved = {name: spec[name] for name in MOVED if name in spec}
    return {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}}


def spec_difference(new: Object, old: Object) -> str:
    """The difference as text, "" where the server sees none: nil or empty, 1 or 1000m."""
    return difference(_internal(new), _internal(old), "core.PodSpec")


def same_pod_template(new: Object, old: Object) -> bool:
    """Whether the server sees no difference between two templates; for kinds whose template stays as it is."""
    return new == old or same(internal_template(new), internal_template(old), "core.PodTemplateSpec")


def internal_template(template: Object) -> Object:
    """A template with its fields where the server's internal type has them, as messages print it."""
    return {**template, "spec": _internal(template.get("spec") or {})}
