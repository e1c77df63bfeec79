"""What containers find in their volumes and in their environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.machinery.objects import Key
from fakekube.node.environment import ConfigError
from fakekube.node.nodes import Nodes
from fakekube.node.volumes import mounts
from fakekube.sandbox.container import Container
from fakekube.sandbox.containers import Launch
from fakekube.sandbox.files import File, FileSystem, Mount
from fakekube.sandbox.volumes import Volume
from tests.unit.node.world import World

SECRET = {"metadata": {"name": "s", "namespace": "default"}, "data": {"user": "YW5u", "key": "AAE="}}
CONFIG = {
    "metadata": {"name": "m", "namespace": "default"},
    "data": {"a": "1", "b.c": "2"},
    "binaryData": {"z": "/w=="},
}


def launch_of(nodes: Nodes, pod: str = "p") -> Launch:
    process = nodes.container(Key("default", pod), "c")
    assert isinstance(process, Container)
    return process.launch


def files_of(mount: Mount) -> Iterator[tuple[str, tuple[bytes, int]]]:
    """(path, (data, mode)) of a mounted folder."""
    tree = FileSystem(lambda: 0.0)
    tree.mount(mount)
    data = f"{mount.path}/..data"
    for path, node in tree.walk(tree.real_path(data) if tree.exists(data) else mount.path):
        if isinstance(node, File):
            yield path.removeprefix(f"{tree.real_path(data)}/"), (bytes(node.data), node.mode)


async def started(world: World, **spec: Any) -> Launch:
    await world.api.create(SECRETS, SECRET)
    await world.api.create(CONFIG_MAPS, CONFIG)
    await world.pod(**spec)
    await world.move(2)
    return launch_of(world.nodes)


CPU = {"containerName": "c", "resource": "limits.cpu", "divisor": "1m"}
USER = {"name": "s", "items": [{"key": "user", "path": "u"}]}
VOLUMES = [
    ({"secret": {"secretName": "s"}}, {"user": (b"ann", 0o644), "key": (b"\x00\x01", 0o644)}),
    (
        {"secret": {"secretName": "s", "items": [{"key": "user", "path": "d/u", "mode": 0o400}]}},
        {"d/u": (b"ann", 0o400)},
    ),
    ({"secret": {"secretName": "none", "optional": True}}, {}),
    (
        {"configMap": {"name": "m", "defaultMode": 0o600}},
        {"a": (b"1", 0o600), "b.c": (b"2", 0o600), "z": (b"\xff", 0o600)},
    ),
    ({"emptyDir": {}}, {}),
    ({"hostPath": {"path": "/data"}}, {}),
    (
        {
            "downwardAPI": {
                "items": [
                    {"path": "name", "fieldRef": {"fieldPath": "metadata.name"}},
                    {"path": "notes", "fieldRef": {"fieldPath": "metadata.annotations"}},
                    {"path": "cpu", "resourceFieldRef": CPU},
                ]
            }
        },
        {"name": (b"p", 0o644), "notes": (b'a="x"\nb="\\"y\\""', 0o644), "cpu": (b"8000", 0o644)},
    ),
    (
        {"projected": {"sources": [{"secret": USER}, {"configMap": {"name": "m"}}]}},
        {"u": (b"ann", 0o644), "a": (b"1", 0o644), "b.c": (b"2", 0o644), "z": (b"\xff", 0o644)},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("volume", "files"), VOLUMES)
async def test_volumes(volume: dict[str, object], files: dict[str, tuple[bytes, int]]) -> None:
    async with World() as world:
        launch = await started(
            world,
            metadata={"annotations": {"b": '"y"', "a": "x"}},
            volumes=[{"name": "v", **volume}],
            containers=[{"name": "c", "image": "nginx", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        )
    (mount,) = launch.mounts
    assert mount.path == "/v"
    assert dict(files_of(mount)) == files
    assert mount.read_only == ("emptyDir" not in volume and "hostPath" not in volume)


async def test_volumes_follow_what_they_show() -> None:
    sources = [
        {"configMap": {"name": "m"}},
        {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
    ]
    async with World() as world:
        launch = await started(
            world,
            volumes=[{"name": "v", "projected": {"sources": sources}}],
            containers=[{"name": "c", "image": "nginx", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        )
        await world.api.patch(CONFIG_MAPS, Key("default", "m"), {"data": {"a": "9"}})
        await world.api.patch(PODS, Key("default", "p"), {"metadata": {"labels": {"x": "y"}}})
        await world.move(1)
        files = dict(files_of(launch.mounts[0]))
    assert (files["a"][0], files["l"][0]) == (b"9", b'x="y"')


async def test_optional_sources_come_and_go() -> None:
    projected = [{"secret": {"name": "s", "optional": True}}, {"configMap": {"name": "late", "optional": True}}]
    async with World() as world:
        launch = await started(
            world,
            volumes=[{"name": "v", "projected": {"sources": projected}}],
            containers=[{"name": "c", "image": "nginx", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
        )
        await world.api.create(CONFIG_MAPS, {"metadata": {"name": "late", "namespace": "default"}, "data": {"x": "1"}})
        await world.api.delete(SECRETS, Key("default", "s"))
        await world.move(1)
        assert dict(files_of(launch.mounts[0])) == {"x": (b"1", 0o644)}


SUB_PATHS = [
    ({"subPath": "d/e"}, ""),
    ({"subPathExpr": "$(A)/b"}, ""),
    ({"subPathExpr": "$(NONE)"}, "missing value for NONE"),
    ({"subPathExpr": "$(ROOT)"}, "error SubPath `/x` must not be an absolute path"),
    ({"subPathExpr": "$(UP)"}, "unable to provision SubPath `..`: must not contain '..'"),
]


@pytest.mark.parametrize(("mount", "failure"), SUB_PATHS)
def test_sub_paths(mount: dict[str, str], failure: str) -> None:
    container = {"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/v", **mount}]}
    env = {"A": "a", "ROOT": "/x", "UP": ".."}
    if failure:
        with pytest.raises(ConfigError, match=re.escape(failure)):
            mounts(container, {"v": Volume()}, env, 0.0)
    else:
        assert mounts(container, {"v": Volume()}, env, 0.0)[0].path == "/v"


async def test_files_belong_to_the_pods_group() -> None:
    async with World() as world:
        launch = await started(
            world,
            securityContext={"fsGroup": 7},
            volumes=[{"name": "v", "secret": {"secretName": "s", "defaultMode": 0o400}}, {"name": "e", "emptyDir": {}}],
            containers=[
                {
                    "name": "c",
                    "image": "nginx",
                    "volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "e", "mountPath": "/e"}],
                }
            ],
        )
    tree = FileSystem(lambda: 0.0)
    for mount in launch.mounts:
        tree.mount(mount)
    shown = {path: (tree.lookup(path).gid, oct(tree.lookup(path).mode)) for path in ("/v/user", "/e")}
    assert shown == {"/v/user": (7, "0o440"), "/e": (7, "0o2777")}
    assert launch.groups == (7,)


async def test_environment() -> None:
    env: list[dict[str, Any]] = [
        {"name": "PLAIN", "value": "v"},
        {"name": "EXPANDED", "value": "$(PLAIN)-$(P_a)-$$(PLAIN)-$(NONE)"},
        {"name": "USER", "valueFrom": {"secretKeyRef": {"name": "s", "key": "user"}}},
        {"name": "GONE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "none", "optional": True}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}},
        {"name": "LABEL", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['l']"}}},
        {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
    ]
    container = {
        "name": "c", "image": "nginx", "env": env, "envFrom": [{"prefix": "P_", "configMapRef": {"name": "m"}}],
        "resources": {"limits": {"memory": "10M"}},
    }  # fmt: skip
    async with World() as world:
        launch = await started(world, metadata={"labels": {"l": "x"}}, containers=[container])
        events = world.events()
    shown = {
        name: launch.env.get(name)
        for name in ("PLAIN", "EXPANDED", "USER", "GONE", "IP", "HOST", "LABEL", "MEMORY", "P_a")
    }
    assert shown == {
        "PLAIN": "v", "EXPANDED": "v-1-$(PLAIN)-$(NONE)", "USER": "ann", "GONE": None, "IP": "10.244.0.2",
        "HOST": "172.18.0.2", "LABEL": "x", "MEMORY": "10", "P_a": "1",
    }  # fmt: skip
    assert launch.env["HOSTNAME"] == "p"
    assert launch.env["NGINX_VERSION"]
    assert "P_b.c" in launch.env
    assert not [one for one in events if one[0] == "InvalidEnvironmentVariableNames"]


ARGUMENTS = [
    ({}, ("/docker-entrypoint.sh", "nginx", "-g", "daemon off;")),
    ({"args": ["a", "$(X)"]}, ("/docker-entrypoint.sh", "a", "y")),
    ({"command": ["nginx"]}, ("nginx",)),
    ({"command": ["nginx"], "args": ["b"]}, ("nginx", "b")),
]


@pytest.mark.parametrize(("container", "argv"), ARGUMENTS)
async def test_command_and_arguments(container: dict[str, object], argv: tuple[str, ...]) -> None:
    async with World() as world:
        base = {"name": "c", "image": "nginx", "env": [{"name": "X", "value": "y"}]}
        launch = await started(world, containers=[{**base, **container}])
    assert launch.argv == argv


USERS = [
    ("nginx", {}, {}, (0, 0)),
    ("workshop/library-server-container-rootless:1.0", {}, {}, (1002, 1002)),
    ("nginx", {"runAsUser": 5, "runAsGroup": 6}, {}, (5, 6)),
    ("nginx", {"runAsUser": 5}, {"runAsUser": 7}, (7, 0)),
]


@pytest.mark.parametrize(("image", "pod", "container", "ids"), USERS)
async def test_users(image: str, pod: dict[str, int], container: dict[str, int], ids: tuple[int, int]) -> None:
    async with World() as world:
        spec = [{"name": "c", "image": image, "securityContext": container}]
        launch = await started(world, containers=spec, securityContext=pod)
    assert (launch.user, launch.group) == ids
