"""Roles and bindings: the generic store, behind the check that nobody grants more than they have."""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.apis.rbac import RESOURCES
from fakekube.authz.escalation import check_escalation
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Judge, Scope
from fakekube.registry.store import Make


async def create(scope: Scope, obj: Object, services: Services) -> Answer:
    """Create it, if the user may grant what it grants."""
    judged = replace(scope, judge=_judge(scope, "", services))  # a create's request has no name yet
    return await services.registry.store(scope.resource).create(judged, obj)


async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
    """Update or patch it, if the user may grant what the result grants."""
    judged = replace(scope, judge=_judge(scope, scope.name, services))
    return await services.registry.store(scope.resource).update(judged, make)


def _judge(scope: Scope, name: str, services: Services) -> Judge:
    async def judge(new: Object, old: Object | None) -> None:
        await check_escalation(
            scope.resource,
            new,
            old,
            user=scope.user,
            name=name,
            namespace=scope.namespace,
            authorizer=services.authorizer,
        )

    return judge


ENDPOINTS = tuple(Endpoint(resource.group, resource.plural, create=create, update=update) for resource in RESOURCES)
