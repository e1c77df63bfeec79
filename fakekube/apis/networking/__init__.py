"""The kinds of networking.k8s.io."""

from __future__ import annotations

from fakekube.apis.networking import (
    ingressclasses,
    ingresses,
    networkpolicies,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    ingressclasses.RESOURCE,
    ingresses.RESOURCE,
    networkpolicies.RESOURCE,
)
"""In the order of discovery."""
