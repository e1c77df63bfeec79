"""The kinds of storage.k8s.io."""

from __future__ import annotations

from fakekube.apis.resource import Resource
from fakekube.apis.storage import (
    csidrivers,
    csinodes,
    storageclasses,
    volumeattachments,
)

RESOURCES: tuple[Resource, ...] = (
    csidrivers.RESOURCE,
    csinodes.RESOURCE,
    storageclasses.RESOURCE,
    volumeattachments.RESOURCE,
)
"""In the order of discovery."""
