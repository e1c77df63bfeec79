from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import STAMP, node, pod

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.discovery.endpointslices import RESOURCE as SLICES
from fakekube.controllers import endpoints, endpointslicemirroring, endpointslices
from fakekube.controllers.shared import endpoints as shared
from fakekube.controllers.shared.slices import Changes
from fakekube.machinery.objects import Key, Object

WEB = {"app": "web"}


def service(ports: list[Object] | None = None, **spec: Any) -> Object:
    metadata = {"name": "web", "namespace": "ns", "uid": "uid-web", "creationTimestamp": STAMP}
    spec = {"clusterIP": "10.96.0.9", "selector": WEB, "ports": [{"port": 80}] if ports is None else ports, **spec}
    return {"metadata": metadata, "spec": spec}


def ips(addresses: list[Object] | None) -> list[str]:
    return [address["ip"] for address in addresses or ()]


@pytest.mark.parametrize(
    ("made", "ready", "unready"),
    [
        ({"ready": True}, ["10.0.0.1"], []),
        ({"ready": False}, [], ["10.0.0.1"]),
        ({"ready": True, "deleted": True}, [], []),
        ({"ready": False, "phase": "Failed", "restartPolicy": "Never"}, [], []),
        ({"ready": False, "phase": "Failed", "restartPolicy": "OnFailure"}, [], ["10.0.0.1"]),
        ({"ready": False, "phase": "Succeeded", "restartPolicy": "OnFailure"}, [], []),
    ],
)
def test_a_pod_is_an_address_while_it_may_serve(made: Object, ready: list[str], unready: list[str]) -> None:
    subsets = endpoints.plan(service(), [pod("a", labels=WEB, ip="10.0.0.1", **made)])
    found = subsets[0] if subsets else {}
    assert (ips(found.get("addresses")), ips(found.get("notReadyAddresses"))) == (ready, unready)


def test_pods_stand_together_by_the_ports_that_they_have() -> None:
    named = [{"name": "http", "containerPort": 8080}]
    other = [{"name": "http", "containerPort": 8081}]
    pods = [
        pod("a", ip="10.0.0.1", ready=True, containers=[{"name": "c", "ports": named}]),
        pod("b", ip="10.0.0.2", ready=True, containers=[{"name": "c", "ports": named}]),
        pod("c", ip="10.0.0.3", ready=True, containers=[{"name": "c", "ports": other}]),
    ]
    subsets = endpoints.plan(service([{"name": "web", "port": 80, "targetPort": "http"}]), pods)
    shown = {tuple(ips(subset["addresses"])): [port["port"] for port in subset["ports"]] for subset in subsets}
    assert shown == {("10.0.0.1", "10.0.0.2"): [8080], ("10.0.0.3",): [8081]}


def test_a_headless_service_needs_no_ports() -> None:
    (subset,) = endpoints.plan(service([], clusterIP="None"), [pod("a", ip="10.0.0.1", ready=True)])
    assert (ips(subset["addresses"]), "ports" in subset) == (["10.0.0.1"], False)


def test_unready_pods_are_published_on_request() -> None:
    (subset,) = endpoints.plan(service(publishNotReadyAddresses=True), [pod("a", ip="10.0.0.1", ready=False)])
    assert ips(subset["addresses"]) == ["10.0.0.1"]


def test_the_trigger_time_is_that_of_the_news() -> None:
    times = shared.TriggerTimes()
    first = pod("a", ip="10.0.0.1", ready=True)
    assert times.observe(service(), [first]) == STAMP
    assert times.observe(service(), [first]) == ""
    later = pod("b", ip="10.0.0.2", ready=True)
    later["status"]["conditions"][0]["lastTransitionTime"] = "2020-09-13T13:00:00Z"
    assert times.observe(service(), [first, later]) == "2020-09-13T13:00:00Z"


def slices(existing: list[Object], pods: list[Object], family: str = "IPv4") -> Changes:
    groups = endpointslices.desired(service(), pods, {"n": node("n")}, family)
    return endpointslices.plan(service(), existing, groups, family)


def many(count: int, start: int = 0) -> list[Object]:
    return [pod(f"p{i}", ip=f"10.0.1.{i}", ready=True, node="n") for i in range(start, start + count)]


def stored(one: Object, name: str) -> Object:
    return {**one, "metadata": {**one["metadata"], "name": name, "resourceVersion": "1"}}


def test_a_service_without_pods_has_an_empty_slice() -> None:
    changes = slices([], [])
    assert [(one["endpoints"], one["ports"]) for one in changes.create] == [([], [])]


def test_slices_hold_a_hundred_endpoints() -> None:
    assert [len(one["endpoints"]) for one in slices([], many(150)).create] == [100, 50]


def test_endpoints_stay_where_they_are_and_gaps_are_filled() -> None:
    (full, rest) = [stored(one, f"s{i}") for i, one in enumerate(slices([], many(150)).create)]
    changes = slices([full, rest], [*many(90), *many(45, 105), *many(10, 150)])
    sizes = {one["metadata"]["name"]: len(one["endpoints"]) for one in changes.update}
    assert (changes.create, changes.delete, sum(sizes.values())) == ([], [], 145)
    assert sizes["s0"] == 90 + 10


def test_nothing_is_written_when_nothing_has_changed() -> None:
    (there,) = [stored(one, "s") for one in slices([], many(3)).create]
    assert slices([there], many(3)) == Changes()


def test_a_slice_that_would_go_becomes_the_new_one() -> None:
    (there,) = [stored(one, "s") for one in slices([], many(3)).create]
    changes = slices([there], [])
    assert (changes.create, changes.delete, changes.update[0]["metadata"]["name"]) == ([], [], "s")


@pytest.mark.parametrize(
    ("spec", "families"),
    [
        ({}, ("IPv4",)),
        ({"clusterIP": "fd00::1"}, ("IPv6",)),
        ({"clusterIP": "None"}, ("IPv4", "IPv6")),
        ({"ipFamilies": ["IPv6"]}, ("IPv6",)),
    ],
)
def test_families_of_a_service(spec: Object, families: tuple[str, ...]) -> None:
    assert endpointslices.address_types(service(**spec)) == families


def test_mirrored_addresses_count_as_ready() -> None:
    subset = {"notReadyAddresses": [{"ip": "192.0.2.1"}, {"ip": "no"}], "ports": [{"port": 80}]}
    wanted = endpointslicemirroring.desired({"subsets": [subset]})
    (endpoint,) = wanted.groups["IPv4", next(iter(wanted.groups))[1]].endpoints.values()
    assert (endpoint["conditions"], wanted.invalid) == ({"ready": True}, 1)
    reasons = [reason for reason, _ in endpointslicemirroring.complaints(wanted)]
    assert reasons == ["InvalidIPAddress"]


async def test_endpoints_follow_pods_and_services() -> None:
    api = FakeClient()
    running = manager(api, (endpoints.controller(), endpointslices.controller(), endpointslicemirroring.CONTROLLER))
    running.start()
    await api.create(NODES, node("n"))
    await api.create(SERVICES, service())
    await api.create(PODS, pod("a", labels=WEB, ip="10.0.0.1", ready=True, node="n"))
    await running.idle()
    found = api.get(ENDPOINTS, Key("ns", "web"))
    assert found is not None
    assert ips(found["subsets"][0]["addresses"]) == ["10.0.0.1"]
    (one,) = api.list(SLICES)
    assert one["endpoints"][0]["addresses"] == ["10.0.0.1"]
    await api.delete(PODS, Key("ns", "a"))
    await api.delete(SERVICES, Key("ns", "web"))
    await running.idle()
    assert api.get(ENDPOINTS, Key("ns", "web")) is None
    await running.stop()
