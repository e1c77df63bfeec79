"""The versions of the kinds of storage.k8s.io."""

from __future__ import annotations

from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Mutate, Validate, Version

GROUP = "storage.k8s.io"


def versions(
    kind: str, since: str, *, stored: str = "v1", defaults: Mutate | None = None, validate_v1: Validate | None = None
) -> tuple[Version, ...]:
    """v1, and v1beta1 which is deprecated since that release."""
    old = deprecated(f"{GROUP}/v1beta1", kind, since, "1.22", f"{GROUP}/v1")
    return (
        Version("v1", storage=stored == "v1", defaults=defaults, validate=validate_v1),
        Version("v1beta1", storage=stored == "v1beta1", until="1.22", defaults=defaults, deprecated=old),
    )
