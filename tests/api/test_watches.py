"""Watches over TLS: how they come, and how they end."""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

MAPS = "/api/v1/namespaces/default/configmaps"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


@contextmanager
def watching(cluster: Cluster, query: str, accept: str = "application/json") -> Iterator[ssl.SSLSocket]:
    """A connection on which a watch of config maps has begun."""
    host, _, port = cluster.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cadata=cluster.ca.decode())
    token = cluster.service_account_token("kube-system", "generic-garbage-collector")
    head = (
        f"GET {MAPS}?watch=1&{query} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    with (
        socket.create_connection((host, int(port)), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(head.encode())
        yield secure


def events(connection: ssl.SSLSocket, count: int) -> list[dict[str, Any]]:
    """So many events, each of which has to be a chunk."""
    with connection.makefile("rb") as stream:
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
        while stream.readline() != b"\r\n":
            continue
        found = []
        for _ in range(count):
            data = stream.read(int(stream.readline(), 16))
            assert stream.read(2) == b"\r\n"
            found.append(json.loads(data))
        return found


def create(cluster: Cluster, *names: str) -> str:
    """Config maps; gives the revision before them."""
    revision: str = cluster.admin.get(MAPS).json()["metadata"]["resourceVersion"]
    for name in names:
        assert cluster.admin.request("POST", MAPS, {"metadata": {"name": name, "labels": {"n": name}}}).status == 201
    return revision


def test_each_event_is_a_chunk(fakekube: Cluster) -> None:
    revision = create(fakekube, "a", "b")
    with watching(fakekube, f"resourceVersion={revision}") as connection:
        found = events(connection, 2)
    assert [(event["type"], event["object"]["metadata"]["name"]) for event in found] == [("ADDED", "a"), ("ADDED", "b")]


def test_forms_are_kept_apart(fakekube: Cluster) -> None:
    revision = create(fakekube, "a")
    kinds = []
    for accept in ("application/json", PARTIAL, "application/json"):
        with watching(fakekube, f"resourceVersion={revision}&labelSelector=n%3Da", accept) as connection:
            kinds.append(events(connection, 1)[0]["object"]["kind"])
    assert kinds == ["ConfigMap", "PartialObjectMetadata", "ConfigMap"]


def test_who_hangs_up_leaves_no_trace_in_the_log(fakekube: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    revision = create(fakekube, "before")
    for _ in range(5):
        with watching(fakekube, f"resourceVersion={revision}") as connection:
            events(connection, 1)
    create(fakekube, *(f"after-{number}" for number in range(20)))
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
    fakekube.check()
