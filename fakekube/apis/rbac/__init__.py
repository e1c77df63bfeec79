"""The kinds of rbac.authorization.k8s.io."""

from __future__ import annotations

from fakekube.apis.rbac import (
    clusterrolebindings,
    clusterroles,
    rolebindings,
    roles,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    clusterrolebindings.RESOURCE,
    clusterroles.RESOURCE,
    rolebindings.RESOURCE,
    roles.RESOURCE,
)
"""In the order of discovery."""
