from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers import deployments, replicasets
from fakekube.controllers.deployments import plan
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.times import format_time

WEB = Key("ns", "web")


def deployment(replicas: int = 3, image: str = "img:1", **spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    return {
        "metadata": {"name": "web", "namespace": "ns"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            **spec,
        },
    }


class World:
    """A Deployment with both of its controllers running."""

    def __init__(self) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, (deployments.CONTROLLER, replicasets.CONTROLLER))

    async def begin(self, obj: Object) -> None:
        self.manager.start()
        await self.api.create(DEPLOYMENTS, obj)
        await self.manager.idle()

    async def change(self, **spec: Any) -> None:
        await self.api.patch(DEPLOYMENTS, WEB, {"spec": spec})
        await self.manager.idle()

    async def image(self, image: str) -> None:
        await self.change(template={"spec": {"containers": [{"name": "c", "image": image}]}})

    async def ready(self, *names: str) -> None:
        """Make these pods (all, if none is named) ready; again and again until nothing moves."""
        for _ in range(20):
            waiting = [pod for pod in self.pods() if not pod.get("status") and (not names or key_of(pod).name in names)]
            for pod in waiting:
                since = format_time(self.api.clock.now())
                conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": since}]
                status_ = {"phase": "Running", "conditions": conditions}
                await self.api.patch(PODS, key_of(pod), {"status": status_}, "status")
            await self.manager.idle()
            if not waiting:
                return

    def pods(self) -> list[Object]:
        return list(self.api.list(PODS))

    def deployment(self) -> Object:
        found = self.api.get(DEPLOYMENTS, WEB)
        assert found is not None
        return found

    def conditions(self) -> dict[str, tuple[str, str]]:
        return {c["type"]: (c["status"], c["reason"]) for c in self.deployment()["status"]["conditions"]}

    def sizes(self) -> dict[str, int]:
        """image -> spec.replicas."""
        return {
            rs["spec"]["template"]["spec"]["containers"][0]["image"]: rs["spec"]["replicas"]
            for rs in self.api.list(REPLICASETS)
        }


async def test_from_creation_to_complete() -> None:
    world = World()
    await world.begin(deployment())
    (rs,) = world.api.list(REPLICASETS)
    assert rs["metadata"]["annotations"] == {
        "deployment.kubernetes.io/revision": "1",
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
    }
    hash_ = rs["metadata"]["labels"]["pod-template-hash"]
    assert rs["metadata"]["name"] == f"web-{hash_}"
    assert rs["spec"]["selector"] == {"matchLabels": {"app": "web", "pod-template-hash": hash_}}
    status_ = dict(world.deployment()["status"])
    del status_["conditions"]
    expected = {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "unavailableReplicas": 3}
    assert status_ == expected
    assert world.conditions()["Progressing"] == ("True", "ReplicaSetUpdated")
    await world.ready()
    assert world.conditions() == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    assert world.api.events[0] == ("web", "Normal", "ScalingReplicaSet", f"Scaled up replica set web-{hash_} to 3")
    assert world.api.reasons().count("SuccessfulCreate") == 3


async def test_a_rolling_update_never_leaves_its_fences() -> None:
    world = World()
    await world.begin(deployment(4))
    await world.ready()
    await world.image("img:2")
    assert world.sizes() == {"img:1": 3, "img:2": 2}
    await world.ready()
    assert world.sizes() == {"img:1": 0, "img:2": 4}
    assert world.deployment()["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert world.conditions()["Progressing"] == ("True", "NewReplicaSetAvailable")


async def test_going_back_reuses_the_replica_set_under_a_new_revision() -> None:
    world = World()
    await world.begin(deployment(1))
    await world.ready()
    for image in ("img:2", "img:1"):
        await world.image(image)
        await world.ready()
    revisions = {
        rs["spec"]["template"]["spec"]["containers"][0]["image"]: (
            rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
            rs["metadata"]["annotations"].get("deployment.kubernetes.io/revision-history"),
        )
        for rs in world.api.list(REPLICASETS)
    }
    assert revisions == {"img:1": ("3", "1"), "img:2": ("2", None)}


async def test_recreate_waits_until_the_old_pods_are_gone() -> None:
    world = World()
    await world.begin(deployment(2, strategy={"type": "Recreate"}))
    await world.ready()
    for pod in world.pods():
        await world.api.patch(PODS, key_of(pod), {"metadata": {"finalizers": ["test/hold"]}})
    held = world.pods()
    real_delete = world.api.delete

    async def slow_delete(resource: Any, key: Key, **options: Any) -> None:
        await real_delete(resource, key, **options)

    world.api.delete = slow_delete  # type: ignore[method-assign]
    await world.image("img:2")
    assert world.sizes()["img:1"] == 0
    for pod in held:
        if world.api.get(PODS, key_of(pod)) is not None:
            await world.api.patch(PODS, key_of(pod), {"metadata": {"finalizers": None}})
    await world.manager.idle()
    assert world.sizes() == {"img:1": 0, "img:2": 2}


async def test_paused_scales_but_does_not_roll() -> None:
    world = World()
    await world.begin(deployment(1))
    await world.ready()
    await world.change(paused=True)
    await world.image("img:2")
    await world.change(replicas=3)
    assert world.sizes() == {"img:1": 3}
    assert world.conditions()["Progressing"] == ("Unknown", "DeploymentPaused")
    await world.change(paused=None)
    assert world.sizes()["img:2"] >= 1


async def test_the_deadline_is_told_when_it_has_passed() -> None:
    world = World()
    await world.begin(deployment(1, progressDeadlineSeconds=10))
    world.api.clock.advance(9)
    await world.manager.idle()
    assert world.conditions()["Progressing"][1] == "ReplicaSetUpdated"
    world.api.clock.advance(3)
    await world.manager.idle()
    assert world.conditions()["Progressing"] == ("False", "ProgressDeadlineExceeded")


async def test_old_replica_sets_go_beyond_the_limit() -> None:
    world = World()
    await world.begin(deployment(1, revisionHistoryLimit=1))
    await world.ready()
    for image in ("img:2", "img:3"):
        world.api.clock.advance(1)
        await world.image(image)
        await world.ready()
    assert sorted(world.sizes()) == ["img:2", "img:3"]


async def test_a_refused_pod_shows_up_as_replica_failure() -> None:
    world = World()
    refusal = status.forbidden("", "pods", "web-", "no")
    world.api.refuse = lambda verb, resource, obj: refusal if (verb, resource) == ("create", PODS) else None
    await world.begin(deployment(2))
    world.api.clock.advance(1)
    await world.manager.idle()
    assert world.conditions()["ReplicaFailure"] == ("True", "FailedCreate")
    assert ("Warning", "FailedCreate", 'Error creating: pods "web-" is forbidden: no') in {
        event[1:] for event in world.api.events
    }
    await world.manager.stop()


async def test_scaling_amid_an_update_is_proportional() -> None:
    world = World()
    await world.begin(deployment(10))
    await world.ready()
    await world.image("img:2")
    before = world.sizes()
    await world.change(replicas=20)
    after = world.sizes()
    assert sum(after.values()) == 25
    assert after["img:1"] > before["img:1"]
    assert after["img:2"] > before["img:2"]


def test_the_empty_selector_is_refused() -> None:
    assert not plan.is_scaled(deployment(), [])


@pytest.mark.parametrize(
    ("current", "old", "expected"),
    [("", "1", "1"), ("1", "2", "1,2"), ("9" * 1999, "12", "12")],
)
def test_history_is_bounded(current: str, old: str, expected: str) -> None:
    assert plan.history(current, old) == expected
