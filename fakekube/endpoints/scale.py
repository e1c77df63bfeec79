"""The scale subresource: the replicas of a workload, as an object of autoscaling/v1.

Follows ScaleREST of pkg/registry/{apps,core} and ValidateScale of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from fakekube.apis import again, meta
from fakekube.apis.apps import deployments, replicasets, statefulsets
from fakekube.apis.core import replicationcontrollers
from fakekube.apis.resource import Resource
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import selectors, status
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import UPDATE
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make

GROUP = "autoscaling"
SHOWN = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
"""The metadata that a Scale has of its workload."""
SelectorText = Callable[[Object], str]
Shown = Callable[[Object], Object]
Scaled = Callable[[Object, int], Object]


def scale_of(workload: Object, selector: str) -> Object:
    """The Scale of a workload."""
    metadata = {name: workload["metadata"][name] for name in SHOWN if name in workload["metadata"]}
    spec, count = workload.get("spec", {}), workload.get("status", {}).get("replicas", 0)
    replicas = spec.get("replicas", 0)
    return {
        "kind": "Scale",
        "apiVersion": f"{GROUP}/v1",
        "metadata": metadata,
        "spec": {"replicas": replicas} if replicas else {},
        "status": {"replicas": count, "selector": selector} if selector else {"replicas": count},
    }


def validate(scale: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a Scale that a client sent."""
    yield from meta.validate_object_meta(scale["metadata"], True, dns_subdomain)
    yield from again.created(scale)
    if (replicas := scale.get("spec", {}).get("replicas", 0)) < 0:
        yield invalid(Path("spec") / "replicas", replicas, "must be greater than or equal to 0")


def workload_endpoint(resource: Resource, selector: SelectorText) -> Endpoint:
    """The scale of a resource that keeps its replicas in spec.replicas; `selector` gives the text of its selector."""

    def shown(workload: Object) -> Object:
        return scale_of(workload, selector(workload))

    def scaled(workload: Object, replicas: int) -> Object:
        return {**workload, "spec": {**workload["spec"], "replicas": replicas}}

    return endpoint(resource, shown, scaled)


def endpoint(resource: Resource, shown: Shown, scaled: Scaled, read: Shown | None = None) -> Endpoint:
    """The scale of any resource: `shown` gives that of an object, `scaled` a copy with another number of replicas.

    `read` is what a GET gives, where that is not the same.
    """
    absent = resource.plural if resource.custom else f"{resource.plural}/scale"

    async def get(scope: Scope, services: Services) -> Answer:
        entry = services.registry.store(resource).collection.get(scope.key)
        if entry is None:
            raise status.not_found(resource.group, absent, scope.name)
        return (read or shown)(entry.object)

    async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
        async def change(workload: Object | None) -> Object:
            if workload is None:
                raise status.not_found(resource.group, resource.plural, scope.name)
            before = shown(workload)
            scale = await make(before)
            attributes = await services.registry.admit(UPDATE, scope, scale, before)
            _check(scale, workload, scope)
            await services.registry.judge(attributes)
            changed = scaled(workload, scale.get("spec", {}).get("replicas", 0))
            return _revised(changed, scale, workload["metadata"]["resourceVersion"] if resource.custom else "")

        # Managed fields stay as they are: on the real server they are those of the Scale, which nobody keeps.
        whole = replace(scope, subresource="", applied=True, admitted=True)
        entry, _ = await services.registry.store(resource).update(whole, change)
        return shown(entry.object), False

    return Endpoint(resource.group, resource.plural, "scale", get=get, update=update)


def _check(scale: Object, workload: Object, scope: Scope) -> None:
    """Raises Invalid (422), Conflict (409)."""
    if not scope.resource.custom and (errors := list(validate(scale))):
        raise status.invalid(GROUP, "Scale", scope.name, errors)
    uid, own = scale["metadata"].get("uid"), workload["metadata"]["uid"]
    if uid and uid != own:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {own}"
        raise status.conflict(scope.resource.group, f"{scope.resource.plural}/scale", scope.name, why)


def _revised(workload: Object, scale: Object, unread: str) -> Object:
    """A copy of the workload with the Scale's resourceVersion; `unread` stands for none."""
    metadata: dict[str, Any] = {**workload["metadata"]}
    metadata["resourceVersion"] = scale["metadata"].get("resourceVersion") or unread
    return {**workload, "metadata": metadata}


def label_selector(workload: Object) -> str:
    """The text of a LabelSelector."""
    return str(selectors.from_object(workload["spec"].get("selector")))


def label_set(workload: Object) -> str:
    """The text of a selector that is a plain set of labels."""
    return str(selectors.from_set(workload["spec"].get("selector")))


ENDPOINTS = (
    *(workload_endpoint(kind.RESOURCE, label_selector) for kind in (deployments, replicasets, statefulsets)),
    workload_endpoint(replicationcontrollers.RESOURCE, label_set),
)
