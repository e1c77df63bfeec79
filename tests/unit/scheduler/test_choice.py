from __future__ import annotations

import pytest
from placing import asking, attempt, state
from podsamples import node, pod
from readers import ObjectsReader

from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.policy.poddisruptionbudgets import RESOURCE as BUDGETS
from fakekube.machinery.objects import Object
from fakekube.scheduler import filters, preemption, scheduling, scores


def chosen(wanted: Object, nodes: list[Object], pods: list[Object], api: ObjectsReader | None = None) -> str:
    trying = attempt(wanted, state(nodes, pods), api)
    return scores.best(trying, list(trying.view.nodes.values())).name


def prefers(kind: str, weight: int, **term: object) -> Object:
    field = "preference" if kind == "nodeAffinity" else "podAffinityTerm"
    return {"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, field: term}]}}}


WEB = {"matchLabels": {"app": "web"}}
SLOT = {"matchExpressions": [{"key": "slot", "operator": "In", "values": ["b"]}]}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (pod("p", **prefers("nodeAffinity", 100, **SLOT)), "b"),
        (pod("p", **prefers("podAffinity", 100, labelSelector=WEB, topologyKey="slot")), "a"),
        (pod("p", **prefers("podAntiAffinity", 100, labelSelector=WEB, topologyKey="slot")), "b"),
        (pod("p"), "b"),
    ],
)
def test_preferences(wanted: Object, expected: str) -> None:
    nodes = [node("a", labels={"slot": "a"}), node("b", labels={"slot": "b"})]
    assert chosen(wanted, nodes, [pod("w", node="a", labels={"app": "web"})]) == expected


def test_a_soft_taint_is_avoided() -> None:
    soft = {"key": "soft", "effect": "PreferNoSchedule"}
    assert chosen(pod("p"), [node("a", taints=[soft]), node("b")], []) == "b"


def test_the_emptier_node_is_better() -> None:
    there = [pod("big", node="a", containers=asking(cpu="3", memory="6Gi"))]
    assert chosen(pod("p", containers=asking(cpu="1", memory="2Gi")), [node("a"), node("b")], there) == "b"


def test_pods_of_a_service_are_spread() -> None:
    api = ObjectsReader()
    api.put(SERVICES, {"metadata": {"name": "web", "namespace": "ns"}, "spec": {"selector": {"app": "web"}}})
    there = [pod("one", node="a", labels={"app": "web"}), pod("other", node="b")]
    assert chosen(pod("p", labels={"app": "web"}), [node("a"), node("b")], there, api) == "b"


# Preemption


def low(name: str, on: str, cpu: str, priority: int = 10, **more: object) -> Object:
    made = pod(name, node=on, priority=priority, containers=asking(cpu=cpu), labels={"p": name})
    made["status"].update(more)
    return made


def victims(wanted: Object, nodes: list[Object], pods: list[Object], budgets: list[Object] | None = None) -> list[str]:
    """The node, and who has to leave it."""
    api, of = ObjectsReader(), state(nodes, pods)
    api.put(BUDGETS, *budgets or ())
    trying = attempt(wanted, of, api)
    found = preemption.find(trying, of, filters.refusals(trying, of))
    return [found.node, *(one.name for one in found.victims)] if found is not None else []


HIGH = {"priority": 1000, "containers": asking(cpu="2")}


@pytest.mark.parametrize(
    ("wanted", "pods", "expected"),
    [
        (HIGH, [low("small", "n", "1"), low("large", "n", "3")], ["n", "large"]),
        (HIGH, [low("less", "n", "2", 5), low("more", "n", "2", 20)], ["n", "less"]),
        (HIGH, [low("equal", "n", "3", 1000)], []),
        ({**HIGH, "preemptionPolicy": "Never"}, [low("small", "n", "3")], []),
        ({**HIGH, "containers": asking(cpu="9")}, [low("small", "n", "3")], []),
        ({**HIGH, "nodeSelector": {"no": "such"}}, [low("small", "n", "3")], []),
    ],
)
def test_who_has_to_go(wanted: Object, pods: list[Object], expected: list[str]) -> None:
    assert victims(pod("p", phase="Pending", **wanted), [node("n")], pods) == expected


def test_the_smallest_loss_decides_between_nodes() -> None:
    nodes = [node("a"), node("b")]
    two_small = [low("a1", "a", "2"), low("a2", "a", "2")]
    wanted = pod("p", phase="Pending", priority=1000, containers=asking(cpu="4"))
    assert victims(wanted, nodes, [*two_small, low("b1", "b", "3", 20)]) == ["a", "a1", "a2"]
    assert victims(wanted, nodes, [*two_small, low("b1", "b", "3", 10)]) == ["b", "b1"]


def test_budgets_are_spared_if_possible() -> None:
    metadata = {"name": "b", "namespace": "ns"}
    budget = {"metadata": metadata, "spec": {"selector": {"matchLabels": {"p": "kept"}}}, "status": {}}
    pods = [low("kept", "n", "2", 5), low("other", "n", "2", 20)]
    assert victims(pod("p", phase="Pending", **HIGH), [node("n")], pods, [budget]) == ["n", "other"]


def test_nobody_else_is_sent_away_while_the_first_are_leaving() -> None:
    wanted = pod("p", phase="Pending", **HIGH)
    wanted["status"]["nominatedNodeName"] = "n"
    leaving = low("leaving", "n", "3")
    leaving["metadata"]["deletionTimestamp"] = "2020-09-13T12:26:40Z"
    assert victims(wanted, [node("n")], [leaving]) == []


# Waking


@pytest.mark.parametrize(("old", "new", "wakes"), [
    (None, node("n"), True),
    (node("n"), node("n"), False),
    (node("n"), node("n", labels={"a": "b"}), True),
    (node("n"), node("n", "False"), True),
    (node("n", unschedulable=True), node("n"), True),
    (node("n"), None, False),
])  # fmt: skip
def test_which_changes_of_nodes_wake_pods(old: Object | None, new: Object | None, wakes: bool) -> None:
    assert scheduling.node_changed(old, new) == wakes


@pytest.mark.parametrize(("old", "new", "left", "arrived"), [
    (pod("p"), pod("p", node="n"), False, True),
    (pod("p", node="n"), pod("p", node="n", phase="Succeeded"), True, False),
    (pod("p", node="n"), None, True, False),
    (pod("p"), None, False, False),
    (pod("p", node="n"), pod("p", node="n", labels={"a": "b"}), False, True),
])  # fmt: skip
def test_which_changes_of_pods_wake_others(old: Object, new: Object | None, left: bool, arrived: bool) -> None:
    assert (scheduling.pod_left(old, new), scheduling.pod_arrived(old, new)) == (left, arrived)


def test_its_own_status_does_not_wake_a_pod() -> None:
    before, after = pod("p", phase="Pending"), pod("p", phase="Pending", ready=False)
    after["metadata"]["resourceVersion"] = "2"
    assert not scheduling.pod_changed(before, after)
    assert scheduling.pod_changed(before, pod("p", phase="Pending", labels={"a": "b"}))
