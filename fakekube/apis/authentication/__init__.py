"""The kinds of authentication.k8s.io."""

from __future__ import annotations

from fakekube.apis.authentication import (
    tokenreviews,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (tokenreviews.RESOURCE,)
"""In the order of discovery."""
