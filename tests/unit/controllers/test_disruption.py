from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import NOW, pod

from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.policy.poddisruptionbudgets import RESOURCE as BUDGETS
from fakekube.controllers import disruption
from fakekube.machinery.objects import Key, Object

WEB = {"app": "web"}
OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "uid-web", "controller": True}


def budget(status: Object | None = None, **spec: Any) -> Object:
    whole = {"selector": {"matchLabels": WEB}, **spec}
    return {"metadata": {"name": "b", "namespace": "ns", "uid": "uid-b"}, "spec": whole, "status": status or {}}


async def world(replicas: int = 3) -> FakeClient:
    api = FakeClient()
    metadata = {"name": "web", "namespace": "ns", "uid": "uid-web"}
    await api.create(REPLICASETS, {"metadata": metadata, "spec": {"replicas": replicas}})
    return api


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 2}, (1, 2)),
        ({"minAvailable": "50%"}, (3, 2)),
        ({"maxUnavailable": 1}, (3, 2)),
        ({"maxUnavailable": "100%"}, (3, 0)),
        ({}, (0, 0)),
    ],
)
async def test_how_many_pods_there_should_be(spec: Object, expected: tuple[int, int]) -> None:
    pods = [pod("a", labels=WEB, owner=OWNER)]
    assert disruption.expected(budget(**spec), pods, await world()) == expected


@pytest.mark.parametrize(("owner", "reason"), [
    (None, "NoControllerRef"),
    ({**OWNER, "kind": "Job", "apiVersion": "batch/v1"}, "NoControllers"),
    ({**OWNER, "uid": "other"}, "NoControllers"),
])  # fmt: skip
async def test_shares_need_a_workload_with_a_size(owner: Object | None, reason: str) -> None:
    with pytest.raises(disruption.Incalculable) as error:
        disruption.expected(budget(maxUnavailable=1), [pod("a", owner=owner)], await world())
    assert error.value.reason == reason


def test_an_evicted_pod_counts_as_gone_for_two_minutes() -> None:
    status = {"disruptedPods": {"a": "2020-09-13T12:26:40Z", "gone": "2020-09-13T12:26:40Z"}}
    pods = [pod("a", ready=True), pod("b", ready=True)]
    soon = disruption.disrupted(budget(status), pods, NOW + 100)
    assert (list(soon.pods), soon.recheck, disruption.healthy(pods, soon)) == (["a"], 20.0, 1)
    late = disruption.disrupted(budget(status), pods, NOW + 121)
    assert ([one["metadata"]["name"] for one in late.overdue], disruption.healthy(pods, late)) == (["a"], 2)


async def test_the_status_follows_the_pods() -> None:
    api = await world()
    running = manager(api, (disruption.CONTROLLER,))
    running.start()
    await api.create(BUDGETS, budget(minAvailable=1))
    await running.idle()
    assert set(api.reasons()) == {"NoPods"}
    for name in ("a", "b"):
        await api.create(PODS, pod(name, labels=WEB, ready=True))
    await running.idle()
    found = api.get(BUDGETS, Key("ns", "b"))
    assert found is not None
    counts = {"currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2}
    assert found["status"] == {**counts, "observedGeneration": 1}
    await running.stop()
