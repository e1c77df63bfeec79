from __future__ import annotations

from typing import Any

import pytest
from placing import asking, attempt, state
from podsamples import STAMP, node, pod
from readers import ObjectsReader

from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.storage.storageclasses import RESOURCE as CLASSES
from fakekube.machinery.objects import Object
from fakekube.scheduler import filters


def verdicts(wanted: Object, nodes: list[Object], pods: list[Object] | None = None) -> dict[str, tuple[str, ...]]:
    """node -> reasons; () where the pod fits."""
    of = state(nodes, pods)
    found = filters.refusals(attempt(wanted, of), of)
    return {name: why.reasons if why is not None else () for name, why in found.items()}


def listening(port: int, protocol: str = "TCP", ip: str = "") -> list[Object]:
    return [{"name": "c", "ports": [{"containerPort": 1, "hostPort": port, "protocol": protocol, "hostIP": ip}]}]


SSD = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
RED = {"key": "team", "value": "red", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("spec", "of_node", "reason"),
    [
        ({}, {}, None),
        ({}, {"unschedulable": True}, "node(s) were unschedulable"),
        ({}, {"taints": [RED]}, "node(s) had taint {team: red}, that the pod didn't tolerate"),
        ({}, {"taints": [{**RED, "effect": "PreferNoSchedule"}]}, None),
        ({"tolerations": [{"key": "team", "value": "red"}]}, {"taints": [RED]}, None),
        ({"nodeSelector": {"disk": "hdd"}}, {}, "node(s) didn't match Pod's node affinity"),
        ({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{}, SSD]}}}}, {}, None),
        ({"containers": asking(cpu="5")}, {}, "Insufficient cpu"),
        ({"containers": asking(cpu="4")}, {}, None),
        ({"containers": asking(**{"example.com/gpu": "1"})}, {}, "Insufficient example.com/gpu"),
        ({"containers": asking(ephemeral_storage="1Gi")}, {}, "Insufficient ephemeral-storage"),
        ({"initContainers": asking(memory="9Gi")}, {}, "Insufficient memory"),
        ({"overhead": {"cpu": "5"}}, {}, "Insufficient cpu"),
    ],
)  # fmt: skip
def test_one_node(spec: Object, of_node: Object, reason: str | None) -> None:
    found = verdicts(pod("p", phase="Pending", **spec), [node("n", labels={"disk": "ssd"}, **of_node)])
    assert found == {"n": (reason,) if reason else ()}


def test_what_is_there_takes_room() -> None:
    there = [
        pod("a", node="n", containers=asking(cpu="3")),
        pod("b", node="n", phase="Succeeded", containers=asking(cpu="3")),
    ]
    assert verdicts(pod("p", containers=asking(cpu="1")), [node("n")], there) == {"n": ()}
    assert verdicts(pod("p", containers=asking(cpu="1001m")), [node("n")], there) == {"n": ("Insufficient cpu",)}


@pytest.mark.parametrize(("wanted", "free"), [
    (listening(80), False),
    (listening(80, "UDP"), True),
    (listening(81), True),
    (listening(80, ip="192.0.2.1"), False),
])  # fmt: skip
def test_ports_of_the_node(wanted: list[Object], free: bool) -> None:
    found = verdicts(pod("p", containers=wanted), [node("n")], [pod("a", node="n", containers=listening(80))])
    assert (found["n"] == ()) == free


def zones() -> list[Object]:
    return [node(name, labels={"zone": name[0]}) for name in ("a1", "a2", "b1")]


def terms(kind: str, app: str, topology: str = "zone") -> Object:
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": topology}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


@pytest.mark.parametrize(
    ("affinity", "fitting"),
    [
        (terms("podAffinity", "db"), {"a1", "a2"}),
        (terms("podAffinity", "none"), set()),
        (terms("podAffinity", "self"), {"a1", "a2", "b1"}),
        (terms("podAntiAffinity", "db"), {"b1"}),
        (terms("podAntiAffinity", "db", "nosuch"), {"a1", "a2", "b1"}),
    ],
)
def test_other_pods(affinity: Object, fitting: set[str]) -> None:
    there = [pod("db", node="a1", labels={"app": "db"})]
    found = verdicts(pod("p", labels={"app": "self"}, affinity=affinity), zones(), there)
    assert {name for name, reasons in found.items() if not reasons} == fitting


def test_a_pod_that_is_there_keeps_others_away() -> None:
    there = [pod("hermit", node="a1", affinity=terms("podAntiAffinity", "visitor"))]
    found = verdicts(pod("p", labels={"app": "visitor"}), zones(), there)
    assert found["b1"] == ()
    assert found["a2"][-1] == filters.NOT_WELCOME


def test_pods_are_spread() -> None:
    constraint = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    spread = {"topologySpreadConstraints": [{**constraint, "labelSelector": {"matchLabels": {"s": "s"}}}]}
    there = [pod("one", node="a1", labels={"s": "s"})]
    found = verdicts(pod("p", labels={"s": "s"}, **spread), [*zones(), node("bare")], there)
    assert {name: bool(reasons) for name, reasons in found.items()} == {
        "a1": True,
        "a2": True,
        "b1": False,
        "bare": True,
    }
    assert found["bare"][0].endswith("(missing required label)")


def test_the_message_counts_reasons_in_order() -> None:
    of = state([node("a"), node("b"), node("c", taints=[RED])])
    wanted = pod("p", containers=asking(cpu="9", memory="99Gi"))
    text = filters.message(filters.refusals(attempt(wanted, of), of))
    taint = "1 node(s) had taint {team: red}, that the pod didn't tolerate"
    assert text == f"0/3 nodes are available: {taint}, 2 Insufficient cpu, 2 Insufficient memory."
    assert filters.message({}) == "no nodes available to schedule pods"


def test_room_that_is_promised_is_taken() -> None:
    promised = pod("first", phase="Pending", priority=10, containers=asking(cpu="4"))
    promised["status"]["nominatedNodeName"] = "n"
    for priority, fits in ((0, False), (10, False), (11, True)):
        of = state([node("n")], [promised])
        wanted = pod("p", priority=priority, containers=asking(cpu="1"))
        assert (filters.refusals(attempt(wanted, of), of)["n"] is None) == fits


# Volumes


def claim(name: str, **spec: Any) -> Object:
    metadata: Object = {"name": name, "namespace": "ns", "uid": name}
    if "volumeName" in spec:
        metadata["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}
    return {"metadata": metadata, "spec": {"accessModes": ["ReadWriteOnce"], **spec}}


def volume(name: str, zone: str = "") -> Object:
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": [zone]}]}
    affinity = {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}} if zone else {}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "wait", **affinity}
    return {"metadata": {"name": name}, "spec": spec, "status": {"phase": "Available"}}


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        (
            "nosuch",
            {"a1": 'persistentvolumeclaim "nosuch" not found', "b1": 'persistentvolumeclaim "nosuch" not found'},
        ),
        ("plain", dict.fromkeys(("a1", "b1"), "pod has unbound immediate PersistentVolumeClaims")),
        ("bound", {"a1": None, "b1": "node(s) had volume node affinity conflict"}),
        ("lost", dict.fromkeys(("a1", "b1"), "pvc(s) bound to non-existent pv(s)")),
        ("waiting", {"a1": "node(s) didn't find available persistent volumes to bind", "b1": None}),
    ],
)
def test_claims(name: str, reasons: dict[str, str | None]) -> None:
    api = ObjectsReader()
    api.put(CLAIMS, claim("plain"), claim("bound", volumeName="a"), claim("lost", volumeName="gone"))
    api.put(CLAIMS, claim("waiting", storageClassName="wait"))
    wait = {"provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"}
    api.put(CLASSES, {"metadata": {"name": "wait"}, **wait})
    api.put(VOLUMES, {**volume("a", "a"), "status": {"phase": "Bound"}}, volume("b", "b"))
    of = state([one for one in zones() if one["metadata"]["name"] != "a2"])
    wanted = pod("p", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": name}}])
    found = filters.refusals(attempt(wanted, of, api), of)
    assert {key: why and why.reasons[0] for key, why in found.items()} == reasons


# State


def test_the_state_follows_changes() -> None:
    of = state([node("n")], [pod("homeless", node="later")])
    assert list(of.view.pods()) == []
    of.take_node(None, node("later"))
    assert [(info.name, one.name) for info, one in of.view.pods()] == [("later", "homeless")]
    ended = pod("homeless", node="later", phase="Failed")
    of.take_pod(pod("homeless", node="later"), ended)
    assert list(of.view.pods()) == []


def test_counts_by_label_are_kept_up() -> None:
    of = state([node("n")])
    info, wanted = of.view.nodes["n"], ("ns", frozenset({("app", "web")}))
    assert info.count(wanted) == 0
    one = pod("a", node="n", labels={"app": "web"})
    of.take_pod(None, one)
    assert info.count(wanted) == 1
    leaving = {**one, "metadata": {**one["metadata"], "deletionTimestamp": STAMP}}
    of.take_pod(one, leaving)
    assert info.count(wanted) == 0
    of.take_pod(leaving, None)
    assert (info.count(wanted), info.requested) == (0, {})
