"""The kinds of discovery.k8s.io."""

from __future__ import annotations

from fakekube.apis.discovery import (
    endpointslices,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (endpointslices.RESOURCE,)
"""In the order of discovery."""
