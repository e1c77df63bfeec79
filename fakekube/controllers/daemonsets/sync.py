"""The hand of the DaemonSet controller."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from fakekube.apis.apps.controllerrevisions import RESOURCE as REVISIONS
from fakekube.apis.apps.daemonsets import RESOURCE as DAEMONSETS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.pods import placement
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.daemonsets import plan
from fakekube.controllers.shared import history
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.objects import (
    controlled_key,
    is_deleted,
    key,
    labels_of,
    name_of,
    owner_reference,
    revised,
    uid_of,
    with_metadata,
)
from fakekube.controllers.shared.parents import label_selector, pod_keys
from fakekube.controllers.shared.templates import template_hash
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

BURST = 250
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 900.0
SELECTING_ALL = "This daemon set is selecting all pods. A non-empty selector is required."


class _Pause(Struct):
    delay: float
    since: float


class Backoff:
    """How long failed pods are left where they are: twice as long each time."""

    def __init__(self) -> None:
        self._pauses: dict[tuple[str, int, str], _Pause] = {}

    def remaining(self, name: tuple[str, int, str], now: float) -> float:
        """Seconds until the next failed pod may be deleted."""
        pause = self._pauses.get(name)
        return 0.0 if pause is None else max(0.0, pause.since + pause.delay - now)

    def next(self, name: tuple[str, int, str], now: float) -> None:
        """A failed pod is deleted."""
        pause = self._pauses.get(name)
        if pause is None or now - pause.since > 2 * LONGEST_BACKOFF:
            self._pauses[name] = _Pause(FIRST_BACKOFF, now)
        else:
            self._pauses[name] = _Pause(min(pause.delay * 2, LONGEST_BACKOFF), now)

    def forget(self, uid: str) -> None:
        """The set is gone."""
        for name in [name for name in self._pauses if name[0] == uid]:
            del self._pauses[name]


class Sync:
    """One look at one DaemonSet."""

    def __init__(self, daemon_set: Object, backoff: Backoff, api: Client) -> None:
        self.set = daemon_set
        self.api = api
        self.backoff = backoff
        self.nodes = api.list(NODES)

    async def run(self) -> float | None:
        """Start and stop pods, roll an update on, write the status. Raises StatusError."""
        current, old = await self._history()
        hash_ = history.hash_of(current)
        changes = plan.plan(self.set, self.nodes, plan.by_node(await self._pods()), self._waits)
        for node, pod in changes.failed:
            self.backoff.next(self._backoff_key(node), self.api.clock.now())
            text = f"Found failed daemon pod {key(pod)} on node {node}, will try to kill it"
            await self.api.record(self.set, "Warning", "FailedDaemonPod", text)
        await self._carry_out(changes, hash_)
        if (self.set["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate":
            there = plan.by_node(await self._pods())
            doomed = plan.outdated(self.set, self.nodes, there, hash_, self.api.clock.now())
            await self._carry_out(plan.Changes(doomed=doomed), hash_)
        pods = await self._pods()
        for revision in plan.outlived(self.set, old, pods):
            await self.api.delete(REVISIONS, key(revision))
        return await self._write_status(pods, hash_)

    async def _pods(self) -> list[Object]:
        selector = label_selector(self.set)
        return await claim(PODS, self.set, DAEMONSETS, lambda pod: selector.matches(labels_of(pod)), self.api)

    def _backoff_key(self, node: str) -> tuple[str, int, str]:
        return uid_of(self.set), (self.set.get("status") or {}).get("observedGeneration", 0), node

    def _waits(self, node: str) -> bool:
        return self.backoff.remaining(self._backoff_key(node), self.api.clock.now()) > 0

    async def _carry_out(self, changes: plan.Changes, hash_: str) -> None:
        owner = owner_reference(DAEMONSETS, self.set)
        templates = {node: plan.pod_template(self.set, node, hash_) for node in changes.missing[:BURST]}
        created = await podlib.create_each(list(templates.values()), self.set, owner, self.api)
        _, failure = await podlib.delete_many(changes.doomed[:BURST], self.set, self.api)
        if error := created.error or failure:
            raise error

    async def _write_status(self, pods: list[Object], hash_: str) -> float | None:
        now = self.api.clock.now()
        there = plan.by_node(pods)
        status = plan.plan_status(self.set, self.nodes, there, hash_, now)
        if status != (self.set.get("status") or {}):
            await self.api.update(DAEMONSETS, revised(self.set, status=status), "status")
        failed = (node for node, found in there.items() if any(podlib.phase_of(pod) == "Failed" for pod in found))
        delays = [self.backoff.remaining(self._backoff_key(node), now) for node in failed]
        available = podlib.next_available(pods, self.set["spec"].get("minReadySeconds", 0), now)
        waits = [delay for delay in (*delays, available) if delay]
        return min(waits) if waits else None

    # history

    async def _history(self) -> tuple[Object, list[Object]]:
        """The revision of the present template, and the others in order."""
        data = history.data_of(self.set)
        revisions = [await self._labelled(one) for one in await history.revisions_of(self.set, DAEMONSETS, self.api)]
        same = [one for one in revisions if one.get("data") == data]
        old = [one for one in revisions if one.get("data") != data]
        number = history.latest(old) + 1
        if not same:
            return await self._snapshot(number, data), old
        current = await self._single(same)
        if history.revision_of(current) < number:
            current = await history.renumber(current, number, self.api)
        return current, old

    async def _labelled(self, revision: Object) -> Object:
        if history.HASH_LABEL in labels_of(revision):
            return revision
        labels = {**labels_of(revision), history.HASH_LABEL: name_of(revision)}
        return await self.api.update(REVISIONS, with_metadata(revision, labels=labels))

    async def _single(self, same: list[Object]) -> Object:
        """Of several revisions of one template the latest stays, and pods get its hash."""
        kept = same[-1]
        for one in same[:-1]:
            for pod in await self._pods():
                if labels_of(pod).get(history.HASH_LABEL) != history.hash_of(kept):
                    labels = {**labels_of(pod), history.HASH_LABEL: history.hash_of(kept)}
                    await self.api.update(PODS, with_metadata(pod, labels=labels))
            await self.api.delete(REVISIONS, key(one))
        return kept

    async def _snapshot(self, number: int, data: Object) -> Object:
        collisions = (self.set.get("status") or {}).get("collisionCount")
        hash_ = template_hash(self.set["spec"]["template"], collisions)
        wanted = history.new_revision(DAEMONSETS, self.set, number, hash_, data)
        try:
            return await self.api.create(REVISIONS, wanted)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                raise
            there = self.api.get(REVISIONS, key(wanted))
            if there is not None and there.get("data") == data:
                return there
            status = {**(self.set.get("status") or {}), "collisionCount": (collisions or 0) + 1}
            await self.api.update(DAEMONSETS, revised(self.set, status=status), "status")
            raise


def node_matters(old: Object | None, new: Object | None) -> bool:
    """Of a node its labels and taints count; one that goes changes nothing until the next look."""
    return new is not None and (old is None or _placing(old) != _placing(new))


def _placing(node: Object) -> tuple[object, object]:
    return labels_of(node), placement.taints_of(node)


def every_set(_: Object, api: Reader) -> Iterable[Key]:
    """All DaemonSets."""
    return [key(daemon_set) for daemon_set in api.list(DAEMONSETS)]


def of_revision(revision: Object, _: Reader) -> Iterable[Key]:
    """The set that controls the revision."""
    return controlled_key(revision, "DaemonSet")


def controller() -> Controller:
    """A controller with a memory of its own."""
    backoff = Backoff()

    async def reconcile(name: Key, api: Client) -> float | None:
        daemon_set = api.get(DAEMONSETS, name)
        if daemon_set is None or is_deleted(daemon_set):
            if daemon_set is not None:
                backoff.forget(uid_of(daemon_set))
            return None
        if not daemon_set["spec"].get("selector"):
            await api.record(daemon_set, "Warning", "SelectingAll", SELECTING_ALL)
            return None
        return await Sync(daemon_set, backoff, api).run()

    return Controller(
        "daemon-set-controller",
        (
            Watch(DAEMONSETS),
            Watch(PODS, pod_keys(DAEMONSETS)),
            Watch(NODES, every_set, node_matters),
            Watch(REVISIONS, of_revision),
        ),
        reconcile,
        workers=2,
        component="daemonset-controller",
    )
