"""What is empty and yet there, in an update: an empty list is judged and counted as it was sent, and stored as none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from stores import CATALOG, codec, document, registry_of_its_own, scope, update

from fakekube.apis.resource import Resource, Version
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.registry.registry import Registry


async def made(group: str, version: str, plural: str, **fields: Any) -> tuple[Registry, Resource, Version, Object]:
    """An object of that kind, created; and how it is shown."""
    found = CATALOG.by_plural(group, version, plural)
    assert found is not None
    resource, served = found
    registry = await registry_of_its_own()
    decoded = codec().decode(resource, served, {**document(resource, served), **fields})
    entry = await registry.store(resource).create(scope(resource, served), decoded)
    return registry, resource, served, copy.deepcopy(codec().version_of(resource, served, entry.object))


HOOKS = ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations")
POLICIES = ("networking.k8s.io", "v1", "networkpolicies")
EGRESS = {"podSelector": {}, "policyTypes": ["Egress"]}


@pytest.mark.parametrize(
    ("kind", "before", "after", "generations"),
    [
        (HOOKS, {"webhooks": []}, {"webhooks": []}, 1),
        (HOOKS, {"webhooks": []}, {}, 0),
        (POLICIES, {"spec": EGRESS}, {"spec": {**EGRESS, "ingress": []}}, 1),
        (POLICIES, {"spec": EGRESS}, {"spec": EGRESS}, 0),
        (("apps", "v1", "deployments"), {}, {"metadata": {"name": "x", "namespace": "d", "annotations": {}}}, 0),
    ],
    ids=["hooks", "no hooks", "rules", "no rules", "deployment"],
)
async def test_generation(kind: tuple[str, str, str], before: Object, after: Object, generations: int) -> None:
    """Some kinds count an empty list as a change from none, whenever it is sent; others do not."""
    registry, resource, version, shown = await made(*kind, **before)
    sent = {**shown, **after, "metadata": {**shown["metadata"], **after.get("metadata", {})}}
    entry = await update(registry, resource, version, "x", sent)
    assert entry.object["metadata"]["generation"] == 1 + generations


def without_selector(deployment: Object) -> None:
    deployment["spec"]["selector"] = {"matchLabels": {}}


def without_labels(deployment: Object) -> None:
    deployment["spec"]["template"]["metadata"]["labels"] = {}


def without_parameters(storage_class: Object) -> None:
    storage_class["parameters"] = {}


DEPLOYMENTS = ("apps", "v1", "deployments")


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        (DEPLOYMENTS, without_selector, r"MatchLabels:map\[string\]string\{\}"),
        (DEPLOYMENTS, without_labels, r"Invalid value: map\[string\]string\{\}: `selector` does not match"),
        (("storage.k8s.io", "v1", "storageclasses"), without_parameters, "updates to parameters are forbidden"),
    ],
    ids=["selector", "labels", "parameters"],
)
async def test_refusal(kind: tuple[str, str, str], change: Any, message: str) -> None:
    registry, resource, version, shown = await made(*kind)
    change(shown)
    with pytest.raises(StatusError, match=message):
        await update(registry, resource, version, "x", shown)


async def test_ingress_without_paths() -> None:
    """The list of paths is no list in any version."""
    spec = {"rules": [{"host": "*.example.com", "http": {}}]}
    registry, resource, version, _ = await made("networking.k8s.io", "v1beta1", "ingresses", spec=spec)
    stored = registry.store(resource).get(scope(resource, version, "x")).object
    assert codec().version_of(resource, version, stored)["spec"]["rules"] == [
        {"host": "*.example.com", "http": {"paths": None}}
    ]


def owned(obj: Object) -> Any:
    """Who owns which fields: those of the only manager."""
    [entry] = obj["metadata"]["managedFields"]
    return entry["fieldsV1"]


async def test_owners() -> None:
    """Nobody owns what is never written: a field that is empty."""
    registry, resource, version, shown = await made("", "v1", "configmaps", data={"a": "b"}, binaryData={})
    stored = registry.store(resource).get(scope(resource, version, "x")).object
    assert owned(stored) == {"f:data": {".": {}, "f:a": {}}}
    shown["metadata"]["labels"], shown["data"], shown["binaryData"] = {}, {}, {"c": "ZA=="}
    entry = await update(registry, resource, version, "x", shown)
    assert owned(entry.object) == {"f:binaryData": {".": {}, "f:c": {}}}


async def test_owners_of_what_is_empty_inside() -> None:
    """A selector of empty parts is no other than an empty selector, which nobody has to set."""
    spec = {**EGRESS, "podSelector": {"matchLabels": {}}}
    registry, resource, version, _ = await made(*POLICIES, spec=spec)
    stored = registry.store(resource).get(scope(resource, version, "x")).object
    assert owned(stored) == {"f:spec": {"f:policyTypes": {}}}
