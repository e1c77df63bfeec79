"""Carries out what the plan says: creates, scales and deletes ReplicaSets, and writes the status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers.controller import Controller, Watch, gone
from fakekube.controllers.deployments import plan
from fakekube.controllers.deployments.status import (
    PROGRESSING,
    TIMED_OUT,
    condition,
    is_complete,
    plan_rollout_status,
    plan_status,
    progress_check,
    put,
)
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.conditions import conditions_of, find
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import (
    annotations_of,
    controlled_key,
    controller_of,
    fresh,
    is_deleted,
    key,
    labels_of,
    name_of,
    namespace_of,
    revised,
    uid_of,
)
from fakekube.controllers.shared.templates import HASH_LABEL, same_template
from fakekube.machinery import selectors
from fakekube.machinery.objects import Key, Object, home_of
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader


class Rollout:
    """One look at one Deployment. `deployment` and `sets` follow what is written."""

    def __init__(self, deployment: Object, sets: Sequence[Object], api: Client) -> None:
        self.deployment = deployment
        self.sets = {name_of(rs): rs for rs in sets}
        self.api = api
        self.new = plan.find_new(deployment, sets)

    @property
    def all(self) -> list[Object]:
        """All ReplicaSets, the old ones first."""
        return [*self.old, *([self.new] if self.new is not None else [])]

    @property
    def old(self) -> list[Object]:
        """All but the new one, oldest first."""
        return plan.find_old(self.new, self.sets.values())

    async def run(self) -> float | None:
        """One step forward. Raises StatusError; gives the seconds until the deadline has to be looked at."""
        deployment = self.deployment
        if is_deleted(deployment):
            await self._sync_revision()
            return await self._write_status(self._status())
        await self._check_paused()
        await self._sync_revision()
        if self.deployment["spec"].get("paused"):
            return await self._scale_only()
        if annotations_of(deployment).get(plan.ROLLBACK):
            return await self._roll_back()
        if plan.is_scaled(deployment, self.all):
            return await self._scale_only()
        return await (self._rolling() if plan.is_rolling(deployment) else self._recreate())

    # the two strategies

    async def _rolling(self) -> float | None:
        new = self.new or await self._create_new()
        if await self._scale(new, plan.reconciled_new(self.deployment, new, self.all)):
            return await self._rollout_status()
        if plan.removable(self.deployment, new, self.old) > 0:
            if plan.is_lagging(self.old):
                return None  # its next status brings us back
            scaled = await self._scale_all(plan.unhealthy_down(self.deployment, new, self.old))
            scaled |= await self._scale_all(plan.available_down(self.deployment, self.all, self.old))
            if scaled:
                return await self._rollout_status()
        if is_complete(self.deployment, self.deployment.get("status") or {}):
            await self._clean_up()
        return await self._rollout_status()

    async def _recreate(self) -> float | None:
        if await self._scale_all({name_of(rs): 0 for rs in plan.active(self.old)}) or self._old_pods_run():
            return await self._rollout_status()
        new = self.new or await self._create_new()
        await self._scale(new, plan.replicas_of(self.deployment))
        if is_complete(self.deployment, self.deployment.get("status") or {}):
            await self._clean_up()
        return await self._rollout_status()

    def _old_pods_run(self) -> bool:
        if any(plan.counted(rs, "replicas") for rs in self.old):
            return True
        namespace = namespace_of(self.deployment)
        pods = (pod for rs in self.old for pod in self.api.by(PODS, home_of, (namespace, uid_of(rs))))
        return not all(podlib.is_finished(pod) for pod in pods)

    async def _scale_only(self) -> float | None:
        """Paused, or its size was changed: no step of an update is taken."""
        single = plan.active_or_latest(self.new, self.old)
        if single is not None:
            if plan.replicas_of(single) != plan.replicas_of(self.deployment):
                await self._scale(single, plan.replicas_of(self.deployment))
        elif plan.is_saturated(self.deployment, self.new):
            await self._scale_all({name_of(rs): 0 for rs in plan.active(self.old)})
        elif plan.is_rolling(self.deployment):
            for name, size in plan.proportions(self.deployment, self.all).items():
                await self._resize(self.sets[name], size)
        if self.deployment["spec"].get("paused") and not annotations_of(self.deployment).get(plan.ROLLBACK):
            await self._clean_up()
        return await self._write_status(self._status())

    # ReplicaSets

    async def _scale_all(self, sizes: dict[str, int]) -> bool:
        scaled = False
        for name, size in sizes.items():
            scaled |= await self._scale(self.sets[name], size)
        return scaled

    async def _scale(self, replica_set: Object, size: int) -> bool:
        """Give it this size if it has another."""
        if plan.replicas_of(replica_set) == size:
            return False
        await self._resize(replica_set, size)
        return True

    async def _resize(self, replica_set: Object, size: int) -> None:
        """The same, and bring the annotations about the size up to date in any case."""
        before = plan.replicas_of(replica_set)
        annotations = {**annotations_of(replica_set), **plan.replica_annotations(self.deployment)}
        if before == size and annotations == annotations_of(replica_set):
            return
        spec = {**replica_set["spec"], "replicas": size}
        metadata = {**replica_set["metadata"], "annotations": annotations}
        await self._update_set(revised(replica_set, metadata=metadata, spec=spec))
        if before != size:
            direction = "up" if before < size else "down"
            text = f"Scaled {direction} replica set {name_of(replica_set)} to {size}"
            await self.api.record(self.deployment, "Normal", "ScalingReplicaSet", text)

    async def _update_set(self, replica_set: Object) -> Object:
        written = await self.api.update(REPLICASETS, replica_set)
        return self._take(written)

    def _take(self, written: Object) -> Object:
        self.sets[name_of(written)] = written
        if self.new is not None and uid_of(written) == uid_of(self.new):
            self.new = written
        return written

    async def _clean_up(self) -> None:
        for rs in plan.outdated(self.deployment, self.old):
            try:
                await self.api.delete(REPLICASETS, key(rs))
            except StatusError as error:
                raise_unless(error, "NotFound")
            self.sets.pop(name_of(rs), None)

    async def _sync_revision(self) -> None:
        """Bring the annotations of the new ReplicaSet and of the Deployment up to date."""
        if self.new is None:
            return
        revision = plan.max_revision(self.old) + 1
        new, current = self.new, annotations_of(self.new)
        annotations = plan.new_annotations(self.deployment, current, revision)
        min_ready = self.deployment["spec"].get("minReadySeconds", 0)
        if annotations != current or new["spec"].get("minReadySeconds", 0) != min_ready:
            spec = {**new["spec"], "minReadySeconds": min_ready}
            await self._update_set(revised(new, metadata={**new["metadata"], "annotations": annotations}, spec=spec))
            return
        conditions = conditions_of(self.deployment)
        if plan.has_deadline(self.deployment) and find(conditions, PROGRESSING) is None:
            text = f'Found new replica set "{name_of(new)}"'
            conditions = put(conditions, self._progress("True", "FoundNewReplicaSet", text))
        await self._write_revision(current.get(plan.REVISION, ""), conditions)

    def _progress(self, status: str, reason: str, message: str) -> Object:
        return condition(PROGRESSING, status, reason, message, self.api.clock.now())

    async def _write_revision(self, revision: str, conditions: list[Object]) -> None:
        """Tell the revision in the Deployment's annotation, through its status as the real controller does."""
        deployment = self.deployment
        annotations = {**annotations_of(deployment), plan.REVISION: revision}
        if annotations == annotations_of(deployment) and conditions == conditions_of(deployment):
            return
        metadata = {**deployment["metadata"], "annotations": annotations}
        status = {**(deployment.get("status") or {}), "conditions": conditions}
        self.deployment = await self.api.update(
            DEPLOYMENTS, revised(deployment, metadata=metadata, status=status), "status"
        )

    async def _create_new(self) -> Object:
        revision = plan.max_revision(self.old) + 1
        wanted = plan.new_replica_set(self.deployment, self.old, revision)
        try:
            made = await self.api.create(REPLICASETS, wanted)
        except StatusError as error:
            if error.reason == "AlreadyExists":
                made = await self._resolve_collision(wanted, error)
            else:
                await self._report_failure(wanted, error)
                raise
        else:
            await self._report_creation(made)
        self.sets[name_of(made)] = self.new = made
        conditions = conditions_of(self.deployment)
        if plan.has_deadline(self.deployment):
            text = f'Created new replica set "{name_of(made)}"'
            conditions = put(conditions, self._progress("True", "NewReplicaSetCreated", text))
        await self._write_revision(str(revision), conditions)
        return made

    async def _report_creation(self, made: Object) -> None:
        if size := plan.replicas_of(made):
            text = f"Scaled up replica set {name_of(made)} to {size}"
            await self.api.record(self.deployment, "Normal", "ScalingReplicaSet", text)

    async def _report_failure(self, wanted: Object, error: StatusError) -> None:
        if is_terminating(error):
            return
        text = f'Failed to create new replica set "{name_of(wanted)}": {error.message}'
        if plan.has_deadline(self.deployment):
            conditions = put(conditions_of(self.deployment), self._progress("False", "ReplicaSetCreateError", text))
            status = {**(self.deployment.get("status") or {}), "conditions": conditions}
            self.deployment = await self.api.update(DEPLOYMENTS, revised(self.deployment, status=status), "status")
        await self.api.record(self.deployment, "Warning", "ReplicaSetCreateError", text)

    async def _resolve_collision(self, wanted: Object, error: StatusError) -> Object:
        """A ReplicaSet of that name is there: it is ours, or the hash is taken and has to change."""
        there = self.api.get(REPLICASETS, key(wanted))
        ours = there is not None and (controller_of(there) or {}).get("uid") == uid_of(self.deployment)
        if there is not None and ours and same_template(there["spec"]["template"], wanted["spec"]["template"]):
            return there
        status = {**(self.deployment.get("status") or {})}
        status["collisionCount"] = status.get("collisionCount", 0) + 1
        await self.api.update(DEPLOYMENTS, revised(self.deployment, status=status), "status")
        raise error

    # status

    def _status(self) -> Object:
        return plan_status(self.deployment, self.new, self.all, self.api.clock.now())

    async def _rollout_status(self) -> float | None:
        return await self._write_status(plan_rollout_status(self.deployment, self.new, self.all, self.api.clock.now()))

    async def _write_status(self, status: Object) -> float | None:
        if status != self.deployment.get("status"):
            await self.api.update(DEPLOYMENTS, revised(self.deployment, status=status), "status")
            return None
        return progress_check(self.deployment, status, self.api.clock.now())

    async def _check_paused(self) -> None:
        """The condition Progressing tells whether the Deployment is paused."""
        current = find(conditions_of(self.deployment), PROGRESSING)
        reason = (current or {}).get("reason")
        paused = bool(self.deployment["spec"].get("paused"))
        if not plan.has_deadline(self.deployment) or reason == TIMED_OUT:
            return
        if paused == (reason == "DeploymentPaused"):
            return
        word = (
            ("DeploymentPaused", "Deployment is paused") if paused else ("DeploymentResumed", "Deployment is resumed")
        )
        conditions = put(conditions_of(self.deployment), self._progress("Unknown", *word))
        status = {**(self.deployment.get("status") or {}), "conditions": conditions}
        self.deployment = await self.api.update(DEPLOYMENTS, revised(self.deployment, status=status), "status")

    # rollback, by the annotation that extensions/v1beta1 leaves

    async def _roll_back(self) -> float | None:
        if self.new is None:
            await self._create_new()
        text = annotations_of(self.deployment)[plan.ROLLBACK]
        wanted = int(text) if text.isdecimal() else 0
        revision = wanted or plan.last_revision(self.all)
        target = next((rs for rs in self.all if revision and plan.revision_of(rs) == revision), None)
        name = name_of(self.deployment)
        if target is None:
            problem = "Unable to find the revision to rollback to." if revision else "Unable to find last revision."
            await self._end_rollback(None, "Warning", "DeploymentRollbackRevisionNotFound", problem)
        elif same_template(target["spec"]["template"], self.deployment["spec"]["template"]):
            problem = f'The rollback revision contains the same template as current deployment "{name}"'
            await self._end_rollback(None, "Warning", "DeploymentRollbackTemplateUnchanged", problem)
        else:
            done = f'Rolled back deployment "{name}" to revision {revision}'
            await self._end_rollback(target, "Normal", "DeploymentRollback", done)
        return None

    async def _end_rollback(self, target: Object | None, type_: str, reason: str, message: str) -> None:
        deployment = self.deployment
        spec, annotations = deployment["spec"], dict(annotations_of(deployment))
        if target is not None:
            template = fresh(target["spec"]["template"])
            (template.get("metadata") or {}).get("labels", {}).pop(HASH_LABEL, None)
            spec = {**spec, "template": template}
            kept = {name: value for name, value in annotations.items() if name in plan.NOT_COPIED}
            taken = {name: value for name, value in annotations_of(target).items() if name not in plan.NOT_COPIED}
            annotations = {**kept, **taken}
        annotations.pop(plan.ROLLBACK, None)
        metadata = {**deployment["metadata"], "annotations": annotations}
        await self.api.update(DEPLOYMENTS, revised(deployment, metadata=metadata, spec=spec))
        await self.api.record(deployment, type_, reason, message)


async def reconcile(name: Key, api: Client) -> float | None:
    """Take one step of one Deployment."""
    deployment = api.get(DEPLOYMENTS, name)
    if deployment is None:
        return None
    selector = selectors.from_object(deployment["spec"].get("selector"))
    if selector.empty:
        await _refuse(deployment, api)
        return None
    sets = await claim(REPLICASETS, deployment, DEPLOYMENTS, lambda rs: selector.matches(labels_of(rs)), api)
    return await Rollout(deployment, sets, api).run()


async def _refuse(deployment: Object, api: Client) -> None:
    text = "This deployment is selecting all pods. A non-empty selector is required."
    await api.record(deployment, "Warning", "SelectingAll", text)
    generation = deployment["metadata"].get("generation", 0)
    if plan.counted(deployment, "observedGeneration") < generation:
        status = {**(deployment.get("status") or {}), "observedGeneration": generation}
        await api.update(DEPLOYMENTS, revised(deployment, status=status), "status")


def of_replica_set(replica_set: Object, api: Reader) -> Iterable[Key]:
    """The Deployment that controls it, or for an orphan those that might adopt it."""
    if controller_of(replica_set) is not None:
        return controlled_key(replica_set, "Deployment")
    if is_deleted(replica_set) or not labels_of(replica_set):
        return ()
    return [
        key(deployment)
        for deployment in api.list(DEPLOYMENTS, namespace_of(replica_set))
        if _selects(deployment, labels_of(replica_set))
    ]


def _selects(deployment: Object, labels: dict[str, str]) -> bool:
    selector = selectors.from_object(deployment["spec"].get("selector"))
    return not selector.empty and selector.matches(labels)


def of_pod(pod: Object, api: Reader) -> Iterable[Key]:
    """The Deployment above the pod's ReplicaSet, if it waits for old pods to be gone (Recreate)."""
    for set_key in controlled_key(pod, "ReplicaSet"):
        replica_set = api.get(REPLICASETS, set_key)
        for name in controlled_key(replica_set, "Deployment") if replica_set is not None else ():
            deployment = api.get(DEPLOYMENTS, name)
            if deployment is not None and not plan.is_rolling(deployment):
                yield name


CONTROLLER = Controller(
    "deployment-controller",
    (Watch(DEPLOYMENTS), Watch(REPLICASETS, of_replica_set), Watch(PODS, of_pod, gone)),
    reconcile,
    workers=5,
)
