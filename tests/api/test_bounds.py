"""What a pod does to itself stays its own trouble: the server answers, and the container meets its limits."""

from __future__ import annotations

import ssl
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
import websocket

from tests.api.test_streams import PODS, running

if TYPE_CHECKING:
    from fakekube.testing import Cluster

pytestmark = pytest.mark.fakekube(nodes=1)
SESSIONS = 200

ABUSE = {
    "a fork bomb": "bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done",
    "an endless loop": "while :; do :; done",
    "endless nothing": "cat /dev/zero",
    "endless lines": "yes",
    "a gigabyte": "head -c 1000000000 /dev/zero",
    "a full disk": "cat /dev/zero > /tmp/big; sleep 1000",
    "endless recursion": "f() { f; }; f; sleep 1000",
    "an endless word": "x=a; while :; do x=$x$x; done; sleep 1000",
}


@pytest.mark.parametrize("script", ABUSE.values(), ids=ABUSE)
def test_the_server_goes_on(fakekube: Cluster, script: str) -> None:
    running(fakekube, "busybox", "sh", "-c", script)
    for number in range(20):
        name = f"while-{number}"
        made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
        assert fakekube.admin.request("POST", "/api/v1/namespaces/default/configmaps", made).status == 201
    assert fakekube.admin.request("DELETE", f"{PODS}/p?gracePeriodSeconds=0").status == 200
    fakekube.wait_for(lambda: fakekube.admin.get(f"{PODS}/p").status == 404)


def test_a_long_log_is_kept_in_part(fakekube: Cluster) -> None:
    running(fakekube, "busybox", "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end; sleep 1000")
    fakekube.wait_for(lambda: fakekube.admin.get(f"{PODS}/p/log?tailLines=1").text == "end\n")
    assert len(fakekube.admin.get(f"{PODS}/p/log").text) < 1_100_000


def test_many_open_sessions(fakekube: Cluster) -> None:
    running(fakekube, "busybox", "sleep", "1000")
    fakekube.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: everything}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: default, namespace: default}]
        """
    )
    token = fakekube.service_account_token("default", "default")
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(session(fakekube, token, "cat"))) for _ in range(SESSIONS)]
        assert fakekube.admin.get("/readyz").text == "ok"
        # A container has 64 processes: one sleeps, each of the next sessions has its own, the others are told why not.
        for one in opened[:60]:
            one.send(b"\x00hello\n", websocket.ABNF.OPCODE_BINARY)
        assert [said(one) for one in opened[:60]] == [b"\x01hello\n"] * 60
        assert b"Resource temporarily unavailable" in said(opened[-1])


def session(cluster: Cluster, token: str, command: str) -> websocket.WebSocket:
    """An exec session by hand: the client library would take a thread for each."""
    url = f"{cluster.url.replace('https', 'wss')}{PODS}/p/exec?stdin=1&stdout=1&stderr=1&command={command}"
    return websocket.create_connection(
        url, timeout=10, sslopt={"ca_certs": None, "cert_reqs": ssl.CERT_NONE}, subprotocols=["v4.channel.k8s.io"],
        header=[f"Authorization: Bearer {token}"],
    )  # fmt: skip


def said(one: websocket.WebSocket) -> bytes:
    """The first message that is not empty, its channel before it."""
    while len(message := one.recv()) < 2:
        pass
    return message
