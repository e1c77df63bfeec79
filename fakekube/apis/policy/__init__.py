"""The kinds of policy."""

from __future__ import annotations

from fakekube.apis.policy import (
    poddisruptionbudgets,
    podsecuritypolicies,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    poddisruptionbudgets.RESOURCE,
    podsecuritypolicies.RESOURCE,
)
"""In the order of discovery."""
