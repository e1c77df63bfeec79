"""Images and faults as objects, over HTTPS: what they do to pods and to requests."""

from __future__ import annotations

import http.client
import time
import urllib.error
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakekube.cli.fault import command as fault
from fakekube.testing.cluster import Cluster, Response

GROUP = "/apis/sim.fakekube.dev/v1alpha1"
PODS = "/api/v1/namespaces/default/pods"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def image(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "sim.fakekube.dev/v1alpha1", "kind": "Image", "metadata": {"name": name}, "spec": spec}


def run_pod(cluster: Cluster, name: str, image: str, **container: Any) -> dict[str, Any]:
    """The pod's status when the nodes rest."""
    spec = {"containers": [{"name": "c", "image": image, **container}], "restartPolicy": "Never"}
    cluster.admin.request("POST", PODS, {"metadata": {"name": name}, "spec": spec})
    cluster.settle()
    cluster.clock.advance(seconds=1)  # the pull
    cluster.clock.advance(seconds=1)
    found: dict[str, Any] = cluster.admin.get(f"{PODS}/{name}").json()["status"]
    return found


def test_an_image_tells_what_pods_do(fakekube: Cluster) -> None:
    route = {"port": 8080, "path": "/hello", "body": "hi\n", "headers": {"X-Mine": "1"}}
    fakekube.apply(
        image("shop", names=["example.com/shop"], user="1000", http=[route], files={"/etc/motd": "m\n"}, preloaded=True)
    )
    assert run_pod(fakekube, "shop", "example.com/shop:2")["phase"] == "Running"
    answer = fakekube.admin.get(f"{PODS}/shop:8080/proxy/hello")
    assert (answer.status, answer.text, answer.headers.get("X-Mine")) == (200, "hi\n", "1")


def test_an_image_counts_for_pods_that_are_started_afterwards(fakekube: Cluster) -> None:
    fakekube.apply(image("job", names=["example.com/job"], exitCode=3, log=["working"], preloaded=True))
    state = run_pod(fakekube, "first", "example.com/job")["containerStatuses"][0]["state"]
    assert state["terminated"]["exitCode"] == 3
    assert fakekube.admin.get(f"{PODS}/first/log").text == "working\n"
    fakekube.apply(image("job", names=["example.com/job"], exitCode=0, preloaded=True))
    assert run_pod(fakekube, "second", "example.com/job")["phase"] == "Succeeded"
    fakekube.admin.request("DELETE", f"{GROUP}/images/job")
    assert (
        run_pod(fakekube, "third", "example.com/job", imagePullPolicy="Never")["phase"] == "Running"
    )  # of nobody's description


def test_an_image_that_cannot_be_pulled(fakekube: Cluster) -> None:
    fakekube.apply(image("gone", names=["example.com/gone"], pullError="manifest unknown", preloaded=False))
    run_pod(fakekube, "gone", "example.com/gone")
    fakekube.clock.advance(seconds=5)
    waiting = fakekube.admin.get(f"{PODS}/gone").json()["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["reason"] in ("ErrImagePull", "ImagePullBackOff")


def test_an_image_is_judged_and_shown(fakekube: Cluster) -> None:
    answer = fakekube.admin.request("POST", f"{GROUP}/images", image("x", names=["A"], ports=[0]))
    assert answer.status == 422
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == ["spec.names[0]", "spec.ports[0]"]
    fakekube.apply(image("web", names=["a", "b"], user="5"))
    table = fakekube.admin.get(f"{GROUP}/images", **TABLE).json()
    assert table["rows"][0]["cells"][:3] == ["web", "a,b", "5"]
    assert fakekube.user("ann").request("POST", f"{GROUP}/images", image("y", names=["a"])).status == 403


def configmap(cluster: Cluster, name: str = "c") -> Response:
    path = "/api/v1/namespaces/default/configmaps"
    return cluster.admin.request("POST", path, {"metadata": {"name": name}})


def test_a_fault_counts_down(fakekube: Cluster) -> None:
    fakekube.faults.add(
        verbs=["create"], resources=["configmaps"], code=503, message="try later", retryAfterSeconds=7, count=2
    )
    refused = configmap(fakekube)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "7")
    assert (refused.json()["reason"], refused.json()["message"]) == ("ServiceUnavailable", "try later")
    assert fakekube.admin.get("/api/v1/namespaces/default/configmaps").status == 200
    assert [configmap(fakekube).status, configmap(fakekube).status] == [503, 201]
    assert fakekube.admin.get(f"{GROUP}/faults").json()["items"][0]["status"] == {"hits": 2}


@pytest.mark.parametrize(
    ("spec", "met"),
    [
        ({}, True),
        ({"users": ["kubernetes-admin"], "namespaces": ["default"], "apiGroups": [""]}, True),
        ({"resources": ["*"], "verbs": ["*"]}, True),
        ({"users": ["ann"]}, False),
        ({"namespaces": ["other"]}, False),
        ({"apiGroups": ["apps"]}, False),
        ({"resources": ["configmaps/status"]}, False),
        ({"names": ["c"]}, False),  # a create has no name in its path
    ],
)
def test_whom_a_fault_meets(fakekube: Cluster, spec: dict[str, Any], met: bool) -> None:
    fakekube.faults.add(code=500, **spec)
    assert (configmap(fakekube).status == 500) == met


def test_a_fault_for_everything_can_be_cleared(fakekube: Cluster) -> None:
    fakekube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "before"}})
    ann = fakekube.user("ann")
    fakekube.faults.add(code=429)
    assert fakekube.admin.get(PODS).status == 429
    assert ann.get(PODS).status == 403  # who may not ask is refused as ever
    fakekube.faults.clear()
    assert fakekube.admin.get(PODS).status == 200


def test_slow_answers_and_broken_connections(fakekube: Cluster) -> None:
    fakekube.faults.add(latency="150ms", verbs=["list"])
    begun = time.monotonic()
    assert fakekube.admin.get(PODS).status == 200
    assert time.monotonic() - begun >= 0.15
    fakekube.faults.add(drop=True, verbs=["create"])
    with pytest.raises((urllib.error.URLError, ConnectionError, http.client.HTTPException)):
        configmap(fakekube)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "spec"),
        ({"code": 200}, "spec.code"),
        ({"code": 500, "drop": True}, "spec.drop"),
        ({"latency": "soon"}, "spec.latency"),
        ({"latency": "-1s"}, "spec.latency"),
        ({"latency": "1h"}, "spec.latency"),
        ({"code": 500, "count": 0}, "spec.count"),
        ({"code": 500, "retryAfterSeconds": -1}, "spec.retryAfterSeconds"),
    ],
)
def test_faults_that_make_no_sense(fakekube: Cluster, spec: dict[str, Any], field: str) -> None:
    answer = fakekube.admin.request("POST", f"{GROUP}/faults", {"metadata": {"name": "x"}, "spec": spec})
    assert answer.status == 422
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [field]


def run(cluster: Cluster, *arguments: str) -> Result:
    return CliRunner().invoke(fault, [*arguments, "--kubeconfig", str(cluster.kubeconfig)])


def test_commands(fakekube: Cluster) -> None:
    assert run(fakekube, "list").output == "there are no faults\n"
    added = run(
        fakekube, "add", "slow", "--verb", "create", "--resource", "configmaps", "--code", "500", "--count", "3"
    )
    assert (added.exit_code, added.output) == (0, "fault slow added\n")
    assert configmap(fakekube).status == 500
    lines = [line.split() for line in run(fakekube, "list").output.splitlines()]
    assert lines == [["NAME", "REQUESTS", "FAULT", "HITS"], ["slow", "create", "configmaps", "500", "1/3"]]
    assert run(fakekube, "clear", "nope").output == 'Error: faults.sim.fakekube.dev "nope" not found\n'
    assert run(fakekube, "add", "x", "--latency", "soon").output.startswith("Error: spec.latency: Invalid value")
    assert run(fakekube, "clear").output == "cleared: all faults\n"
    assert configmap(fakekube).status == 201
