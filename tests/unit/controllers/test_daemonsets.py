from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import NOW, node, pod

from fakekube.apis.apps.controllerrevisions import RESOURCE as REVISIONS
from fakekube.apis.apps.daemonsets import RESOURCE as DAEMONSETS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers import daemonsets
from fakekube.controllers.daemonsets import plan
from fakekube.machinery.objects import Key, Object, key_of

AGENT = Key("ns", "agent")
TAINT = {"key": "k", "value": "v", "effect": "NoSchedule"}


def daemon_set(image: str = "img:1", **spec: Any) -> Object:
    template = {
        "metadata": {"labels": {"app": "agent"}},
        "spec": {"containers": [{"name": "c", "image": image}], **spec},
    }
    return {
        "metadata": {"name": "agent", "namespace": "ns", "uid": "uid-agent"},
        "spec": {
            "selector": {"matchLabels": {"app": "agent"}},
            "template": template,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "revisionHistoryLimit": 10,
        },
    }


@pytest.mark.parametrize(
    ("spec", "of_node", "expected"),
    [
        ({}, {}, (True, True)),
        ({"nodeSelector": {"disk": "ssd"}}, {}, (False, False)),
        ({"nodeName": "other"}, {}, (False, False)),
        ({}, {"taints": [TAINT]}, (False, True)),
        ({}, {"taints": [{**TAINT, "effect": "NoExecute"}]}, (False, False)),
        ({"tolerations": [{"operator": "Exists"}]}, {"taints": [TAINT]}, (True, True)),
        ({}, {"unschedulable": True}, (True, True)),
        ({}, {"taints": [{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}]}, (True, True)),
    ],
)
def test_where_daemons_run(spec: Object, of_node: Object, expected: tuple[bool, bool]) -> None:
    assert plan.should_run(daemon_set(**spec), node("n", **of_node)) == expected


def test_the_pod_of_a_node_is_sent_there_by_its_affinity() -> None:
    template = plan.pod_template(daemon_set(), "n1", "hash")
    assert plan.target_node({"spec": template["spec"]}) == "n1"
    assert template["metadata"]["labels"] == {"app": "agent", "controller-revision-hash": "hash"}
    assert len(template["spec"]["tolerations"]) == 6


def test_one_pod_on_each_node() -> None:
    nodes = [node("a"), node("b"), node("c", taints=[{**TAINT, "effect": "NoExecute"}])]
    there = {
        "b": [pod("b1", node="b"), pod("b2")],
        "c": [pod("c1", node="c"), pod("c2", node="c", deleted=True)],
        "gone": [pod("g1"), pod("g2", node="gone")],
    }
    changes = plan.plan(daemon_set(), nodes, there)
    assert changes.missing == ["a"]
    assert [one["metadata"]["name"] for one in changes.doomed] == ["b2", "c1", "g1"]


def test_a_failed_pod_goes_unless_others_failed_shortly_before() -> None:
    there = {"a": [pod("a1", node="a", phase="Failed")]}
    assert [name for name, _ in plan.plan(daemon_set(), [node("a")], there).failed] == ["a"]
    assert plan.plan(daemon_set(), [node("a")], there, lambda _: True).doomed == []


def test_an_update_takes_as_many_pods_as_may_be_missing() -> None:
    nodes = [node(name) for name in "abc"]
    there = {name: [pod(name, node=name, ready=True)] for name in "abc"}
    assert len(plan.outdated(daemon_set(), nodes, there, "new", NOW)) == 1
    there["a"] = [pod("a", node="a", ready=False)]
    assert [one["metadata"]["name"] for one in plan.outdated(daemon_set(), nodes, there, "new", NOW)] == ["a"]


class World:
    """A DaemonSet on nodes with its controller running."""

    def __init__(self) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, (daemonsets.controller(),))
        self.manager.start()

    async def ready(self) -> None:
        for one in self.api.list(PODS):
            conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": "2020-09-13T12:26:40Z"}]
            await self.api.patch(
                PODS, key_of(one), {"status": {"phase": "Running", "conditions": conditions}}, "status"
            )
        await self.manager.idle()

    def status(self) -> Object:
        found = self.api.get(DAEMONSETS, AGENT)
        assert found is not None
        status: Object = found["status"]
        return status


async def test_an_update_goes_from_node_to_node() -> None:
    world = World()
    for name in ("a", "b"):
        await world.api.create(NODES, node(name))
    await world.api.create(DAEMONSETS, daemon_set())
    await world.manager.idle()
    await world.ready()
    assert (world.status()["numberReady"], world.status()["updatedNumberScheduled"]) == (2, 2)
    await world.api.patch(DAEMONSETS, AGENT, {"spec": {"template": {"spec": {"containers": [{"image": "img:2"}]}}}})
    await world.manager.idle()
    assert (world.status()["numberReady"], world.status()["updatedNumberScheduled"]) == (1, 1)
    await world.ready()
    assert world.status()["updatedNumberScheduled"] == 2
    assert sorted(one["revision"] for one in world.api.list(REVISIONS)) == [1, 2]
    await world.manager.stop()
