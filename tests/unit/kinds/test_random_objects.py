"""Laws that hold for every built-in kind, whatever a client sends.

What is stored reads back as it was answered; an update with what is there changes nothing, not even its revision; shown
in any served version and sent back in it, as JSON or as YAML, an object is the same; and no change of it makes the
server fail.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from random_documents import changed
from stores import CATALOG, OWN_NAMES, codec, document, registry_of_its_own, scope, update

from fakekube.apis.resource import Resource, Version
from fakekube.machinery import yamltext
from fakekube.machinery.decoding import DecodeError, decode_json, decode_yaml
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.registry.registry import Registry

KINDS = [resource for resource in CATALOG.resources if resource.stored]
STRICTER_LATER = ("Node",)
"""Kinds of which the server judges more when they are updated than when they are created."""


async def live_through(resource: Resource, version: Version, sent: Object, dice: random.Random) -> None:
    """Create the object; if it can be, check the laws."""
    registry = await registry_of_its_own()
    store = registry.store(resource)
    try:
        decoded = codec().decode(resource, version, sent)
        made = await store.create(scope(resource, version), decoded)
    except DecodeError:
        return
    except StatusError as error:
        if error.code >= 500:
            raise
        return
    name = made.object["metadata"]["name"]
    assert store.get(scope(resource, version, name)).object == made.object
    for served in (version, *(other for other in resource.versions if other is not version)):
        if served.served(CATALOG.release):
            await check_version(registry, resource, served, name)
    await check_changes(registry, resource, version, name, dice)


async def check_version(registry: Registry, resource: Resource, served: Version, name: str) -> None:
    """Shown in that version and sent back in it, the object is the same."""
    before = registry.store(resource).get(scope(resource, served, name))
    shown = codec().version_of(resource, served, before.object)
    assert decode_yaml(yamltext.dump(shown).encode()) == decode_json(json.dumps(shown).encode())
    try:
        after = await update(registry, resource, served, name, shown)
        again = await update(registry, resource, served, name, codec().version_of(resource, served, after.object))
    except StatusError as error:
        if resource.kind in STRICTER_LATER and error.code == 422:
            return
        raise AssertionError(f"{served.name}: {error.message}\n{shown}") from None
    assert without_managers(after.object) == without_managers(before.object), served.name
    assert again.revision == after.revision, served.name


async def check_changes(
    registry: Registry, resource: Resource, version: Version, name: str, dice: random.Random
) -> None:
    """Whatever is changed in it, the update is made or refused."""
    type_ = codec().type_of(resource.group, version.name, resource.kind)
    there = scope(resource, version, name)
    for _ in range(3):
        shown = codec().version_of(resource, version, registry.store(resource).get(there).object)
        try:
            await update(registry, resource, version, name, changed(dice, shown, type_))
        except DecodeError:
            continue
        except StatusError as error:
            if error.code >= 500:
                raise


def without_managers(obj: Object) -> Object:
    """What an update in another version leaves as it is: all but the record of who wrote which field, and when."""
    metadata = {k: v for k, v in obj["metadata"].items() if k not in ("managedFields", "resourceVersion")}
    return {**obj, "metadata": metadata}


@pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.qualified)
async def test_valid_objects(resource: Resource) -> None:
    """The objects that the laws are tried on are valid, but where another version has another shape."""
    version = next(v for v in resource.versions if v.served(CATALOG.release))
    registry = await registry_of_its_own()
    decoded = codec().decode(resource, version, document(resource, version))
    await registry.store(resource).create(scope(resource, version), decoded)


@pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.qualified)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_laws(resource: Resource, seed: int) -> None:
    dice = random.Random(seed)
    version = dice.choice([v for v in resource.versions if v.served(CATALOG.release)])
    type_ = codec().type_of(resource.group, version.name, resource.kind)
    sent = changed(dice, document(resource, version), type_)
    asyncio.run(live_through(resource, version, sent, dice))


async def test_an_update_is_defaulted_as_it_was_sent() -> None:
    """An empty list of policies is no lack of one: it is refused, as it is on creation."""
    [resource] = [r for r in KINDS if r.kind == "HorizontalPodAutoscaler"]
    version = resource.version("v2beta2")
    registry = await registry_of_its_own()
    sent = document(resource, version)
    sent["spec"]["behavior"] = {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 5}]}}
    await registry.store(resource).create(scope(resource, version), codec().decode(resource, version, sent))
    sent["spec"]["behavior"]["scaleDown"]["policies"] = []
    with pytest.raises(StatusError, match="must specify at least one Policy"):
        await update(registry, resource, version, "x", sent)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (("memory", "disk"), ("disk",), ["disk", "memory", ""]),
        (("memory",), ("disk", "memory"), ["disk", "memory", "memory"]),
        (("memory", "disk"), ("cpu",), ["cpu"]),
        (("cpu",), ("memory",), ["memory", "cpu"]),
        (("memory",), (), ["cpu"]),
    ],
)
async def test_a_dry_run_of_an_autoscaler_is_read_over_what_is_there(
    old: tuple[str, ...], new: tuple[str, ...], shown: list[str]
) -> None:
    [resource] = [r for r in KINDS if r.kind == "HorizontalPodAutoscaler"]
    version = resource.version("v2beta2")
    registry = await registry_of_its_own()

    def with_metrics(names: tuple[str, ...]) -> Object:
        target = {"type": "Utilization", "averageUtilization": 50}
        metrics = [{"type": "Resource", "resource": {"name": name, "target": target}} for name in names]
        sent = document(resource, version)
        return codec().decode(resource, version, {**sent, "spec": {**sent["spec"], "metrics": metrics}})

    async def make(_: Any) -> Object:
        return with_metrics(new)

    await registry.store(resource).create(scope(resource, version), with_metrics(old))
    dry = replace(scope(resource, version, "x"), dry_run=True)
    entry, _ = await registry.store(resource).update(dry, make)
    assert [(metric.get("resource") or {}).get("name", "") for metric in entry.object["spec"]["metrics"]] == shown


async def test_the_status_of_an_api_service_comes_with_metadata() -> None:
    """All but labels, annotations, finalizers and owners; what never changes is refused."""
    [resource] = [r for r in KINDS if r.kind == "APIService"]
    version, name = resource.storage_version, OWN_NAMES["APIService"]
    registry = await registry_of_its_own()
    sent = document(resource, version)
    await registry.store(resource).create(scope(resource, version), codec().decode(resource, version, sent))
    status = replace(scope(resource, version, name), subresource="status")

    async def put(**metadata: Any) -> Object:
        async def make(live: Any) -> Object:
            return codec().decode(resource, version, {**live, "metadata": {**live["metadata"], **metadata}})

        updated, _ = await registry.store(resource).update(status, make)
        metadata_now: Object = updated.object["metadata"]
        return metadata_now

    changed = await put(generateName="v", labels={"a": "b"})
    assert changed["generateName"] == "v"
    assert changed.get("labels", {}).get("a") is None
    with pytest.raises(StatusError, match="field is immutable"):
        await put(deletionGracePeriodSeconds=2)


async def test_managers_of_another_group() -> None:
    """Who wrote an Ingress of extensions still owns its fields when it is updated as one of networking.k8s.io."""
    old, new = (CATALOG.get(group, "ingresses") for group in ("extensions", "networking.k8s.io"))
    assert old is not None
    assert new is not None
    registry = await registry_of_its_own()
    beta = old.version("v1beta1")
    await registry.store(old).create(scope(old, beta), codec().decode(old, beta, document(old, beta)))
    version = new.version("v1")
    shown = codec().version_of(new, version, registry.store(new).get(scope(new, version, "x")).object)
    changed = {**shown, "spec": {**shown["spec"], "ingressClassName": "k"}}
    entry = await update(registry, new, version, "x", changed)
    owned = {one["apiVersion"]: one["fieldsV1"] for one in entry.object["metadata"]["managedFields"]}
    assert owned == {
        "extensions/v1beta1": {"f:spec": {"f:backend": {".": {}, "f:serviceName": {}, "f:servicePort": {}}}},
        "networking.k8s.io/v1": {"f:spec": {"f:ingressClassName": {}}},
    }


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (None, ("TCP", "UDP"), True),
        (None, ("TCP", "TCP"), False),
        (("ClusterIP", ("TCP",)), ("TCP", "UDP"), True),
        (("ClusterIP", ("TCP", "SCTP")), ("TCP", "UDP"), False),
    ],
)
async def test_load_balancers_speak_one_protocol(
    before: tuple[str, tuple[str, ...]] | None, after: tuple[str, ...], refused: bool
) -> None:
    """Unless the service had ports of several protocols already."""
    [resource] = [r for r in KINDS if r.kind == "Service"]
    version = resource.storage_version

    def service(type_: str, protocols: tuple[str, ...]) -> Object:
        ports = [{"name": f"p{port}", "port": port, "protocol": name} for port, name in enumerate(protocols, 1)]
        return {**document(resource, version), "spec": {"type": type_, "ports": ports}}

    new = codec().decode(resource, version, service("LoadBalancer", after))
    if before is None:
        assert resource.validate is not None
        errors = list(resource.validate(new))
    else:
        assert resource.validate_update is not None
        new["metadata"]["resourceVersion"] = "1"
        errors = list(resource.validate_update(new, codec().decode(resource, version, service(*before))))
    assert any("more than 1 protocol" in error.detail for error in errors) is refused
