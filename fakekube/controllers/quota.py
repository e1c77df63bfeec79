"""The resource-quota controller: counts what is used of each quota. Follows pkg/controller/resourcequota of v1.20.

Admission charges what is created; this counts anew when a quota changes, when something goes, and now and then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from fakekube.apis.core.resourcequotas import RESOURCE as QUOTAS
from fakekube.apis.quota import amounts
from fakekube.apis.quota.evaluators import Evaluator, evaluator_of, is_charged, service_type
from fakekube.apis.quota.usage import Listed, usage_of
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Controller
from fakekube.controllers.shared.objects import key, namespace_of, revised
from fakekube.machinery.objects import Key, Object
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader

Kinds = Callable[[], Iterable[Resource]]
RESYNC = 300.0
QUOTABLE = frozenset({"create", "list", "watch", "delete"})
"""The verbs that a resource has to have to be counted."""


def status_of(quota: Object, used: amounts.Amounts) -> Object:
    """The status that a quota shall have; what nothing measures any more keeps its last value."""
    hard = amounts.read(quota["spec"].get("hard"))
    before = amounts.read((quota.get("status") or {}).get("used"))
    return {"hard": amounts.written(hard), "used": amounts.written(amounts.only({**before, **used}, hard))}


def is_current(quota: Object, status: Object) -> bool:
    """Whether the quota has that status, however its amounts are written."""
    now = quota.get("status") or {}
    return all(name in now and amounts.read(now[name]) == amounts.read(status[name]) for name in ("hard", "used"))


def quotable(resource: Resource) -> bool:
    """Whether there can be a quota for it."""
    return resource.namespaced and resource.stored and {*resource.verbs} >= QUOTABLE


def frees(resource: Resource, old: Object, new: Object | None) -> bool:
    """Whether the change may leave less in use than before; that a pod is overdue in ending is no change."""
    if new is None:
        return True
    if resource.qualified == "pods":
        return is_charged(old, 0) and not is_charged(new, 0)
    return resource.qualified == "services" and service_type(old) != service_type(new)


class _Watcher:
    """Follows all resources, and knows which quotas limit what in which namespace."""

    def __init__(self) -> None:
        self._limits: dict[Key, frozenset[str]] = {}

    def listen(self, changes: Changes, add: Callable[[Key], None]) -> None:
        """Queue a quota when its limits change, or when what it limits may have become less."""

        def handle(resource: Resource, old: Object | None, new: Object | None) -> None:
            if resource is QUOTAS:
                self._take(old, new, add)
            if old is not None and self._limits and frees(resource, old, new):
                for name in self._concerned(resource, namespace_of(old)):
                    add(name)

        changes.subscribe_all(handle)

    def _take(self, old: Object | None, new: Object | None, add: Callable[[Key], None]) -> None:
        if new is None:
            assert old is not None
            self._limits.pop(key(old), None)
            return
        self._limits[key(new)] = frozenset(((new.get("status") or {}).get("hard") or {}).keys())
        if old is None or _hard(old) != _hard(new):
            add(key(new))

    def _concerned(self, resource: Resource, namespace: str) -> Iterator[Key]:
        evaluator = evaluator_of(resource) if quotable(resource) else None
        for name, limits in self._limits.items():
            if evaluator is not None and name.namespace == namespace and evaluator.measured(limits):
                yield name


def _hard(quota: Object) -> amounts.Amounts:
    return amounts.read(quota["spec"].get("hard"))


def controller(kinds: Kinds) -> Controller:
    """The controller; `kinds` gives every stored resource that is served now."""
    watcher = _Watcher()

    async def reconcile(name: Key, api: Client) -> float | None:
        quota = api.get(QUOTAS, name)
        if quota is None:
            return None
        used = usage_of(quota, _sources(kinds(), api, name.namespace), api.clock.now())
        status = status_of(quota, used)
        if not is_current(quota, status):
            await api.update(QUOTAS, revised(quota, status=status), "status")
        return RESYNC

    return Controller("resourcequota-controller", (), reconcile, listen=watcher.listen)


def _sources(kinds: Iterable[Resource], reader: Reader, namespace: str) -> Iterator[tuple[Evaluator, Listed]]:
    for resource in kinds:
        evaluator = evaluator_of(resource) if quotable(resource) else None
        if evaluator is not None:
            yield evaluator, _lister(reader, resource, namespace)


def _lister(reader: Reader, resource: Resource, namespace: str) -> Listed:
    def listed() -> Sequence[Object]:
        return reader.list(resource, namespace)

    return listed
