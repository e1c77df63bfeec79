"""The kinds of coordination.k8s.io."""

from __future__ import annotations

from fakekube.apis.coordination import (
    leases,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (leases.RESOURCE,)
"""In the order of discovery."""
