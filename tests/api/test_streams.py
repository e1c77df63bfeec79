"""exec, port forwarding, logs and proxies over TLS, as the official client and a plain one use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

pytestmark = pytest.mark.fakekube(nodes=1)
PODS = "/api/v1/namespaces/default/pods"


def running(cluster: Cluster, image: str, *command: str) -> str:
    """A pod that runs, by name."""
    container = {"name": "c", "image": image, **({"command": list(command)} if command else {})}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
    cluster.wait_for(
        lambda: cluster.admin.get("/api/v1/namespaces/default/serviceaccounts/default").json().get("secrets")
    )
    assert cluster.admin.request("POST", PODS, pod).status == 201
    cluster.wait_for(lambda: cluster.admin.get(f"{PODS}/p").json()["status"]["phase"] in ("Running", "Succeeded"))
    return "p"


def test_exec_with_the_official_client(fakekube: Cluster) -> None:
    from kubernetes import client
    from kubernetes.stream import stream

    name = running(fakekube, "busybox", "sleep", "1000")
    with client.ApiClient(fakekube.client_config()) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_exec
        session = stream(connect, name, "default", command=["sh"], stdin=True, stdout=True, _preload_content=False)
        session.write_stdin("echo one; echo two >&2; exit 4\n")
        session.run_forever(timeout=10)
        session.sock.shutdown()  # the client leaves it open once the server has said goodbye
        assert (session.read_stdout(), session.returncode) == ("one\n", 4)


def test_port_forwarding_with_the_official_client(fakekube: Cluster) -> None:
    from kubernetes import client
    from kubernetes.stream import portforward

    name = running(fakekube, "nginx:1.19")
    with client.ApiClient(fakekube.client_config()) as api:
        connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward
        forwarder = portforward(connect, name, "default", ports="80")
        socket = forwarder.socket(80)
        socket.settimeout(10)
        socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := socket.recv(65536):
            answer += data
        socket.close()
        forwarder.websocket.shutdown()
    assert b"Welcome to nginx!" in answer


def test_logs_and_proxy(fakekube: Cluster) -> None:
    name = running(fakekube, "nginx:1.19")
    assert "ready for start up" in fakekube.admin.get(f"{PODS}/{name}/log?tailLines=1").text
    assert "Welcome to nginx!" in fakekube.admin.get(f"{PODS}/{name}:80/proxy/").text
    refused = fakekube.admin.get(f"{PODS}/{name}:81/proxy/")
    assert (refused.status, refused.json()["message"].rpartition(": ")[2]) == (500, "connection refused")


def test_following_ends_with_the_container(fakekube: Cluster) -> None:
    name = running(fakekube, "busybox", "sh", "-c", "echo one; sleep 0.2; echo two")
    assert fakekube.admin.get(f"{PODS}/{name}/log?follow=true").text == "one\ntwo\n"


@pytest.mark.parametrize(
    ("path", "headers", "status", "text"),
    [
        ("exec?command=ls&stdout=1", {}, 400, "Upgrade request required"),
        ("exec?command=ls&stdout=1&container=x", {}, 400, "container x is not valid for pod p"),
        ("portforward?ports=x", {}, 400, 'cannot convert to []int32: strconv.ParseUint: parsing "x": invalid syntax'),
        ("log?tailLines=x", {}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        (
            "log?limitBytes=0",
            {},
            422,
            'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
        ),
    ],
)
def test_refusals(fakekube: Cluster, path: str, headers: dict[str, str], status: int, text: str) -> None:
    name = running(fakekube, "busybox", "sleep", "1000")
    answer = fakekube.admin.request("GET", f"{PODS}/{name}/{path}", headers=headers)
    assert (answer.status, json.loads(answer.text)["message"]) == (status, text)


def test_a_busy_container_does_not_stop_the_server(fakekube: Cluster) -> None:
    running(fakekube, "busybox", "sh", "-c", "while :; do :; done & cat /dev/zero & yes")
    for _ in range(20):
        assert fakekube.admin.get("/readyz").text == "ok"
