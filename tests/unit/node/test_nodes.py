"""Nodes as such: how they register, what they keep fresh, what others may ask of them."""

from __future__ import annotations

import pytest

from fakekube.apis.coordination.leases import RESOURCE as LEASES
from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.storage.csinodes import RESOURCE as CSI_NODES
from fakekube.machinery.objects import Key, Object
from tests.unit.node.world import World

FIRST = "fakekube-node-1"


def node_of(world: World, name: str = FIRST) -> Object:
    node = world.api.get(NODES, Key("", name))
    assert node is not None
    return node


def renewed(world: World) -> str:
    lease = world.api.get(LEASES, Key("kube-node-lease", FIRST))
    assert lease is not None
    return str(lease["spec"]["renewTime"])


async def test_registration() -> None:
    async with World(nodes=2) as world:
        node = node_of(world)
        names = [one["metadata"]["name"] for one in world.api.list(NODES)]
        csi = world.api.get(CSI_NODES, Key("", FIRST))
        lease = world.api.get(LEASES, Key("kube-node-lease", FIRST))
        events = world.events(FIRST)
    assert names == [FIRST, "fakekube-node-2"]
    assert node["metadata"]["labels"] == {
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": FIRST, "kubernetes.io/os": "linux",
    }  # fmt: skip
    assert node["status"]["addresses"] == [
        {"type": "InternalIP", "address": "172.18.0.2"}, {"type": "Hostname", "address": FIRST}
    ]  # fmt: skip
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.20.2"
    assert node["metadata"]["managedFields"][0]["manager"] == "kubelet"
    assert csi is not None
    assert lease is not None
    owner = {"apiVersion": "v1", "kind": "Node", "name": FIRST, "uid": node["metadata"]["uid"]}
    assert csi["metadata"]["ownerReferences"] == lease["metadata"]["ownerReferences"] == [owner]
    assert lease["spec"]["holderIdentity"] == FIRST
    assert [reason for reason, _ in events] == [
        "Starting", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"
    ]  # fmt: skip


async def test_the_lease_is_renewed_and_the_status_reported_now_and_then() -> None:
    async with World() as world:
        before, revision = renewed(world), node_of(world)["metadata"]["resourceVersion"]
        await world.move(10, 5)
        after = renewed(world)
        still = node_of(world)["metadata"]["resourceVersion"]
        await world.move(300, 10)
        later = node_of(world)
    assert before < after
    assert still == revision
    assert later["metadata"]["resourceVersion"] != revision
    ready = later["status"]["conditions"][3]
    assert ready["lastHeartbeatTime"] > ready["lastTransitionTime"]


async def test_a_long_jump_of_the_clock_renews_once() -> None:
    async with World() as world:
        changes = 0

        def count(old: Object | None, new: Object | None) -> None:
            nonlocal changes
            changes += old is not None

        world.registry.subscribe(LEASES, count)
        await world.move(3600, 3600)
        assert renewed(world) == "2020-09-13T13:26:40.000000Z"
        assert changes == 1


async def test_a_condition_that_someone_else_set_is_put_right() -> None:
    async with World() as world:
        conditions = [{**one, "status": "Unknown"} for one in node_of(world)["status"]["conditions"]]
        await world.api.patch(NODES, Key("", FIRST), {"status": {"conditions": conditions}}, "status")
        await world.move(11, 5)
        assert [one["status"] for one in node_of(world)["status"]["conditions"]] == ["False", "False", "False", "True"]
        assert [reason for reason, _ in world.events(FIRST)].count("NodeReady") == 1
        event = next(one for one in world.events(FIRST) if one[0] == "NodeReady")
    assert event[1] == f"Node {FIRST} status is now: NodeReady"


async def test_what_someone_says_that_a_node_has_is_for_pods_too() -> None:
    async with World() as world:
        capacity = {**node_of(world)["status"]["capacity"], "example.com/dongle": "5"}
        await world.api.patch(NODES, Key("", FIRST), {"status": {"capacity": capacity}}, "status")
        await world.move(11, 5)
        assert node_of(world)["status"]["allocatable"] == capacity
        await world.api.patch(NODES, Key("", FIRST), {"status": {"capacity": {"example.com/dongle": None}}}, "status")
        await world.move(11, 5)
        assert "example.com/dongle" not in node_of(world)["status"]["allocatable"]


async def test_a_node_tells_that_it_was_cordoned() -> None:
    async with World() as world:
        for unschedulable in (True, False):
            await world.api.patch(NODES, Key("", FIRST), {"spec": {"unschedulable": unschedulable}})
        await world.move(1)
        told = [reason for reason, _ in world.events(FIRST)[-2:]]
    assert told == ["NodeNotSchedulable", "NodeSchedulable"]


async def test_a_node_that_was_deleted_does_not_come_back() -> None:
    async with World() as world:
        await world.api.delete(NODES, Key("", FIRST))
        await world.move(60, 10)
        assert world.api.get(NODES, Key("", FIRST)) is None


async def test_no_nodes() -> None:
    async with World(nodes=0) as world:
        await world.pod()
        await world.move(5)
        assert world.status()["phase"] == "Pending"
        assert not world.api.list(NODES)
        assert not world.nodes.busy


async def test_what_others_may_ask() -> None:
    async with World() as world:
        await world.pod()
        await world.move(2)
        key = Key("default", "p")
        process = world.nodes.container(key, "c")
        assert process is not None
        assert world.nodes.at_address("10.244.0.2") == [process]
        assert world.nodes.at_address("10.244.0.3") == []
        assert [pod["metadata"]["name"] for pod in world.nodes.pods(FIRST)] == ["p"]
        assert world.nodes.serves(FIRST)
        assert not world.nodes.serves("elsewhere")
        assert world.nodes.container(key, "nosuch") is None
        assert world.nodes.why_no_log(key, "c") == ""
        assert (
            world.nodes.why_no_log(key, "c", previous=True) == 'previous terminated container "c" in pod "p" not found'
        )


async def test_logs_of_attempts() -> None:
    async with World() as world:
        script = ["sh", "-c", "echo boom; exit 3"]
        await world.pod(containers=[{"name": "c", "image": "busybox", "command": script}])
        await world.move(2)
        for previous in (False, True):
            process = world.nodes.container(Key("default", "p"), "c", previous=previous)
            assert process is not None
            assert process.log.text() == b"boom\n"


async def test_many_pods_share_the_nodes_without_polling() -> None:
    async with World(nodes=5) as world:
        for number in range(50):
            await world.pod(f"p{number:02}", nodeName=f"fakekube-node-{number % 5 + 1}")
        await world.move(2)
        pods = world.api.list(PODS)
        revision = world.api.revision(PODS)
        await world.move(60, 10)
        assert world.api.revision(PODS) == revision
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert len({pod["status"]["podIP"] for pod in pods}) == 50


@pytest.mark.parametrize("grace", [0, None])
async def test_names_may_be_used_again(grace: int | None) -> None:
    async with World() as world:
        first = await world.pod()
        await world.move(2)
        await world.api.delete(PODS, Key("default", "p"), grace=grace)
        await world.move(1, 0.1)
        second = await world.pod()
        await world.move(2)
        assert first["metadata"]["uid"] != second["metadata"]["uid"]
        assert (world.status()["phase"], world.container()["restartCount"]) == ("Running", 0)


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_another_life_with_more_nodes_or_fewer(count: int) -> None:
    async with World(nodes=2) as world:
        await world.nodes.stop()
        uid = node_of(world)["metadata"]["uid"]
        await world.api.create(NODES, {"metadata": {"name": "mine"}})
        world.nodes = world.some(count)
        await world.nodes.start()
        await world.nodes.idle()
        names = [one["metadata"]["name"] for one in world.api.list(NODES)]
        leases = [one["metadata"]["name"] for one in world.api.list(LEASES)]
        told = {one["involvedObject"]["name"] for one in world.api.list(EVENTS)}
        if count:
            assert node_of(world)["metadata"]["uid"] == uid
    mine = [f"fakekube-node-{number + 1}" for number in range(count)]
    assert names == [*mine, "mine"]
    assert leases == mine
    assert told == set(mine)
