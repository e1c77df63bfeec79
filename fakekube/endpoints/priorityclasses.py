"""System priority classes cannot be deleted. Follows pkg/registry/scheduling/priorityclass/storage."""

from __future__ import annotations

from fakekube.apis.scheduling.priorityclasses import RESOURCE
from fakekube.endpoints.endpoint import Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope

SYSTEM = frozenset({"system-node-critical", "system-cluster-critical"})


async def delete(scope: Scope, services: Services) -> tuple[Object, bool]:
    """Delete it, unless the system needs it. Raises Forbidden (403)."""
    if scope.name in SYSTEM:
        why = "this is a system priority class and cannot be deleted"
        raise status.forbidden(RESOURCE.group, RESOURCE.plural, scope.name, why)
    return await services.registry.store(RESOURCE).delete(scope)


ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, delete=delete),)
