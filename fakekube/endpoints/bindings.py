"""Binding pods to nodes. Follows BindingREST of pkg/registry/core/pod/storage."""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods import binding as rules
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope


async def create(scope: Scope, binding: Object, services: Services) -> Answer:
    """POST to pods/NAME/binding. Raises BadRequest (400), NotFound (404), Conflict (409), 500 for a bad target."""
    attributes = await services.registry.admit(CREATE, scope, binding)
    if binding["metadata"].get("name", "") != scope.name:
        raise status.bad_request("name in URL does not match name in Binding object")
    return await bind(scope, binding, services.registry, attributes)


async def create_at_collection(scope: Scope, binding: Object, services: Services) -> Answer:
    """POST to bindings: the pod is the one that the binding names."""
    attributes = await services.registry.admit(CREATE, scope, binding)
    name = binding["metadata"].get("name", "")
    if not name:
        raise status.bad_request("Name parameter required.")
    return await bind(replace(scope, name=name), binding, services.registry, attributes)


async def bind(scope: Scope, binding: Object, registry: Registry, attributes: Attributes | None = None) -> Object:
    """Give the pod its node; the answer is a Status. `attributes` are those of a request. Raises StatusError."""
    errors = [str(error) for error in rules.validate_binding(binding)]
    if errors:
        text = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        raise status.StatusError(status.failure(500, "", text))
    if attributes is None:
        attributes = await registry.admit(CREATE, scope, binding)
    await registry.judge(attributes)

    async def make(pod: Object | None) -> Object:
        if pod is None:
            raise status.not_found("", "pods", scope.name)
        try:
            return rules.bound(pod, binding, registry.clock.now())
        except rules.NotAssignable as error:
            raise status.conflict("", "pods/binding", scope.name, str(error)) from None

    on_pod = replace(  # the pod's managedFields stay as they are
        scope, resource=PODS, version=PODS.storage_version, subresource="binding", admitted=True, applied=True
    )
    await registry.store(PODS).update(on_pod, make)
    return {**status.success(), "code": 201}


ENDPOINTS = (
    Endpoint("", "pods", "binding", create=create),
    Endpoint("", "bindings", create=create_at_collection),
)
