"""The kinds of apiregistration.k8s.io."""

from __future__ import annotations

from fakekube.apis.apiregistration import (
    apiservices,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (apiservices.RESOURCE,)
"""In the order of discovery."""
