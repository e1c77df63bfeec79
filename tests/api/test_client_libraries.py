"""Programs written with the common client libraries work unmodified."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {"containers": [{"name": "web", "image": "nginx:1.19"}]},
}


def test_the_official_client(fakekube: Cluster) -> None:
    from kubernetes import client, dynamic, watch

    with client.ApiClient(fakekube.client_config()) as api:
        core = client.CoreV1Api(api)
        core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="team")))
        fakekube.wait_for(lambda: core.list_namespaced_service_account("team").items)
        made = core.create_namespaced_pod("team", POD)
        assert made.spec.containers[0].image_pull_policy == "IfNotPresent"
        found = core.list_namespaced_pod("team", label_selector="app=web").items
        assert [pod.metadata.name for pod in found] == ["web"]
        core.patch_namespaced_pod("web", "team", {"metadata": {"labels": {"tier": "front"}}})
        watcher = watch.Watch()
        for event in watcher.stream(core.list_namespaced_pod, "team", timeout_seconds=10):
            assert event["object"].metadata.labels == {"app": "web", "tier": "front"}
            watcher.stop()
        with pytest.raises(client.ApiException) as raised:
            core.read_namespaced_pod("other", "team")
        assert (raised.value.status, raised.value.reason) == (404, "Not Found")

        anything = dynamic.DynamicClient(api).resources.get(api_version="apps/v1", kind="Deployment")
        assert anything.get(namespace="team").items == []


def test_the_official_client_sees_refusals(fakekube: Cluster) -> None:
    from kubernetes import client

    configuration = fakekube.client_config()
    configuration.cert_file = configuration.key_file = None
    configuration.api_key = {"authorization": f"Bearer {fakekube.service_account_token('default', 'default')}"}
    with client.ApiClient(configuration) as api, pytest.raises(client.ApiException) as raised:
        client.CoreV1Api(api).list_namespaced_secret("default")
    assert raised.value.status == 403
    assert 'User \\"system:serviceaccount:default:default\\" cannot list resource \\"secrets\\"' in raised.value.body


KR8S = """
import sys
import kr8s
from kr8s.objects import ConfigMap, Pod

api = kr8s.api(kubeconfig=sys.argv[1])
assert api.version()["gitVersion"] == "v1.20.2"
settings = ConfigMap({"metadata": {"name": "settings", "namespace": "default"}, "data": {"a": "1"}}, api=api)
settings.create()
settings.patch({"data": {"b": "2"}})
assert dict(ConfigMap.get("settings", "default", api=api).data) == {"a": "1", "b": "2"}
pod = Pod({"metadata": {"name": "web", "namespace": "default"},
           "spec": {"containers": [{"name": "web", "image": "nginx:1.19"}]}}, api=api)
pod.create()
assert [pod.name for pod in api.get("pods", namespace="default")] == ["web"]
settings.delete()
assert not settings.exists()
print("done")
"""


ASYNCIO = """
import asyncio
import sys
from kubernetes_asyncio import client, config, watch

POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx:1.19"}]}}

async def main():
    await config.load_kube_config(sys.argv[1])
    async with client.ApiClient() as api:
        core = client.CoreV1Api(api)
        await core.create_namespaced_pod("default", POD)
        assert [pod.metadata.name for pod in (await core.list_namespaced_pod("default")).items] == ["web"]
        async with watch.Watch() as events:
            async for event in events.stream(core.list_namespaced_pod, "default", timeout_seconds=5):
                assert (event["type"], event["object"].metadata.name) == ("ADDED", "web")
                break
    print("done")

asyncio.run(main())
"""


@pytest.mark.parametrize("program", [KR8S, ASYNCIO], ids=["kr8s", "kubernetes-asyncio"])
def test_a_program_with(fakekube: Cluster, program: str) -> None:
    """In a process of its own: these libraries leave connections open that only the end of a process closes."""
    command = [sys.executable, "-c", program, str(fakekube.kubeconfig)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "done\n", done.stderr
