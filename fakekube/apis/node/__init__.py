"""The kinds of node.k8s.io."""

from __future__ import annotations

from fakekube.apis.node import (
    runtimeclasses,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (runtimeclasses.RESOURCE,)
"""In the order of discovery."""
