"""ResourceQuota: a namespace uses no more than its quotas allow. Follows apiserver's admission/plugin/resourcequota.

Each admitted request is charged to the quotas' status before it is stored, by compare-and-swap; requests in one
namespace take turns, so that many at once do not chase each other's revisions. What fails after that stays charged
until the quota controller counts anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from weakref import WeakValueDictionary

from fakekube.admission.plugin import WRITES, On, Plugin, Wiring, forbidden
from fakekube.admission.quota_check import Charge, Limited, check, read_configuration
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.resourcequotas import RESOURCE as QUOTAS
from fakekube.apis.quota.amounts import written
from fakekube.apis.quota.evaluators import Evaluator, evaluator_of
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

ATTEMPTS = 4
NAME = "ResourceQuota"


class _Turns:
    """One lock for each namespace in which somebody waits."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, namespace: str) -> asyncio.Lock:
        lock = self._locks.get(namespace)
        if lock is None:
            lock = self._locks[namespace] = asyncio.Lock()
        return lock


def make(_: Wiring, configuration: Object | None) -> Plugin:
    """The plugin; its configuration names resources that need a quota to be used at all. Raises ValueError."""
    limited = read_configuration(configuration)
    turns = _Turns()

    async def validate(a: Attributes, client: Client) -> None:
        if not a.namespace or a.resource is NAMESPACES:
            return
        evaluator = evaluator_of(a.resource)
        if evaluator is None or a.operation not in evaluator.operations:
            return
        if limited or client.list(QUOTAS, a.namespace):
            async with turns.of(a.namespace):
                await _charge(a, client, evaluator, limited)

    return Plugin(NAME, On(WRITES), validate=validate)


async def _charge(a: Attributes, client: Client, evaluator: Evaluator, limited: Sequence[Limited]) -> None:
    """Raises Forbidden (403), Conflict (409) if the quotas change too often."""
    quotas = client.list(QUOTAS, a.namespace)
    for remaining in reversed(range(ATTEMPTS)):
        try:
            charges = check(a, quotas, evaluator, limited, client.clock.now())
        except ValueError as refusal:
            raise forbidden(a, str(refusal)) from None
        if a.dry_run:
            return
        failed = await _write(charges, client)
        if not failed:
            return
        if not remaining:
            raise failed.popitem()[1]
        # Those that are written stay so; one that is gone by now limits nothing.
        quotas = [quota for quota in client.list(QUOTAS, a.namespace) if quota["metadata"]["name"] in failed]


async def _write(charges: Sequence[Charge], client: Client) -> dict[str, StatusError]:
    """Those that failed by the names of their quotas."""
    failed: dict[str, StatusError] = {}
    for charge in charges:
        status = {**charge.quota["status"], "used": written(charge.used)}
        try:
            await client.update(QUOTAS, {**charge.quota, "status": status}, "status")
        except StatusError as error:
            failed[charge.quota["metadata"]["name"]] = error
    return failed
