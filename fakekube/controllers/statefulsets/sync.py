"""The hand of the StatefulSet controller."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from fakekube.apis.apps.controllerrevisions import RESOURCE as REVISIONS
from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import history
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.objects import is_deleted, key, labels_of, name_of, revised
from fakekube.controllers.shared.parents import label_selector, pod_keys
from fakekube.controllers.statefulsets import plan
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

WRITTEN = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "currentRevision", "updateRevision")
"""The fields whose change makes the status be written."""


class Sync:
    """One step of one StatefulSet."""

    def __init__(self, set_: Object, pods: Sequence[Object], api: Client) -> None:
        self.set = set_
        self.pods = pods
        self.api = api
        self.collisions = int((set_.get("status") or {}).get("collisionCount") or 0)

    async def run(self) -> None:
        """Find the revisions, take the step, write the status, tidy the history. Raises StatusError."""
        revisions = await history.revisions_of(self.set, STATEFULSETS, self.api)
        versions = None
        try:
            versions = await self._versions(revisions)
            step = plan.plan(self.set, versions, self.pods)
            for action, pod in step.actions:
                await self._act(action, pod)
            await self._write_status(plan.plan_status(self.set, versions, step, self.collisions))
        finally:
            for revision in plan.outlived(self.set, revisions, versions, self.pods):
                await self.api.delete(REVISIONS, key(revision))

    async def _write_status(self, new: Object) -> None:
        old = self.set.get("status") or {}
        news = new["observedGeneration"] > old.get("observedGeneration", 0)
        if news or any(new.get(name, 0) != old.get(name, 0) for name in WRITTEN):
            await self.api.update(STATEFULSETS, revised(self.set, status=new), "status")

    # revisions

    async def _versions(self, revisions: Sequence[Object]) -> plan.Versions:
        update = await self._update_revision(revisions)
        wanted = (self.set.get("status") or {}).get("currentRevision")
        current = next((revision for revision in revisions if name_of(revision) == wanted), update)
        return plan.Versions(current, update)

    async def _update_revision(self, revisions: Sequence[Object]) -> Object:
        data = history.data_of(self.set)
        number = history.latest(revisions) + 1
        same = [revision for revision in revisions if revision.get("data") == data]
        if not same:
            return await self._create_revision(data, number)
        if same[-1] is revisions[-1] or revisions[-1].get("data") == data:
            return revisions[-1]
        return await history.renumber(same[-1], number, self.api)

    async def _create_revision(self, data: Object, number: int) -> Object:
        while True:
            hash_ = history.data_hash(data, self.collisions)
            wanted = history.new_revision(STATEFULSETS, self.set, number, hash_, data, history.HISTORY_LABEL)
            try:
                return await self.api.create(REVISIONS, wanted)
            except StatusError as error:
                there = self.api.get(REVISIONS, key(wanted))
                if error.reason != "AlreadyExists" or there is None:
                    raise
                if there.get("data") == data:
                    return there
                self.collisions += 1

    # pods

    async def _act(self, action: str, pod: Object) -> None:
        if action == plan.RECREATE:
            text = f"StatefulSet {key(self.set)} is recreating failed Pod {name_of(pod)}"
            await self.api.record(self.set, "Warning", "RecreatingFailedPod", text)
        elif action == plan.CREATE:
            await self._create(pod)
        elif action == plan.DELETE:
            await self._recorded("delete", pod, self.api.delete(PODS, key(pod)))
        else:
            await self._repair(pod)

    async def _create(self, pod: Object) -> None:
        await self._claim_storage("create", pod)
        try:
            await self.api.create(PODS, pod)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                await self._record("create", pod, error)
            raise
        await self._record("create", pod, None)

    async def _repair(self, pod: Object) -> None:
        if not plan.has_storage(self.set, pod):
            await self._claim_storage("update", pod)
        await self._recorded("update", pod, self.api.update(PODS, plan.repaired(self.set, pod)))

    async def _recorded(self, verb: str, pod: Object, write: Awaitable[object]) -> None:
        try:
            await write
        except StatusError as error:
            await self._record(verb, pod, error)
            raise
        await self._record(verb, pod, None)

    async def _record(self, verb: str, pod: Object, error: StatusError | None) -> None:
        text = f"{verb} Pod {name_of(pod)} in StatefulSet {name_of(self.set)}"
        if error is None:
            await self.api.record(self.set, "Normal", f"Successful{verb.title()}", f"{text} successful")
        else:
            await self.api.record(self.set, "Warning", f"Failed{verb.title()}", f"{text} failed error: {error.message}")

    async def _claim_storage(self, verb: str, pod: Object) -> None:
        """Create the pod's claims that are missing. Raises StatusError if any cannot be had."""
        troubles = []
        for wanted in plan.claims_for(self.set, plan.ordinal(pod)):
            there = self.api.get(CLAIMS, key(wanted))
            if there is None:
                troubles += await self._create_claim(wanted, pod)
            elif is_deleted(there):
                troubles.append(f"pvc {name_of(wanted)} is being deleted")
        if troubles:
            text = troubles[0] if len(troubles) == 1 else f"[{', '.join(troubles)}]"
            error = StatusError(status.failure(500, "InternalError", text))
            await self._record(verb, pod, error)
            raise error

    async def _create_claim(self, wanted: Object, pod: Object) -> list[str]:
        name, set_ = name_of(wanted), name_of(self.set)
        try:
            await self.api.create(CLAIMS, wanted)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                text = f"create Claim {name} for Pod {name_of(pod)} in StatefulSet {set_} failed error: {error.message}"
                await self.api.record(self.set, "Warning", "FailedCreate", text)
            return [f"failed to create PVC {name}: {error.message}"]
        text = f"create Claim {name} Pod {name_of(pod)} in StatefulSet {set_} success"
        await self.api.record(self.set, "Normal", "SuccessfulCreate", text)
        return []


async def reconcile(name: Key, api: Client) -> None:
    """Take one step of one StatefulSet. Raises StatusError."""
    set_ = api.get(STATEFULSETS, name)
    if set_ is None:
        return
    selector = label_selector(set_)
    pods = await claim(
        PODS,
        set_,
        STATEFULSETS,
        lambda pod: selector.matches(labels_of(pod)) and plan.is_member(set_, pod),
        api,
    )
    await Sync(set_, pods, api).run()


CONTROLLER = Controller("statefulset-controller", (Watch(STATEFULSETS), Watch(PODS, pod_keys(STATEFULSETS))), reconcile)
