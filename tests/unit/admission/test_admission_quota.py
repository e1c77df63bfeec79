from __future__ import annotations

import asyncio

import pytest
from admission_samples import JOE, attributes, pod, resources
from hypothesis import given
from hypothesis import strategies as st

from fakekube.admission import resource_quota
from fakekube.admission.chain import Chain
from fakekube.admission.plugin import Permission, Wiring
from fakekube.admission.quota_check import Limited, Refused, check, read_configuration
from fakekube.apis import catalog, schema
from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.resourcequotas import RESOURCE as QUOTAS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.quota import amounts, usage
from fakekube.apis.quota.evaluators import evaluator_of, pod_usage
from fakekube.apis.resource import Resource
from fakekube.controllers import quota as controller
from fakekube.machinery import quantity
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.runtime.clock import Clock
from fakekube.storage.cache import Cache
from fakekube.storage.memory import Memory


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: object) -> Object:
    counted = dict.fromkeys(hard, "0") if used is None else used
    return {
        "metadata": {"name": "q", "namespace": "ns"},
        "spec": {"hard": hard, **spec},
        "status": {"hard": hard, "used": counted},
    }


def charged(obj: Object, *quotas: Object, resource: Resource = PODS, old: Object | None = None) -> list[dict[str, str]]:
    evaluator = evaluator_of(resource)
    assert evaluator is not None
    subject = attributes(obj, resource, "UPDATE" if old else "CREATE", old)
    return [amounts.written(charge.used) for charge in check(subject, quotas, evaluator, (), 0)]


CPU = resources({"cpu": "600m"}, {"cpu": "1"})


@pytest.mark.parametrize(
    ("obj", "limits", "used"),
    [
        (pod(CPU), quota({"requests.cpu": "1"}), {"requests.cpu": "600m"}),
        (pod(CPU, CPU), quota({"cpu": "2", "pods": "3"}, {"cpu": "500m", "pods": "1"}), {"cpu": "1700m", "pods": "2"}),
        (pod(CPU, initContainers=[resources({"cpu": "2"})]), quota({"cpu": "2"}), {"cpu": "2"}),
        (pod({}), quota({"count/pods": "1"}), {"count/pods": "1"}),
        (pod(resources({"a.b/c": "2"})), quota({"requests.a.b/c": "2"}), {"requests.a.b/c": "2"}),
        (pod(resources({"hugepages-2Mi": "4Mi"})), quota({"hugepages-2Mi": "4Mi"}), {"hugepages-2Mi": "4Mi"}),
    ],
)  # fmt: skip
def test_pods_are_charged(obj: Object, limits: Object, used: dict[str, str]) -> None:
    assert charged(obj, limits) == [used]


@pytest.mark.parametrize(
    ("obj", "limits", "why"),
    [
        (
            pod(CPU), quota({"requests.cpu": "1"}, {"requests.cpu": "500m"}),
            "exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1",
        ),
        (pod({}), quota({"cpu": "1", "limits.memory": "1"}), "failed quota: q: must specify cpu,limits.memory"),
        (pod(CPU), quota({"cpu": "1"}, {}), "status unknown for quota: q, resources: cpu"),
        (
            pod(resources({"cpu": "-1"})), quota({"cpu": "1"}),
            "quota usage is negative for resource(s): cpu,requests.cpu",
        ),
    ],
)  # fmt: skip
def test_refusals(obj: Object, limits: Object, why: str) -> None:
    with pytest.raises(Refused) as caught:
        charged(obj, limits)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    ("obj", "spec", "matches"),
    [
        (pod({}), {"scopes": ["BestEffort"]}, True),
        (pod(CPU), {"scopes": ["BestEffort"]}, False),
        (pod(CPU), {"scopes": ["NotBestEffort", "NotTerminating"]}, True),
        (pod({}, activeDeadlineSeconds=0), {"scopes": ["Terminating"]}, True),
        (pod({}, priorityClassName="hi"), {"scopes": ["PriorityClass"]}, True),
        *(
            (pod({}, **spec), {"scopeSelector": {"matchExpressions": [
                {"scopeName": "PriorityClass", "operator": operator, "values": values}]}}, matches)
            for spec, operator, values, matches in (
                ({"priorityClassName": "hi"}, "In", ["hi"], True), ({"priorityClassName": "lo"}, "In", ["hi"], False),
                ({"priorityClassName": "lo"}, "NotIn", ["hi"], True), ({}, "NotIn", ["hi"], True),
                ({}, "In", ["hi"], False),
                ({}, "Exists", [], False), ({}, "DoesNotExist", [], True),
            )
        ),
    ],
)  # fmt: skip
def test_scopes(obj: Object, spec: Object, matches: bool) -> None:
    assert charged(obj, quota({"pods": "5"}, **spec)) == ([{"pods": "1"}] if matches else [])


def service(type_: str, ports: int = 1) -> Object:
    return {"metadata": {"name": "s"}, "spec": {"type": type_, "ports": [{"port": n + 1} for n in range(ports)]}}


@pytest.mark.parametrize(
    ("new", "old", "used"),
    [
        (service("NodePort", 2), None, {"services": "1", "services.nodeports": "2", "services.loadbalancers": "0"}),
        (service("ClusterIP"), None, {"services": "1", "services.nodeports": "0", "services.loadbalancers": "0"}),
        (
            service("LoadBalancer"), service("ClusterIP"),
            {"services": "0", "services.nodeports": "1", "services.loadbalancers": "1"},
        ),
    ],
)  # fmt: skip
def test_services(new: Object, old: Object | None, used: dict[str, str]) -> None:
    limits = quota({"services": "9", "services.nodeports": "9", "services.loadbalancers": "9"})
    assert charged(new, limits, resource=SERVICES, old=old) == [used]


def test_what_becomes_less_is_not_charged() -> None:
    limits = quota({"services.nodeports": "0"})
    assert charged(service("ClusterIP"), limits, resource=SERVICES, old=service("NodePort")) == []


def test_claims_are_charged_to_their_class() -> None:
    claim = {
        "metadata": {"name": "c"},
        "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1500m"}}},
    }
    names = ("persistentvolumeclaims", "requests.storage", "fast.storageclass.storage.k8s.io/requests.storage")
    assert charged(claim, quota(dict.fromkeys(names, "9")), resource=CLAIMS) == [dict(zip(names, "122", strict=True))]


def test_limited_resources_need_a_quota() -> None:
    limited = [Limited("pods", ("cpu",), ({"scopeName": "PriorityClass", "operator": "In", "values": ["hi"]},))]
    evaluator = evaluator_of(PODS)
    assert evaluator is not None
    with pytest.raises(Refused, match="insufficient quota to consume: cpu,limits"):
        check(attributes(pod(CPU)), [], evaluator, limited, 0)
    with pytest.raises(Refused) as caught:
        check(attributes(pod({}, priorityClassName="hi")), [], evaluator, limited, 0)
    assert str(caught.value) == "insufficient quota to match these scopes: [{PriorityClass In [hi]}]"


def test_configuration() -> None:
    document = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "ResourceQuotaConfiguration",
        "limitedResources": [{"resource": "pods", "matchContains": ["cpu"]}, {"apiGroup": "apps", "resource": "x"}],
    }
    assert read_configuration(document) == [Limited("pods", ("cpu",)), Limited("x.apps")]
    with pytest.raises(ValueError, match=r"limitedResources\[0\].resource: Required value"):
        read_configuration({**document, "limitedResources": [{}]})


NUMBERS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 1000).map(quantity.Quantity))


@given(NUMBERS, NUMBERS)
def test_arithmetic(a: dict[str, quantity.Quantity], b: dict[str, quantity.Quantity]) -> None:
    total = amounts.add(a, b)
    assert total == amounts.add(b, a)
    assert amounts.growth(total, b) == {name: amount for name, amount in a.items() if amount}
    assert not amounts.above(a, total)
    assert amounts.largest(a, b).keys() == total.keys()
    assert all(amount in (a.get(name), b.get(name)) for name, amount in amounts.largest(a, b).items())


@given(st.lists(st.integers(0, 5000), max_size=8), st.integers(1, 10000))
def test_admission_and_the_controller_count_alike(requests: list[int], limit: int) -> None:
    """Whatever is let in one by one is what a count of all of them comes to, and never above the limit."""
    state, admitted = quota({"requests.cpu": f"{limit}m", "pods": "100"}), []
    for number in requests:
        candidate = pod(resources({"cpu": f"{number}m"}))
        try:
            [state["status"]["used"]] = charged(candidate, state)
        except Refused:
            continue
        admitted.append(candidate)
    evaluator = evaluator_of(PODS)
    assert evaluator is not None
    counted = usage.usage_of(state, [(evaluator, lambda: admitted)], 0)
    assert counted == amounts.read(state["status"]["used"])
    assert not amounts.above(counted, amounts.read(state["status"]["hard"]))


@pytest.mark.parametrize(
    ("status", "metadata", "charged_for"),
    [
        ({"phase": "Running"}, {}, True),
        ({"phase": "Succeeded"}, {}, False),
        ({}, {"deletionTimestamp": "1970-01-01T00:00:10Z", "deletionGracePeriodSeconds": 30}, True),
        ({}, {"deletionTimestamp": "1970-01-01T00:00:10Z", "deletionGracePeriodSeconds": 5}, False),
    ],
)
def test_pods_that_end_use_nothing(status: Object, metadata: Object, charged_for: bool) -> None:
    subject = {"metadata": metadata, "spec": pod({})["spec"], "status": status}
    assert pod_usage(subject, now=20).keys() == ({"count/pods", "pods"} if charged_for else {"count/pods"})


class World:
    """A registry whose admission is the quota plugin alone."""

    def __init__(self) -> None:
        chain = Chain()
        self.registry = Registry(catalog.builtin(), Cache(Memory()), Codec(schema.load("1.20")), chain, Clock())
        self.client = self.registry.client(JOE, "test")

        async def permits(*_: object, **__: object) -> Permission:
            return Permission(True)

        wiring = Wiring(permits, self.registry.catalog, self.registry.codec)
        chain.begin([resource_quota.make(wiring, None)], self.client)

    async def create(self, index: int) -> bool:
        try:
            await self.client.create(CONFIGMAPS, {"metadata": {"name": f"c{index}", "namespace": "ns"}})
        except StatusError as error:
            return not error.message.endswith("used: configmaps=10, limited: configmaps=10")
        return True


async def test_many_at_once_get_what_there_is() -> None:
    world = World()
    await world.registry.cache.start()
    made = await world.client.create(QUOTAS, quota({"configmaps": "10"}))
    status = {"hard": {"configmaps": "10"}, "used": {"configmaps": "0"}}
    await world.client.update(QUOTAS, {**made, "status": status}, "status")
    outcomes = await asyncio.gather(*(world.create(index) for index in range(100)))
    assert sum(outcomes) == 10
    assert len(world.client.list(CONFIGMAPS, "ns")) == 10


async def test_the_controller_writes_what_is_used() -> None:
    world = World()
    await world.registry.cache.start()
    await world.client.create(QUOTAS, quota({"configmaps": "5", "count/x.example.com": "1"}))
    await world.create(0)
    reconcile = controller.controller(lambda: world.registry.catalog.resources).reconcile
    assert await reconcile(Key("ns", "q"), world.client) == controller.RESYNC
    stored = world.client.get(QUOTAS, Key("ns", "q"))
    assert stored is not None
    assert stored["status"] == {
        "hard": {"configmaps": "5", "count/x.example.com": "1"},
        "used": {"configmaps": "1"},
    }


def test_only_what_frees_something_counts_anew() -> None:
    old = {"metadata": {}, "spec": {}, "status": {"phase": "Running"}}
    assert controller.frees(PODS, old, None)
    assert controller.frees(PODS, old, {**old, "status": {"phase": "Failed"}})
    assert not controller.frees(PODS, old, {**old, "status": {"phase": "Pending"}})
    assert not controller.frees(CONFIGMAPS, old, old)
    assert controller.frees(SERVICES, service("NodePort"), service("ClusterIP"))
    assert not controller.frees(SERVICES, service("ClusterIP"), service("ExternalName"))
