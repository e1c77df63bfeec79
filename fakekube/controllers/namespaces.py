"""The namespace controller: empties a namespace that is being deleted, tells what remains, and lets it go.

Follows pkg/controller/namespace of v1.20.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.conditions import conditions_of, differ, find, made
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import finalizers_of, is_deleted, key, namespace_of, revised
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time, parse_time
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader

Kinds = Callable[[], Iterable[Resource]]
"""All stored resources that are served now, those of definitions included."""

FINALIZER = "kubernetes"
GRACE = 5.0
"""Seconds for which a namespace is left alone, so that writes under way end before its content goes."""
FINALIZER_ESTIMATE = 15

ERRORS_BY_TYPE = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}
"""type -> (reason, message) while all is well; in the order in which they are written."""


class Remains(Struct):
    """What is left after an attempt to delete everything."""

    errors: list[str] = field(default_factory=list)
    objects: Counter[str] = field(default_factory=Counter)
    """By "plural.group"."""
    finalizers: Counter[str] = field(default_factory=Counter)
    estimate: int = 0
    """Seconds until it may be gone."""


def take_stock(remains: Remains, resource: Resource, left: Sequence[Object], estimate: int, namespace: str) -> None:
    """Add what one resource has left to the remains."""
    if not left:
        return
    finalizers = Counter(finalizer for obj in left for finalizer in finalizers_of(obj))
    remains.objects[f"{resource.plural}.{resource.group}"] += len(left)
    remains.finalizers.update(finalizers)
    remains.estimate = max(remains.estimate, estimate or (FINALIZER_ESTIMATE if finalizers else 0))
    if not estimate and not finalizers:
        gvr = f"{resource.group}/{resource.storage_version.name}, Resource={resource.plural}"
        remains.errors.append(f"unexpected items still remain in namespace: {namespace} for gvr: {gvr}")


def troubles(remains: Remains) -> dict[str, tuple[str, str]]:
    """type -> (reason, message) of the conditions that are not well."""
    found = {}
    if remains.errors:
        text = f"Failed to delete all resource types, {len(remains.errors)} remaining: "
        found["NamespaceDeletionContentFailure"] = ("ContentDeletionFailed", text + ", ".join(sorted(remains.errors)))
    if remains.objects:
        parts = sorted(f"{name} has {count} resource instances" for name, count in remains.objects.items())
        text = f"Some resources are remaining: {', '.join(parts)}"
        found["NamespaceContentRemaining"] = ("SomeResourcesRemain", text)
    if remains.finalizers:
        parts = sorted(f"{name} in {count} resource instances" for name, count in remains.finalizers.items())
        text = f"Some content in the namespace has finalizers remaining: {', '.join(parts)}"
        found["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", text)
    return found


def plan_conditions(current: Sequence[Object], remains: Remains, now: str) -> list[Object]:
    """The conditions after this attempt; a transition time moves with the status only."""
    bad = troubles(remains)
    result = list(current)
    for type_, well in ERRORS_BY_TYPE.items():
        status = "True" if type_ in bad else "False"
        new = made(type_, status, *bad.get(type_, well), lastTransitionTime=now)
        old = find(result, type_)
        if old is None:
            result.append(new)
        elif differ(old, new):
            if old["status"] == status:
                new["lastTransitionTime"] = old.get("lastTransitionTime")
            result[result.index(old)] = new
    return result


def pod_estimate(pods: Iterable[Object], elapsed: float) -> int:
    """Seconds that the pods may need to end; 0 once they have had them."""
    graces = [
        pod["spec"].get("terminationGracePeriodSeconds", 0)
        for pod in pods
        if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")
    ]
    estimate: int = max(graces, default=0)
    return 0 if elapsed >= estimate else estimate


class NamespaceDeleter:
    """Carries out the deletion of namespaces."""

    def __init__(self, kinds: Kinds, grace: float = GRACE) -> None:
        self._kinds = kinds
        self._grace = grace

    def listen(self, changes: Changes, add: Callable[[Key], None]) -> None:
        """Whenever something goes out of a namespace, its deletion may go on."""
        terminating: set[str] = set()

        def follow(_: Object | None, new: Object | None) -> None:
            if new is not None and is_deleted(new):
                terminating.add(key(new).name)
            elif _ is not None and new is None:
                terminating.discard(key(_).name)

        def gone(_: Resource, old: Object | None, new: Object | None) -> None:
            if terminating and new is None and old is not None and namespace_of(old) in terminating:
                add(Key("", namespace_of(old)))

        changes.subscribe(NAMESPACES, follow)
        changes.subscribe_all(gone)

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Delete the content of a namespace that is being deleted, and finalize it when it is empty."""
        namespace = api.get(NAMESPACES, name)
        if namespace is None or not is_deleted(namespace):
            return None
        elapsed = api.clock.now() - parse_time(namespace["metadata"]["deletionTimestamp"])
        if elapsed < self._grace:
            return self._grace - elapsed
        if FINALIZER not in namespace["spec"].get("finalizers", ()):
            return None
        remains = await self._delete_content(name.name, elapsed, api)
        namespace = await self._write_conditions(name, remains, api)
        if namespace is not None and not remains.objects and not remains.errors:
            await _finalize(namespace, api)
            return None
        return remains.estimate / 2 + 1

    async def _delete_content(self, namespace: str, elapsed: float, api: Client) -> Remains:
        remains = Remains()
        for resource in self._kinds():
            if not resource.namespaced or not resource.stored or "delete" not in resource.verbs:
                continue
            estimate = pod_estimate(api.list(PODS, namespace), elapsed) if resource is PODS else 0
            try:
                await _delete_all(resource, namespace, api)
            except StatusError as error:
                remains.errors.append(error.message)
                remains.estimate = max(remains.estimate, estimate)
                continue
            take_stock(remains, resource, api.list(resource, namespace), estimate, namespace)
        return remains

    async def _write_conditions(self, name: Key, remains: Remains, api: Client) -> Object | None:
        namespace = api.get(NAMESPACES, name)
        if namespace is None:
            return None
        conditions = plan_conditions(conditions_of(namespace), remains, format_time(api.clock.now()))
        if conditions == conditions_of(namespace):
            return namespace
        status = {**namespace.get("status", {}), "conditions": conditions}
        return await api.update(NAMESPACES, revised(namespace, status=status), "status")


async def _delete_all(resource: Resource, namespace: str, api: Client) -> None:
    for obj in list(api.list(resource, namespace)):
        try:
            await api.delete(resource, key(obj), propagation="Background")
        except StatusError as error:
            raise_unless(error, "NotFound", "Conflict")


async def _finalize(namespace: Object, api: Client) -> None:
    kept = sorted(finalizer for finalizer in namespace["spec"]["finalizers"] if finalizer != FINALIZER)
    spec = {**namespace["spec"], "finalizers": kept}
    try:
        await api.update(NAMESPACES, revised(namespace, spec=spec), "finalize")
    except StatusError as error:
        raise_unless(error, "NotFound")


def _if_deleted(namespace: Object, _: Reader) -> Iterable[Key]:
    return (key(namespace),) if is_deleted(namespace) else ()


def controller(kinds: Kinds, grace: float = GRACE) -> Controller:
    """The namespace controller over these kinds."""
    deleter = NamespaceDeleter(kinds, grace)
    return Controller(
        "namespace-controller",
        (Watch(NAMESPACES, _if_deleted),),
        deleter.reconcile,
        workers=10,
        listen=deleter.listen,
    )
