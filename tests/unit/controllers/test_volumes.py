from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import node, pod

from fakekube.apis.core import volumebinding as binding
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.core.persistentvolumes import RESOURCE as VOLUMES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.storage.storageclasses import RESOURCE as CLASSES
from fakekube.controllers import volumes
from fakekube.controllers.volumes.protection import CLAIM_FINALIZER, protected
from fakekube.machinery.objects import Key, Object


def volume(name: str, size: str = "1Gi", phase: str = "Available", **spec: Any) -> Object:
    whole = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "slow", **spec}
    labels = whole.pop("labels", {})
    return {
        "metadata": {"name": name, "labels": labels, "uid": f"uid-{name}"},
        "spec": whole,
        "status": {"phase": phase},
    }


def claim(name: str = "c", size: str = "1Gi", **spec: Any) -> Object:
    request = {"requests": {"storage": size}}
    whole = {"resources": request, "accessModes": ["ReadWriteOnce"], "storageClassName": "slow", **spec}
    return {"metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}"}, "spec": whole, "status": {}}


MANY = ["ReadWriteOnce", "ReadWriteMany"]


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        (claim(), [volume("big", "9Gi"), volume("fits", "2Gi"), volume("small", "10Mi")], "fits"),
        (claim(), [volume("bound", phase="Bound"), volume("free", "9Gi")], "free"),
        (claim(), [volume("other", storageClassName="fast")], None),
        (claim(), [volume("both", accessModes=MANY), volume("one", "9Gi")], "one"),
        (claim(accessModes=["ReadWriteMany"]), [volume("one"), volume("both", accessModes=MANY)], "both"),
        (claim(volumeMode="Block"), [volume("files")], None),
        (claim(selector={"matchLabels": {"disk": "ssd"}}), [volume("a"), volume("b", labels={"disk": "ssd"})], "b"),
        (claim(), [volume("a"), volume("kept", "9Gi", claimRef={"namespace": "ns", "name": "c"})], "kept"),
        (claim(), [volume("kept", claimRef={"namespace": "ns", "name": "other"})], None),
    ],
)
def test_the_smallest_volume_that_suits(wanted: Object, there: list[Object], expected: str | None) -> None:
    found = binding.find_volume(wanted, there, delayed=False)
    assert (found and found["metadata"]["name"]) == expected


def test_a_delayed_claim_takes_only_what_is_kept_for_it() -> None:
    assert binding.find_volume(claim(), [volume("a")], delayed=True) is None


def test_a_node_must_reach_the_volume() -> None:
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}
    local = volume("local", nodeAffinity={"required": {"nodeSelectorTerms": [term]}})
    near, far = node("near", labels={"zone": "a"}), node("far", labels={"zone": "b"})
    assert binding.best_match(claim(), [local], node=near, delayed=True) is local
    assert binding.best_match(claim(), [local], node=far, delayed=True) is None


@pytest.mark.parametrize(("there", "why"), [
    (volume("v", "1Mi"), "requested PV is too small"),
    (volume("v", storageClassName="fast"), "storageClassName does not match"),
    (volume("v", volumeMode="Block"), "incompatible volumeMode"),
    (volume("v", accessModes=["ReadOnlyMany"]), "incompatible accessMode"),
    (volume("v"), ""),
])  # fmt: skip
def test_why_a_named_volume_does_not_do(there: Object, why: str) -> None:
    assert binding.mismatch(there, claim()) == why


@pytest.mark.parametrize(("finalizers", "deleted", "used", "expected"), [
    ([], False, False, [CLAIM_FINALIZER]),
    ([CLAIM_FINALIZER], False, False, None),
    ([CLAIM_FINALIZER, "x"], True, False, ["x"]),
    ([CLAIM_FINALIZER], True, True, None),
])  # fmt: skip
def test_protection(finalizers: list[str], deleted: bool, used: bool, expected: list[str] | None) -> None:
    metadata = {"finalizers": finalizers, **({"deletionTimestamp": "x"} if deleted else {})}
    assert protected({"metadata": metadata}, CLAIM_FINALIZER, used) == expected


class World:
    """Claims and volumes with their controllers running."""

    def __init__(self) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, (volumes.BINDER, volumes.CLAIM_CONTROLLER, volumes.VOLUME_CONTROLLER))
        self.manager.start()

    async def create(self, *objects: tuple[Any, Object]) -> None:
        for resource, obj in objects:
            await self.api.create(resource, obj)
        await self.manager.idle()

    def phases(self) -> dict[str, str]:
        found = (*self.api.list(CLAIMS), *self.api.list(VOLUMES))
        return {one["metadata"]["name"]: one["status"].get("phase", "") for one in found}


async def test_bound_released_and_bound_again() -> None:
    world = World()
    await world.create((VOLUMES, volume("v", phase="Pending", persistentVolumeReclaimPolicy="Retain")))
    await world.create((CLAIMS, claim("c")))
    assert world.phases() == {"c": "Bound", "v": "Bound"}
    await world.api.delete(CLAIMS, Key("ns", "c"))
    await world.manager.idle()
    assert world.phases() == {"v": "Released"}
    await world.create((CLAIMS, claim("again")))
    assert world.phases()["v"] == "Released"
    found = world.api.get(VOLUMES, Key("", "v"))
    assert found is not None
    spec = {name: value for name, value in found["spec"].items() if name != "claimRef"}
    await world.api.update(VOLUMES, {**found, "spec": spec})
    await world.manager.idle()
    assert world.phases()["v"] == "Available"
    world.api.clock.advance(15.1)
    await world.manager.idle()
    assert world.phases() == {"again": "Bound", "v": "Bound"}


async def test_a_volume_that_nobody_can_delete_has_failed() -> None:
    world = World()
    await world.create((VOLUMES, volume("v", phase="Pending", persistentVolumeReclaimPolicy="Delete", nfs={})))
    await world.create((CLAIMS, claim()))
    await world.api.delete(CLAIMS, Key("ns", "c"))
    await world.manager.idle()
    assert world.phases() == {"v": "Failed"}
    assert world.api.reasons()[-1] == "VolumeFailedDelete"


async def test_a_claim_in_use_waits_for_its_pod() -> None:
    world = World()
    user = pod("p", node="n", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}])
    await world.create((CLAIMS, claim()), (PODS, user))
    await world.api.delete(CLAIMS, Key("ns", "c"))
    await world.manager.idle()
    assert list(world.phases()) == ["c"]
    await world.api.delete(PODS, Key("ns", "p"))
    await world.manager.idle()
    assert world.phases() == {}


@pytest.mark.parametrize(("class_", "reason"), [
    (None, "ProvisioningFailed"),
    ({"provisioner": "kubernetes.io/no-provisioner"}, "ProvisioningFailed"),
    ({"provisioner": "example.com/disk"}, "ExternalProvisioning"),
    ({"provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"}, "WaitForFirstConsumer"),
])  # fmt: skip
async def test_what_is_said_of_a_claim_without_a_volume(class_: Object | None, reason: str) -> None:
    world = World()
    if class_ is not None:
        await world.create((CLASSES, {"metadata": {"name": "slow"}, **class_}))
    await world.create((CLAIMS, claim()))
    assert world.api.reasons() == [reason]
