"""Roles and bindings: the generic store, behind the check that nobody grants more than they have."""

from __future__ import annotations

from fakekube.apis.rbac import RESOURCES
from fakekube.authz.escalation import check_escalation
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make


async def create(scope: Scope, obj: Object, services: Services) -> Answer:
    """Create it, if the user may grant what it grants."""
    await _check(scope, obj, None, "", services)  # a create's request has no name yet
    return await services.registry.store(scope.resource).create(scope, obj)


async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
    """Update or patch it, if the user may grant what the result grants."""

    async def checked(current: Object | None) -> Object:
        new = await make(current)
        await _check(scope, new, current, scope.name, services)
        return new

    return await services.registry.store(scope.resource).update(scope, checked)


async def _check(scope: Scope, new: Object, old: Object | None, name: str, services: Services) -> None:
    await check_escalation(
        scope.resource,
        new,
        old,
        user=scope.user,
        name=name,
        namespace=scope.namespace,
        authorizer=services.authorizer,
    )


ENDPOINTS = tuple(Endpoint(resource.group, resource.plural, create=create, update=update) for resource in RESOURCES)
