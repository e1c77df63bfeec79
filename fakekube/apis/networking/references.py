"""References to objects of the same namespace, or to cluster-scoped ones. Follows pkg/apis/networking/validation."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.checks import breaches
from fakekube.machinery.fielderrors import FieldError, Path, required
from fakekube.machinery.names import dns_subdomain, path_segment
from fakekube.machinery.objects import Object


def validate_reference(reference: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the group, the kind and the name."""
    if (group := reference.get("apiGroup")) is not None:
        yield from breaches(group, path / "apiGroup", dns_subdomain)
    for name in ("kind", "name"):
        if value := reference.get(name):
            yield from breaches(value, path / name, path_segment)
        else:
            yield required(path / name, f"{name} is required")
