"""Pods run on simulated nodes, as a test suite meets them."""

from __future__ import annotations

import pytest

from fakekube.testing.cluster import Cluster

PODS = "/api/v1/namespaces/default/pods"
NODES = "/api/v1/nodes"
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "busybox", "command": ["sh", "-c", "echo hello; sleep 3600"]}]},
}


def phase(cluster: Cluster) -> str:
    return str(cluster.admin.get(f"{PODS}/p").json()["status"]["phase"])


def names_of_nodes(cluster: Cluster) -> list[str]:
    return [node["metadata"]["name"] for node in cluster.admin.get(NODES).json()["items"]]


def test_a_pod_runs_and_has_a_log(fakekube: Cluster) -> None:
    fakekube.apply(POD)
    fakekube.wait_for(lambda: phase(fakekube) == "Running")
    assert fakekube.admin.get(f"{PODS}/p/log").text == "hello\n"


def test_a_clean_cluster_has_its_node_and_no_pod(fakekube: Cluster) -> None:
    fakekube.apply(POD)
    fakekube.wait_for(lambda: phase(fakekube) == "Running")
    fakekube.reset()
    assert names_of_nodes(fakekube) == ["fakekube-node-1"]
    assert fakekube.admin.get(PODS).json()["items"] == []
    fakekube.apply(POD)
    fakekube.wait_for(lambda: phase(fakekube) == "Running")


@pytest.mark.fakekube(nodes=3)
def test_more_nodes(fakekube: Cluster) -> None:
    assert names_of_nodes(fakekube) == [f"fakekube-node-{number}" for number in (1, 2, 3)]


@pytest.mark.fakekube(nodes=0)
def test_without_nodes_pods_stay_pending(fakekube: Cluster) -> None:
    assert names_of_nodes(fakekube) == []
    fakekube.apply(POD)
    fakekube.settle()
    pod = fakekube.admin.get(f"{PODS}/p").json()
    assert pod["status"]["phase"] == "Pending"
    assert pod["status"]["conditions"][0]["message"] == "no nodes available to schedule pods"
