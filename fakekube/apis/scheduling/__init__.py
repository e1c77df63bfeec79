"""The kinds of scheduling.k8s.io."""

from __future__ import annotations

from fakekube.apis.resource import Resource
from fakekube.apis.scheduling import (
    priorityclasses,
)

RESOURCES: tuple[Resource, ...] = (priorityclasses.RESOURCE,)
"""In the order of discovery."""
