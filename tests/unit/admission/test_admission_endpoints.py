"""Subresources with kinds of their own pass admission once, as what the client sent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fakekube.admission.chain import Chain
from fakekube.admission.plugin import ALL, On, Plugin, forbidden
from fakekube.apis import catalog, schema
from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.apis.authorization.localsubjectaccessreviews import RESOURCE as REVIEWS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.resource import Resource
from fakekube.endpoints import bindings, evictions, reviews, scale
from fakekube.endpoints import services as service_endpoint
from fakekube.endpoints.endpoint import Endpoint, Services
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope
from fakekube.runtime.clock import Clock
from fakekube.storage.cache import Cache
from fakekube.storage.memory import Memory

POD = {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD["spec"]}
DEPLOYMENT = {
    "metadata": {"name": "d", "namespace": "ns"},
    "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE},
}


class World:
    """A registry whose admission notes what it sees, and refuses on demand."""

    def __init__(self) -> None:
        chain = Chain()
        self.seen: list[str] = []
        self.refuses = False
        codec = Codec(schema.load("1.20"))
        self.registry = Registry(catalog.builtin(), Cache(Memory()), codec, chain, Clock())
        self.services = Services(self.registry, None, None)  # type: ignore[arg-type]
        self.client = self.registry.client(UserInfo("joe"), "test")
        chain.begin([Plugin("Notes", On(ALL, subresources=None), self.note, self.judge)], self.client)

    def note(self, a: Attributes, _: object) -> None:
        kind = (a.object or {}).get("kind", "")
        self.seen.append(f"{a.operation} {a.resource.plural}/{a.subresource} {a.name} {kind}")
        if a.resource is SERVICES:
            assert a.object is not None
            a.object["spec"]["type"] = "NodePort"

    def judge(self, a: Attributes, _: object) -> None:
        if self.refuses:
            raise forbidden(a, "no")

    async def create(self, resource: Resource, obj: Object) -> None:
        await self.client.create(resource, obj)
        self.seen.clear()

    def scope(self, resource: Resource, subresource: str, name: str) -> Scope:
        version, user = resource.storage_version, UserInfo("joe")
        return Scope(resource, version, user, namespace="ns", name=name, subresource=subresource)


@pytest.fixture
async def world() -> World:
    made = World()
    await made.registry.cache.start()
    return made


def endpoint(found: tuple[Endpoint, ...], plural: str, subresource: str = "") -> Any:
    return next(one for one in found if (one.plural, one.subresource) == (plural, subresource))


async def test_a_binding_is_no_update_of_its_pod(world: World) -> None:
    await world.create(PODS, POD)
    binding = {"kind": "Binding", "metadata": {"name": "p"}, "target": {"name": "n"}}
    create = endpoint(bindings.ENDPOINTS, "pods", "binding").create
    await create(world.scope(PODS, "binding", "p"), binding, world.services)
    assert world.seen == ["CREATE pods/binding p Binding"]
    [pod] = world.client.list(PODS)
    assert pod["spec"]["nodeName"] == "n"


async def test_an_eviction_is_no_deletion_of_its_pod(world: World) -> None:
    await world.create(PODS, POD)
    eviction = {"kind": "Eviction", "metadata": {"name": "p"}, "deleteOptions": {"gracePeriodSeconds": 0}}
    create = endpoint(evictions.ENDPOINTS, "pods", "eviction").create
    world.refuses = True
    with pytest.raises(StatusError, match='pods "p" is forbidden: no'):
        await create(world.scope(PODS, "eviction", "p"), eviction, world.services)
    world.refuses = False
    world.seen.clear()
    await create(world.scope(PODS, "eviction", "p"), eviction, world.services)
    assert world.seen == ["CREATE pods/eviction p Eviction"]
    assert world.client.list(PODS) == []


async def test_a_scale_is_no_update_of_its_workload(world: World) -> None:
    await world.create(DEPLOYMENTS, DEPLOYMENT)

    async def make(shown: Object | None) -> Object:
        assert shown is not None
        return {**shown, "spec": {"replicas": 3}}

    update = endpoint(scale.ENDPOINTS, "deployments", "scale").update
    await update(world.scope(DEPLOYMENTS, "scale", "d"), make, world.services)
    assert world.seen == ["UPDATE deployments/scale d Scale"]
    [deployment] = world.client.list(DEPLOYMENTS)
    assert deployment["spec"]["replicas"] == 3


async def test_questions_pass_admission(world: World) -> None:
    world.refuses = True
    create = endpoint(reviews.ENDPOINTS, "localsubjectaccessreviews").create
    with pytest.raises(StatusError, match="is forbidden: no"):
        await create(world.scope(REVIEWS, "", ""), {"metadata": {}, "spec": {}}, world.services)


async def test_services_get_what_admission_made_of_them(world: World) -> None:
    decoded = {"metadata": {"name": "s", "namespace": "ns"}, "spec": {"ports": [{"port": 80}]}}
    service = world.registry.codec.decode(SERVICES, SERVICES.storage_version, decoded)
    create = endpoint(service_endpoint.ENDPOINTS, "services").create
    await create(world.scope(SERVICES, "", ""), service, world.services)
    [stored] = world.client.list(SERVICES)
    assert stored["spec"]["clusterIP"]
    assert stored["spec"]["ports"][0]["nodePort"]


@pytest.mark.parametrize(("asked", "given"), [({}, 32769), ({"nodePort": 1}, 1)])
async def test_a_dry_run_takes_no_node_port(world: World, asked: Object, given: int) -> None:
    """The real server makes up a port behind its range, and does not look whether one that is named is within."""
    decoded = {"metadata": {"name": "s", "namespace": "ns"}, "spec": {"ports": [{"port": 80, **asked}]}}
    service = world.registry.codec.decode(SERVICES, SERVICES.storage_version, decoded)
    create = endpoint(service_endpoint.ENDPOINTS, "services").create
    made = await create(replace(world.scope(SERVICES, "", ""), dry_run=True), service, world.services)
    assert made.object["spec"]["ports"][0]["nodePort"] == given
