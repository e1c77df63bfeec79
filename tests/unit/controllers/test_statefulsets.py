from __future__ import annotations

from typing import Any

import orjson
import pytest
from fake_client import FakeClient, manager
from podsamples import pod

from fakekube.apis.apps.controllerrevisions import RESOURCE as REVISIONS
from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers import statefulsets
from fakekube.controllers.shared import history
from fakekube.controllers.statefulsets import plan
from fakekube.machinery.objects import Key, Object, key_of

DB = Key("ns", "db")
CLAIM = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}


def stateful_set(replicas: int = 3, status: Object | None = None, **spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "img:1"}]}}
    whole = {
        "replicas": replicas,
        "serviceName": "db",
        "selector": {"matchLabels": {"app": "db"}},
        "template": template,
    }
    whole |= {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}, **spec}
    return {"metadata": {"name": "db", "namespace": "ns", "uid": "uid-db"}, "spec": whole, "status": status or {}}


def revision(name: str, image: str = "img:1") -> Object:
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    return {"metadata": {"name": name}, "data": {"spec": {"template": {**template, "$patch": "replace"}}}}


OLD, NEW = revision("db-old"), revision("db-new", "img:2")


def member(number: int, of: str = "db-old", ready: bool = True, **more: Any) -> Object:
    name = f"db-{number}"
    labels = {"app": "db", plan.POD_NAME: name, "controller-revision-hash": of}
    return pod(name, labels=labels, ready=ready, **more)


def step(set_: Object, pods: list[Object], versions: plan.Versions | None = None) -> list[str]:
    actions = plan.plan(set_, versions or plan.Versions(OLD, OLD), pods).actions
    return [f"{verb} {one['metadata']['name']}" for verb, one in actions]


@pytest.mark.parametrize(
    ("spec", "pods", "expected"),
    [
        ({}, [], ["create db-0"]),
        ({}, [member(0)], ["create db-1"]),
        ({}, [member(0, ready=False)], []),
        ({}, [member(0, deleted=True)], []),
        ({}, [member(0, phase="Failed")], ["recreate db-0", "delete db-0", "create db-0"]),
        ({"podManagementPolicy": "Parallel"}, [member(1)], ["create db-0", "create db-2"]),
        ({"replicas": 1}, [member(0), member(1), member(2)], ["delete db-2"]),
        ({"replicas": 1}, [member(0), member(1, ready=False), member(2)], ["delete db-2"]),
        ({"replicas": 1}, [member(0, ready=False), member(1)], []),
        ({"replicas": 1, "podManagementPolicy": "Parallel"}, [member(1), member(2)],
         ["create db-0", "delete db-2", "delete db-1"]),
    ],
)  # fmt: skip
def test_one_pod_after_the_other(spec: Object, pods: list[Object], expected: list[str]) -> None:
    replicas = spec.pop("replicas", 3)
    assert step(stateful_set(replicas, **spec), pods) == expected


@pytest.mark.parametrize(
    ("partition", "pods", "expected"),
    [
        (0, [member(0), member(1), member(2)], ["delete db-2"]),
        (0, [member(0), member(1), member(2, "db-new")], ["delete db-1"]),
        (2, [member(0), member(1), member(2, "db-new")], []),
    ],
)
def test_an_update_goes_downwards_to_its_partition(partition: int, pods: list[Object], expected: list[str]) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    set_ = stateful_set(updateStrategy=strategy)
    assert step(set_, pods, plan.Versions(OLD, NEW)) == expected


def test_on_delete_waits_for_somebody() -> None:
    set_ = stateful_set(updateStrategy={"type": "OnDelete"})
    assert step(set_, [member(n) for n in range(3)], plan.Versions(OLD, NEW)) == []


def test_below_the_partition_pods_are_of_the_old_revision() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    made = plan.plan(stateful_set(updateStrategy=strategy), plan.Versions(OLD, NEW), []).actions
    assert made[0][1]["spec"]["containers"][0]["image"] == "img:1"


def test_a_pod_has_its_name_its_host_and_its_claims() -> None:
    made = plan.new_pod(stateful_set(volumeClaimTemplates=[CLAIM]), plan.template_of(OLD), "db-old", 2)
    assert made["metadata"]["labels"][plan.POD_NAME] == "db-2"
    assert (made["spec"]["hostname"], made["spec"]["subdomain"]) == ("db-2", "db")
    assert made["spec"]["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-2"}}]


def test_the_status_moves_on_when_the_update_is_done() -> None:
    pods = [member(n, "db-new") for n in range(3)]
    versions = plan.Versions(OLD, NEW)
    status = plan.plan_status(stateful_set(), versions, plan.plan(stateful_set(), versions, pods), 0)
    assert (status["currentRevision"], status["currentReplicas"], status["collisionCount"]) == ("db-new", 3, 0)


def test_the_hash_of_a_revision_is_that_of_the_real_server() -> None:
    data = {"b": "<&>", "a": 1}
    template = {"spec": {"b": [{"d": 1, "c": 2}]}, "metadata": {}}
    sorted_data = '{"spec":{"template":{"$patch":"replace","metadata":{},"spec":{"b":[{"c":2,"d":1}]}}}}'
    assert orjson.dumps(history.data_of({"spec": {"template": template}})).decode() == sorted_data
    assert history.data_hash(data, None) != history.data_hash(data, 0) != history.data_hash({**data, "a": 2}, 0)


class World:
    """A StatefulSet with its controller running."""

    def __init__(self) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, (statefulsets.CONTROLLER,))
        self.manager.start()

    async def settle(self) -> None:
        """All pods become ready, until nothing moves."""
        for _ in range(20):
            waiting = [one for one in self.api.list(PODS) if not one.get("status", {}).get("conditions")]
            for one in waiting:
                status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
                await self.api.patch(PODS, key_of(one), {"status": status}, "status")
            await self.manager.idle()
            if not waiting:
                return

    def status(self) -> Object:
        found = self.api.get(STATEFULSETS, DB)
        assert found is not None
        status: Object = found["status"]
        return status


async def test_up_with_claims_updated_and_down() -> None:
    world = World()
    await world.api.create(STATEFULSETS, stateful_set(2, volumeClaimTemplates=[CLAIM]))
    await world.manager.idle()
    await world.settle()
    assert [one["metadata"]["name"] for one in world.api.list(PODS)] == ["db-0", "db-1"]
    assert [one["metadata"]["name"] for one in world.api.list(CLAIMS)] == ["data-db-0", "data-db-1"]
    assert world.status()["readyReplicas"] == 2
    await world.api.patch(
        STATEFULSETS, DB, {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "img:2"}]}}}}
    )
    await world.manager.idle()
    await world.settle()
    assert {one["spec"]["containers"][0]["image"] for one in world.api.list(PODS)} == {"img:2"}
    assert world.status()["currentRevision"] == world.status()["updateRevision"]
    assert sorted(one["revision"] for one in world.api.list(REVISIONS)) == [1, 2]
    await world.api.patch(STATEFULSETS, DB, {"spec": {"replicas": 0}})
    await world.manager.idle()
    assert world.api.list(PODS) == []
    assert len(world.api.list(CLAIMS)) == 2
    await world.manager.stop()
