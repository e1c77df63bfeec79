"""The kinds of autoscaling."""

from __future__ import annotations

from fakekube.apis.autoscaling import (
    horizontalpodautoscalers,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (horizontalpodautoscalers.RESOURCE,)
"""In the order of discovery."""
