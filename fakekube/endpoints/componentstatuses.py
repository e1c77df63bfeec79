"""The state of the control plane's parts, which are all one process here. Follows registry/core/componentstatus."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.apis.core.componentstatuses import RESOURCE
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope

PARTS = {"scheduler": "ok", "controller-manager": "ok", "etcd-0": '{"health":"true"}'}
"""What their health checks answer."""


def component(name: str) -> Object:
    """A part that is well."""
    return {
        "kind": RESOURCE.kind,
        "apiVersion": "v1",
        "metadata": {"name": name, "creationTimestamp": None},
        "conditions": [{"type": "Healthy", "status": "True", "message": PARTS[name]}],
    }


async def get(scope: Scope, services: Services) -> Answer:
    """One of them. Raises 500 where there is none, as the real server does."""
    if scope.name not in PARTS:
        raise status.StatusError(status.failure(500, "", f"Component not found: {scope.name}"))
    return component(scope.name)


async def list_(services: Services) -> Sequence[Object]:
    """All of them."""
    return [component(name) for name in PARTS]


ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, get=get, list=list_),)
