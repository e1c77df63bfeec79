"""Certificate signing requests: whoever sends one is who it is from."""

from __future__ import annotations

from fakekube.apis.certificates import certificatesigningrequests
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope


async def create(scope: Scope, request: Object, services: Services) -> Answer:
    """Create it in the name of the user who sends it."""
    request.setdefault("spec", {})
    certificatesigningrequests.sign(request, scope.user)
    return await services.registry.store(scope.resource).create(scope, request)


RESOURCE = certificatesigningrequests.RESOURCE
ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, create=create),)
