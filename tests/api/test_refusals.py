"""What is no request, or too much of one: answered as by Go's HTTP server, and never with a fault of our own."""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
BAD = "400 Bad Request"
TOO_LARGE = "431 Request Header Fields Too Large"
BODY = json.dumps({"metadata": {"name": "a"}})
CROWD = 300


def plain(cluster: Cluster) -> socket.socket:
    host, _, port = cluster.url.removeprefix("https://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def connected(cluster: Cluster) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=cluster.ca.decode())
    return context.wrap_socket(plain(cluster), server_hostname="127.0.0.1")


def rest(connection: socket.socket) -> str:
    return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def answer(cluster: Cluster, *lines: str, body: str = "") -> str:
    with connected(cluster) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body.encode())
        return rest(connection)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("hello",), BAD),
        (("GET /version",), BAD),
        (("GET /version HTTP/1.1",), f"{BAD}: missing required Host header"),
        (("GET /version HTTP/1.1", "Host: a b"), f"{BAD}: malformed Host header"),
        (("GET /version HTTP/1.1", "Host: a", "Host: b"), BAD),
        (("GET /version HTTP/1.1", "Host: x", "Name: a\x00b"), f"{BAD}: invalid header value"),
        (("GET /version%zz HTTP/1.1", "Host: x"), BAD),
        (("GET /version HTTP/2.0", "Host: x"), "505 HTTP Version Not Supported: unsupported protocol version"),
        (("GET /version HTTP/1.1", "Host: x", "Content-Length: -1"), BAD),
        (("GET /version HTTP/1.1", "Host: x", "Expect: nothing"), "417 Expectation Failed"),
        (("GET /version HTTP/1.1", "Host: x", f"Name: {'x' * 2**21}"), TOO_LARGE),
        (("GET /version HTTP/1.1", "Host: x", *[f"Name-{n}: {'x' * 10_000}" for n in range(200)]), TOO_LARGE),
    ],
)
def test_refused_before_any_handler(fakekube: Cluster, lines: tuple[str, ...], status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close"
    assert answer(fakekube, *lines) == f"{head}\r\n\r\n{status}"


@pytest.mark.parametrize(
    "lines",
    [
        (f"GET /version?{'x' * 100_000} HTTP/1.1",),
        ("GET /version HTTP/1.1", f"Authorization: Basic {'x' * 100_000}"),
        ("GET /version HTTP/1.1", *[f"Name-{n}: value" for n in range(1_000)]),
    ],
    ids=["a long path", "a long header", "many headers"],
)
def test_much_is_taken(fakekube: Cluster, lines: tuple[str, ...]) -> None:
    assert answer(fakekube, *lines, "Host: x", "Connection: close").startswith("HTTP/1.1 200 OK\r\n")


def test_http_to_a_port_for_https(fakekube: Cluster) -> None:
    with plain(fakekube) as connection:
        connection.sendall(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n")
        assert rest(connection) == "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    assert not [decision for decision in fakekube.requests if decision.uri == "/version"]


def test_a_client_that_waits_to_send_its_body(fakekube: Cluster) -> None:
    token = fakekube.service_account_token("kube-system", "namespace-controller")
    head = [
        f"POST {CONFIG_MAPS}?dryRun=All HTTP/1.1", "Host: x", "Expect: 100-continue", f"Authorization: Bearer {token}",
        f"Content-Length: {len(BODY)}", "Connection: close", "", "",
    ]  # fmt: skip
    fakekube.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: everything}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: namespace-controller, namespace: kube-system}]
        """
    )
    with connected(fakekube) as connection:
        connection.sendall("\r\n".join(head).encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY.encode())
        assert rest(connection).startswith("HTTP/1.1 201 Created\r\n")


def test_no_body_of_the_refused_is_waited_for(fakekube: Cluster) -> None:
    got = answer(fakekube, f"POST {CONFIG_MAPS} HTTP/1.1", "Host: x", "Expect: 100-continue", "Connection: close")
    assert got.startswith("HTTP/1.1 403 Forbidden\r\n")


@pytest.mark.parametrize("encoding", ["gzip", "br", "nonsense"])
def test_a_body_is_what_it_is(fakekube: Cluster, encoding: str) -> None:
    made = fakekube.admin.request("POST", f"{CONFIG_MAPS}?dryRun=All", BODY, {"Content-Encoding": encoding})
    assert made.status == 201


def test_a_body_over_the_limit(fakekube: Cluster) -> None:
    body = {"metadata": {"name": "a"}, "data": {"a": "x" * 3 * 2**20}}
    refused = fakekube.admin.request("POST", CONFIG_MAPS, body)
    assert (refused.status, refused.json()["message"]) == (413, "Request entity too large: limit is 3145728")


def test_others_are_answered_while_many_say_nothing(fakekube: Cluster) -> None:
    with ExitStack() as stack:
        for _ in range(CROWD):
            stack.enter_context(plain(fakekube))  # not even a handshake
            stack.enter_context(connected(fakekube)).sendall(b"GET /version HTTP/1.1\r\nHost: x\r\n")  # no end
        assert fakekube.admin.get("/readyz").text == "ok"
