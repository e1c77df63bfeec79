"""What others ask about pods."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.podspec.walk import (
    condition,
    config_map_names,
    containers,
    init_and_containers,
    is_ready,
    is_terminal,
    secret_names,
    service_account_of,
    set_service_account,
)
from fakekube.machinery.fielderrors import Path

SPEC: dict[str, Any] = {
    "imagePullSecrets": [{"name": "pull"}, {}],
    "initContainers": [{"name": "i", "envFrom": [{"secretRef": {"name": "init"}}, {"configMapRef": {"name": "conf"}}]}],
    "containers": [
        {
            "name": "c",
            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "k"}}}, {"name": "B"}],
        },
        {"name": "d", "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "key", "key": "k"}}}]},
    ],
    "volumes": [
        {"name": "a", "secret": {"secretName": "mounted"}},
        {"name": "b", "configMap": {"name": "conf"}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "part"}}, {"configMap": {"name": "piece"}}]}},
        {"name": "d", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "publish"}}},
        {"name": "e", "rbd": {"secretRef": {"name": "rbd"}}},
        {"name": "f", "azureFile": {"secretName": "pull"}},
    ],
}


def test_containers_with_their_paths() -> None:
    named = [(container["name"], str(path)) for container, path in containers(SPEC)]
    assert named == [("i", "spec.initContainers[0]"), ("c", "spec.containers[0]"), ("d", "spec.containers[1]")]
    paths = [str(path) for _, path in containers({"containers": [{}]}, Path("spec") / "template" / "spec")]
    assert paths == ["spec.template.spec.containers[0]"]
    assert [container["name"] for container in init_and_containers(SPEC)] == ["i", "c", "d"]


def test_references_each_once() -> None:
    assert secret_names(SPEC) == ["pull", "init", "key", "mounted", "part", "publish", "rbd"]
    assert config_map_names(SPEC) == ["conf", "key", "piece"]
    assert (secret_names({}), config_map_names({})) == ([], [])


@pytest.mark.parametrize(
    ("pod", "ready"),
    [
        ({}, False),
        ({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, True),
        ({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}, False),
        ({"status": {"conditions": [{"type": "Initialized", "status": "True"}]}}, False),
    ],
)
def test_readiness(pod: dict[str, Any], ready: bool) -> None:
    assert is_ready(pod) is ready
    assert condition(pod, "Odd") is None


@pytest.mark.parametrize(("phase", "ended"), [("Succeeded", True), ("Failed", True), ("Running", False), ("", False)])
def test_terminal(phase: str, ended: bool) -> None:
    assert is_terminal({"status": {"phase": phase}}) is ended


def test_service_account() -> None:
    spec: dict[str, Any] = {}
    assert service_account_of(spec) == ""
    set_service_account(spec, "builder")
    assert spec == {"serviceAccountName": "builder", "serviceAccount": "builder"}
    assert service_account_of({"serviceAccount": "old"}) == "old"
