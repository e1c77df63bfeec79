"""The kinds of apps."""

from __future__ import annotations

from fakekube.apis.apps import (
    controllerrevisions,
    daemonsets,
    deployments,
    replicasets,
    statefulsets,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    controllerrevisions.RESOURCE,
    daemonsets.RESOURCE,
    deployments.RESOURCE,
    replicasets.RESOURCE,
    statefulsets.RESOURCE,
)
"""In the order of discovery."""
