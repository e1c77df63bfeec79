"""The watching parts of client libraries, each in a program of its own: informers, resumed watches, waits, streams."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tools import PATIENCE, Kubectl, Server, environment, until

MODULES = "FAKEKUBE_NODE_MODULES"
"""Names a node_modules folder with @kubernetes/client-node 0.22."""
JAVASCRIPT = Path(__file__).with_name("informer.cjs")

OFFICIAL = """
import sys
from kubernetes import client, config, watch

config.load_kube_config(sys.argv[1])
core, things = client.CoreV1Api(), client.CustomObjectsApi()
made = core.create_namespaced_config_map("default", {"metadata": {"name": "a"}})
core.patch_namespaced_config_map("a", "default", {"data": {"x": "1"}})
core.delete_namespaced_config_map("a", "default")
since, kinds = made.metadata.resource_version, []
watcher = watch.Watch()
for event in watcher.stream(core.list_namespaced_config_map, "default", resource_version=since, timeout_seconds=1):
    kinds.append(event["type"])
assert kinds == ["MODIFIED", "DELETED"], kinds
assert int(watcher.resource_version) > int(since)

options = {"resource_version": watcher.resource_version, "timeout_seconds": 4, "allow_watch_bookmarks": True}
core.create_namespaced_config_map("default", {"metadata": {"name": "b"}})
kinds = [event["type"] for event in watch.Watch().stream(core.list_namespaced_config_map, "default", **options)]
assert kinds[0] == "ADDED" and set(kinds[1:]) <= {"BOOKMARK"}, kinds

group = ("example.com", "v1", "default", "things")
names = {"plural": "things", "kind": "Thing"}
schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
version = {"name": "v1", "served": True, "storage": True, "schema": schema}
client.ApiextensionsV1Api().create_custom_resource_definition({
    "metadata": {"name": "things.example.com"},
    "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}})
for _ in range(200):
    try:
        things.list_namespaced_custom_object(*group)
        break
    except client.ApiException as error:
        assert error.status == 404
body = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}}
things.create_namespaced_custom_object(*group, body)
try:
    list(watch.Watch().stream(things.list_namespaced_custom_object, *group, resource_version="1", timeout_seconds=5))
except client.ApiException as error:  # the library has tried once more, from what it knew
    assert error.status == 410, error
else:
    raise AssertionError("no 410")
for event in watch.Watch().stream(things.list_namespaced_custom_object, *group, timeout_seconds=5):
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "t")
    break
print("done")
"""

KR8S = """
import sys
import kr8s
from kr8s.objects import Pod

api = kr8s.api(kubeconfig=sys.argv[1])
command = ["sh", "-c", "echo hello; sleep 1000"]
pod = Pod({"metadata": {"name": "k", "namespace": "default", "labels": {"app": "k"}},
           "spec": {"containers": [{"name": "c", "image": "busybox", "command": command}]}}, api=api)
pod.create()
for kind, found in api.watch("pods", namespace="default", label_selector="app=k"):
    if found.status.get("phase") == "Running":
        break
pod.wait("condition=Ready", timeout=20)
done = pod.exec(["sh", "-c", "echo out; echo err >&2; exit 3"], check=False)
assert (done.stdout, done.stderr, done.returncode) == (b"out\\n", b"err\\n", 3), done
assert list(pod.logs()) == ["hello"]
pod.delete(grace_period=1)
pod.wait("delete", timeout=20)
print("done")
"""

ASYNCIO = """
import asyncio
import sys
from kubernetes_asyncio import client, config, watch

async def main():
    await config.load_kube_config(sys.argv[1])
    async with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        since = (await core.list_namespaced_config_map("default")).metadata.resource_version
        kinds = []

        async def change():
            await core.create_namespaced_config_map("default", {"metadata": {"name": "z"}})
            await core.delete_namespaced_config_map("z", "default")

        changing = asyncio.create_task(change())
        async with watch.Watch() as events:
            stream = events.stream(
                core.list_namespaced_config_map, "default", resource_version=since, timeout_seconds=10)
            async for event in stream:
                kinds.append((event["type"], event["object"].metadata.name))
                if len(kinds) == 2:
                    break
        await changing
        assert kinds == [("ADDED", "z"), ("DELETED", "z")], kinds
    print("done")

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def lone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("informers"))
    yield server
    server.stop()


def run(server: Server, command: list[str], variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [*command, str(server.kubeconfig)], capture_output=True, text=True, timeout=PATIENCE, cwd=server.folder,
        env=environment(variables), check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["done"], done.stdout + done.stderr


@pytest.mark.parametrize("program", [OFFICIAL, KR8S, ASYNCIO], ids=["kubernetes", "kr8s", "kubernetes-asyncio"])
def test_python(lone_server: Server, program: str) -> None:
    run(lone_server, [sys.executable, "-c", program])


def test_javascript(lone_server: Server) -> None:
    modules, node = os.environ.get(MODULES, ""), shutil.which("node")
    if node is None or not (Path(modules) / "@kubernetes" / "client-node").is_dir():
        pytest.skip(f"no node with @kubernetes/client-node: set {MODULES} to a node_modules folder")
    run(lone_server, [node, str(JAVASCRIPT)], {"NODE_PATH": modules})


def test_kubectl_waits_and_watches(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "a")
    watching = subprocess.Popen(
        [kubectl.path, "get", "configmaps", "-w", "-o", "name"], stdout=subprocess.PIPE, text=True, cwd=kubectl.folder,
        env=environment({"KUBECONFIG": str(kubectl.kubeconfig), "HOME": str(kubectl.folder)}),
    )  # fmt: skip
    assert watching.stdout is not None
    try:
        lines = [watching.stdout.readline().strip() for _ in range(2)]
        assert set(lines) == {"configmap/a", "configmap/kube-root-ca.crt"}
        kubectl("create", "configmap", "b")
        assert watching.stdout.readline().strip() == "configmap/b"
    finally:
        watching.terminate()
        watching.wait(PATIENCE)
        watching.stdout.close()
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    assert kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=40s") == (
        "deployment.apps/web condition met\n"
    )
    assert kubectl("rollout", "status", "deployment/web") == 'deployment "web" successfully rolled out\n'
    deleting = kubectl("delete", "deployment", "web")
    assert deleting.startswith('deployment.apps "web" deleted')
    waited = kubectl.try_("wait", "--for=delete", "pod", "-l", "app=web", "--timeout=40s")
    assert waited.code == 0 or "no matching resources found" in waited.err
    assert until(lambda: kubectl("get", "pods", "-l", "app=web", "-o", "name") == "")
