"""How answers look on the wire."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster


def exchange(cluster: Cluster, request: str) -> tuple[list[str], bytes]:
    """The lines of an answer's head, and its body; the server has to close the connection."""
    host, _, port = cluster.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cadata=cluster.ca.decode())
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(request.replace("\n", "\r\n").encode())
        data = b"".join(iter(lambda: secure.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), body


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/version", "HTTP/1.1 200 OK"),
        ("/api/v1/pods", "HTTP/1.1 403 Forbidden"),
        ("/openapi/v2", "HTTP/1.1 403 Forbidden"),
        ("/healthz", "HTTP/1.1 200 OK"),
    ],
)
def test_no_server_is_named(fakekube: Cluster, path: str, line: str) -> None:
    head, body = exchange(fakekube, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n\n")
    names = [field.partition(":")[0].lower() for field in head[1:]]
    assert head[0] == line
    assert "server" not in names
    assert {"audit-id", "cache-control", "content-type", "date", "connection"} <= set(names)
    assert f"Content-Length: {len(body)}" in head


def test_an_old_client_and_a_head(fakekube: Cluster) -> None:
    head, body = exchange(fakekube, "GET /version HTTP/1.0\nHost: x\n\n")
    assert (head[0], bool(body)) == ("HTTP/1.0 200 OK", True)
    head, body = exchange(fakekube, "HEAD /version HTTP/1.1\nHost: x\nConnection: close\n\n")
    assert body == b""


@pytest.mark.parametrize(
    ("method", "path", "line"),
    [
        ("BREW", "/api/v1/namespaces/default/configmaps", "HTTP/1.1 403 Forbidden"),
        ("PROPFIND", "/api/v1/namespaces/default/configmaps", "HTTP/1.1 403 Forbidden"),
        ("GET", "/healthz", "HTTP/1.1 200 OK"),
    ],
)
def test_any_token_is_a_method(fakekube: Cluster, method: str, path: str, line: str) -> None:
    head, _ = exchange(fakekube, f"{method} {path} HTTP/1.1\nHost: x\nConnection: close\n\n")
    assert head[0] == line
    assert [decision.method for decision in fakekube.requests if decision.uri == path] == [method]


def test_what_is_no_token_is_no_method(fakekube: Cluster) -> None:
    head, _ = exchange(fakekube, "B(EW /healthz HTTP/1.1\nHost: x\n\n")
    assert head[0].endswith(" 400 Bad Request")


def test_a_method_that_nobody_has(fakekube: Cluster) -> None:
    answer = fakekube.admin.request("BREW", "/api/v1/namespaces/default/configmaps")
    assert (answer.status, answer.json()["reason"]) == (405, "MethodNotAllowed")


def test_a_body_is_not_taken_for_a_request(fakekube: Cluster) -> None:
    text = "BREW /coffee HTTP/1.1\r\n"
    body = {"metadata": {"name": "pot"}, "data": {"a": text * 20_000}}
    answer = fakekube.admin.request("POST", "/api/v1/namespaces/default/configmaps", body)
    assert answer.json()["data"] == body["data"]


def test_answers_come_in_the_order_of_the_questions(fakekube: Cluster) -> None:
    head, body = exchange(
        fakekube, "GET /version HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n"
    )
    assert head[0] == "HTTP/1.1 200 OK"
    assert body.index(b'"gitVersion"') < body.rindex(b"\r\n\r\nok")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_may_offer_its_last_session(fakekube: Cluster, version: ssl.TLSVersion) -> None:
    host, _, port = fakekube.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cadata=fakekube.ca.decode())
    context.minimum_version = context.maximum_version = version
    session = None
    for _ in range(3):
        with (
            socket.create_connection((host, int(port)), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname=host, session=session) as secure,
        ):
            secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert secure.recv(100).startswith(b"HTTP/1.1 200 OK")
            session = secure.session
