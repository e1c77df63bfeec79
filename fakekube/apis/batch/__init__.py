"""The kinds of batch."""

from __future__ import annotations

from fakekube.apis.batch import (
    cronjobs,
    jobs,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    jobs.RESOURCE,
    cronjobs.RESOURCE,
)
"""In the order of discovery."""
