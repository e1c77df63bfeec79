from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import STAMP, node, pod

from fakekube.apis.coordination.leases import RESOURCE as LEASES
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers import nodeipam, nodelifecycle, nodettl, podgc
from fakekube.controllers.controller import Controller
from fakekube.controllers.nodelifecycle import eviction, plan
from fakekube.machinery.objects import Key, Object

NO_EXECUTE = {"key": "k", "value": "v", "effect": "NoExecute"}


@pytest.mark.parametrize(
    ("conditions", "spec", "taints"),
    [
        ([("Ready", "True")], {}, []),
        ([("Ready", "False")], {}, ["node.kubernetes.io/not-ready"]),
        ([("Ready", "Unknown")], {}, ["node.kubernetes.io/unreachable"]),
        ([("MemoryPressure", "True"), ("DiskPressure", "False")], {}, ["node.kubernetes.io/memory-pressure"]),
        ([], {"unschedulable": True}, ["node.kubernetes.io/unschedulable"]),
    ],
)
def test_conditions_become_taints(conditions: list[tuple[str, str]], spec: Object, taints: list[str]) -> None:
    obj = node("n", "", **spec)
    obj["status"]["conditions"] = [{"type": type_, "status": status} for type_, status in conditions]
    assert [taint["key"] for taint in plan.with_condition_taints(obj, STAMP)] == taints


def test_other_peoples_taints_stay() -> None:
    stale = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    own = {"key": "mine", "effect": "NoSchedule"}
    assert plan.with_condition_taints(node("n", taints=[own, stale]), STAMP) == [own]


@pytest.mark.parametrize(("ready", "state"), [
    ([True, True], plan.NORMAL),
    ([False, False], plan.DOWN),
    ([False, False, True], plan.NORMAL),
    ([False, False, False, True], plan.DISRUPTED),
])  # fmt: skip
def test_states_of_a_zone(ready: list[bool], state: str) -> None:
    assert plan.zone_state(ready) == state


@pytest.mark.parametrize(("tolerations", "seconds"), [
    ([], None),
    ([{"operator": "Exists"}], eviction.FOREVER),
    ([{"key": "k", "operator": "Exists", "tolerationSeconds": 30}], 30.0),
    ([{"key": "k", "operator": "Equal", "value": "other"}], None),
    ([{"key": "k", "operator": "Exists", "tolerationSeconds": -5}], 0.0),
])  # fmt: skip
def test_how_long_a_taint_is_tolerated(tolerations: list[Object], seconds: float | None) -> None:
    assert eviction.tolerance(pod("p", tolerations=tolerations), [NO_EXECUTE]) == seconds


class World:
    """Nodes and pods with some controllers running."""

    def __init__(self, *controllers: Controller) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, controllers)
        self.manager.start()

    async def advance(self, seconds: float) -> None:
        self.api.clock.advance(seconds)
        await self.manager.idle()

    def node(self, name: str = "n") -> Object:
        found = self.api.get(NODES, Key("", name))
        assert found is not None
        return found

    def taints(self, name: str = "n") -> set[tuple[str, str]]:
        return {(taint["key"], taint["effect"]) for taint in self.node(name)["spec"].get("taints") or ()}


async def lost(world: World) -> None:
    """A minute passes in which only the node "other" is heard of."""
    await world.advance(30)
    await world.api.patch(
        NODES, Key("", "other"), {"status": {"conditions": node("x")["status"]["conditions"]}}, "status"
    )
    beat = [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2021-01-01T00:00:00Z"}]
    await world.api.patch(NODES, Key("", "other"), {"status": {"conditions": beat}}, "status")
    await world.advance(11)
    await world.advance(1.1)


async def test_a_silent_node_is_unreachable_and_its_pods_are_not_ready() -> None:
    world = World(nodelifecycle.health_controller())
    for name in ("n", "other"):
        await world.api.create(NODES, node(name))
    await world.api.create(PODS, pod("p", node="n", ready=True))
    await world.manager.idle()
    await lost(world)
    (ready, *_) = world.node()["status"]["conditions"]
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert world.taints() == {(plan.UNREACHABLE, "NoSchedule"), (plan.UNREACHABLE, "NoExecute")}
    found = world.api.get(PODS, Key("ns", "p"))
    assert found is not None
    assert found["status"]["conditions"][0]["status"] == "False"
    assert ("p", "Warning", "NodeNotReady", "Node is not ready") in world.api.events


async def test_a_lease_that_is_renewed_keeps_a_node_alive() -> None:
    world = World(nodelifecycle.health_controller())
    await world.api.create(NODES, node("n"))
    lease = {"metadata": {"name": "n", "namespace": "kube-node-lease"}, "spec": {"renewTime": "1"}}
    await world.api.create(LEASES, lease)
    for number in range(4):
        await world.advance(25)
        await world.api.patch(LEASES, Key("kube-node-lease", "n"), {"spec": {"renewTime": str(number + 2)}})
        await world.manager.idle()
    assert world.node()["status"]["conditions"][0]["status"] == "True"


async def test_nobody_is_driven_away_while_all_nodes_are_down() -> None:
    world = World(nodelifecycle.health_controller())
    await world.api.create(NODES, node("n", "False"))
    await world.manager.idle()
    assert world.taints() == {(plan.NOT_READY, "NoSchedule")}
    await world.api.create(NODES, node("healthy"))
    await world.manager.idle()
    assert world.taints() == {(plan.NOT_READY, "NoSchedule"), (plan.NOT_READY, "NoExecute")}


async def test_pods_go_when_they_tolerate_a_taint_no_longer() -> None:
    world = World(nodelifecycle.eviction_controller())
    await world.api.create(NODES, node("n", taints=[NO_EXECUTE]))
    for name, seconds in (("short", 10), ("long", 100)):
        toleration = {"key": "k", "operator": "Exists", "tolerationSeconds": seconds}
        await world.api.create(PODS, pod(name, node="n", tolerations=[toleration]))
    await world.api.create(PODS, pod("none", node="n"))
    await world.manager.idle()
    assert [one["metadata"]["name"] for one in world.api.list(PODS)] == ["long", "short"]
    await world.advance(11)
    assert [one["metadata"]["name"] for one in world.api.list(PODS)] == ["long"]
    await world.api.patch(NODES, Key("", "n"), {"spec": {"taints": None}})
    await world.manager.idle()
    assert world.api.events[-1][3] == "Cancelling deletion of Pod ns/long"
    await world.advance(200)
    assert len(world.api.list(PODS)) == 1


@pytest.mark.parametrize(("made", "left"), [
    ({"node": "gone"}, []),
    ({"node": "n"}, ["p"]),
    ({}, ["p"]),
])  # fmt: skip
async def test_pods_of_missing_nodes_are_collected(made: dict[str, Any], left: list[str]) -> None:
    world = World(podgc.controller())
    await world.api.create(NODES, node("n"))
    await world.api.create(PODS, pod("p", **made))
    for _ in range(4):
        await world.advance(21)
    assert [one["metadata"]["name"] for one in world.api.list(PODS)] == left


@pytest.mark.parametrize(("step", "nodes", "expected"), [
    (0, 100, 0), (0, 101, 1), (1, 95, 1), (1, 89, 0), (0, 3000, 4), (5, 1, 0),
])  # fmt: skip
def test_steps_of_the_ttl_do_not_flutter(step: int, nodes: int, expected: int) -> None:
    assert nodettl.next_step(step, nodes) == expected


async def test_each_node_gets_its_range_and_its_ttl() -> None:
    world = World(nodeipam.controller("10.9.0.0/23"), nodettl.controller())
    for name in ("a", "b", "c"):
        await world.api.create(NODES, node(name))
    await world.manager.idle()
    ranges = {name: world.node(name)["spec"].get("podCIDR") for name in ("a", "b", "c")}
    assert ranges == {"a": "10.9.0.0/24", "b": "10.9.1.0/24", "c": None}
    assert world.node("a")["metadata"]["annotations"] == {nodettl.ANNOTATION: "0"}
    assert "CIDRNotAvailable" in world.api.reasons()
