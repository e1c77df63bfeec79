"""Certificate signing requests carry who sent them. Follows pkg/registry/certificates/certificates/strategy.go."""

from __future__ import annotations

from fakekube.apis.certificates.certificatesigningrequests import RESOURCE
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope


async def create(scope: Scope, obj: Object, services: Services) -> Answer:
    """Create it in the user's name, whatever the body says of that."""
    user = scope.user
    spec = {k: v for k, v in obj.get("spec", {}).items() if k not in ("username", "uid", "groups", "extra")}
    sender = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra.items()},
    }
    obj["spec"] = {**spec, **{key: value for key, value in sender.items() if value}}
    return await services.registry.store(scope.resource).create(scope, obj)


ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, create=create),)
