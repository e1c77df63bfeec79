"""The controllers of CustomResourceDefinitions: names, conditions, establishing, and the end of their objects.

On the real server five small controllers of the API server itself do this, one write each. Follows
apiextensions-apiserver's controller/{status,establish,nonstructuralschema,apiapproval,finalizer} of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.apiextensions.customresourcedefinitions import CLEANUP
from fakekube.apis.apiextensions.customresourcedefinitions import RESOURCE as DEFINITIONS
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.garbage import Lookup
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader

NAME = "customresourcedefinitions"
POLL = 1.0
"""Seconds between looks at whether all objects have gone."""


def controller(lookup: Lookup) -> Controller:
    """`lookup` finds the resource that a definition serves."""

    async def reconcile(name: Key, api: Client) -> float | None:
        definition = api.get(DEFINITIONS, name)
        if definition is None:
            return None
        if "deletionTimestamp" in definition["metadata"]:
            return await _finish(definition, lookup, api)
        await _judge(definition, api)
        return None

    return Controller(NAME, (Watch(DEFINITIONS, group_of),), reconcile, manager="kube-apiserver")


def group_of(definition: Object, api: Reader) -> Iterable[Key]:
    """All definitions of the group: a name that one gives up is free for the others."""
    group = definition["spec"]["group"]
    others = api.list(DEFINITIONS, matches=lambda other: bool(other["spec"]["group"] == group))
    return dict.fromkeys([key_of(definition), *(key_of(other) for other in others)])


async def _judge(definition: Object, api: Client) -> None:
    """One step at a time, each written, as the real controllers do."""
    from fakekube.apis.apiextensions import naming, versions

    now = format_time(api.clock.now())
    shown = versions.to_v1(definition)
    others = [
        other
        for other in api.list(DEFINITIONS)
        if other["spec"]["group"] == definition["spec"]["group"] and key_of(other) != key_of(definition)
    ]
    changes = (
        naming.structured(shown, now),
        naming.approved(shown, now),
        naming.named(shown, others, now),
        naming.established(shown, now),
    )
    for changed in changes:
        if changed["status"] != shown["status"]:
            await api.update(DEFINITIONS, {**definition, "status": changed["status"]}, "status")
            return


async def _finish(definition: Object, lookup: Lookup, api: Client) -> float | None:
    """Delete what is left of the definition's objects, then let it go."""
    from fakekube.apis.apiextensions import naming

    if CLEANUP not in definition["metadata"].get("finalizers", ()):
        return None
    now = format_time(api.clock.now())
    told = naming.condition(
        "Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"
    )
    if naming.differs(definition, told):
        shown = naming.with_conditions(definition, [told], now)
        await api.update(DEFINITIONS, shown, "status")
        return None
    if naming.is_true(definition, "Established"):
        resource = _resource(definition, lookup)
        if resource is not None and await _delete_all(resource, api):
            return POLL
    await _release(definition, api)
    return None


def _resource(definition: Object, lookup: Lookup) -> Resource | None:
    spec = definition["spec"]
    kinds = [f"{spec['group']}/{version['name']}" for version in spec["versions"] if version.get("served")]
    found = (lookup(version, spec["names"]["kind"]) for version in kinds)
    return next((resource for resource in found if resource is not None and resource.custom), None)


async def _delete_all(resource: Resource, api: Client) -> bool:
    """Delete every object; tells whether some are held."""
    for obj in api.list(resource):
        if "deletionTimestamp" not in obj["metadata"]:
            try:
                await api.delete(resource, key_of(obj))
            except StatusError as error:
                if error.reason != "NotFound":
                    raise
    return bool(api.list(resource))


async def _release(definition: Object, api: Client) -> None:
    metadata = definition["metadata"]
    kept = [name for name in metadata["finalizers"] if name != CLEANUP]
    await api.patch(DEFINITIONS, key_of(definition), {"metadata": {"finalizers": kept or None}})
