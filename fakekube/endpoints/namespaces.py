"""Deleting a namespace takes two steps. Follows REST.Delete of pkg/registry/core/namespace/storage.

The first DELETE only lets it end: its controller empties it, and takes its finalizer away when that is done.
"""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.apis.core.namespaces import RESOURCE, held
from fakekube.endpoints.endpoint import Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope

PRECONDITIONS = {"uid": "UID", "resourceVersion": "ResourceVersion"}


async def delete(scope: Scope, services: Services) -> tuple[Object, bool]:
    """Let it end, or take it away if it has ended. Raises NotFound (404), Conflict (409)."""
    store = services.registry.store(RESOURCE)
    namespace = store.get(scope).object
    _check(scope, namespace["metadata"])
    if "deletionTimestamp" in namespace["metadata"] and held(namespace):
        return namespace, False
    options = scope.options
    if options.get("orphanDependents") is False and "deletionTimestamp" not in namespace["metadata"]:
        options = {name: value for name, value in options.items() if name != "orphanDependents"}
        options["propagationPolicy"] = "Foreground"
    return await store.delete(replace(scope, options=options))


def _check(scope: Scope, metadata: Object) -> None:
    wanted = scope.options.get("preconditions") or {}
    for field, name in PRECONDITIONS.items():
        value = wanted.get(field)
        if value is not None and value != metadata[field]:
            why = f"Precondition failed: {name} in precondition: {value}, {name} in object meta: {metadata[field]}"
            raise status.conflict(RESOURCE.group, RESOURCE.plural, scope.name, why)


ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, delete=delete),)
