"""Ingress as extensions still serves it; the objects are those of networking.k8s.io."""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.apis.networking import ingresses
from fakekube.apis.resource import Version

GROUP = "extensions"
KEPT = Version("v1", storage=True, until="1.0")
"""What the objects look like inside; extensions has never served it."""

RESOURCE = replace(
    ingresses.RESOURCE,
    group=GROUP,
    versions=(ingresses.beta(GROUP, "1.14"), KEPT),
    stored_under=ingresses.GROUP,
)
