"""The kinds of events.k8s.io."""

from __future__ import annotations

from fakekube.apis.events import (
    events,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (events.RESOURCE,)
"""In the order of discovery."""
