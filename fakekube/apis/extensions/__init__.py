"""The kinds of extensions."""

from __future__ import annotations

from fakekube.apis.extensions import (
    ingresses,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (ingresses.RESOURCE,)
"""In the order of discovery."""
