"""The kinds of certificates.k8s.io."""

from __future__ import annotations

from fakekube.apis.certificates import (
    certificatesigningrequests,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (certificatesigningrequests.RESOURCE,)
"""In the order of discovery."""
