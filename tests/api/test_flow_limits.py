"""Headers that name a request's flow, and the bounds on how many requests are served at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

FLOWS = "/apis/flowcontrol.apiserver.k8s.io/v1beta1"
SCHEMA, LEVEL = "X-Kubernetes-Pf-Flowschema-Uid", "X-Kubernetes-Pf-Prioritylevel-Uid"


def uid(cluster: Cluster, kind: str, name: str) -> str:
    found: str = cluster.admin.get(f"{FLOWS}/{kind}/{name}").json()["metadata"]["uid"]
    return found


@pytest.mark.parametrize(("path", "status"), [("/api/v1/nodes", 403), ("/healthz", 200)])
def test_every_answer_after_authentication_names_its_flow(fakekube: Cluster, path: str, status: int) -> None:
    answer = fakekube.anonymous.get(path)
    assert answer.status == status
    assert answer.headers[SCHEMA] == uid(fakekube, "flowschemas", "global-default")
    assert answer.headers[LEVEL] == uid(fakekube, "prioritylevelconfigurations", "global-default")
    assert fakekube.admin.get(path).headers[SCHEMA] == uid(fakekube, "flowschemas", "exempt")


def test_whom_nobody_knows_has_no_flow(fakekube: Cluster) -> None:
    answer = fakekube.anonymous.get("/healthz", Authorization="Bearer wrong")
    assert answer.status == 401
    assert SCHEMA not in answer.headers


def test_a_watch_has_no_flow(fakekube: Cluster) -> None:
    answer = fakekube.admin.get("/api/v1/nodes?watch=1&timeoutSeconds=1")
    assert answer.status == 200
    assert SCHEMA not in answer.headers


@pytest.mark.fakekube(max_requests_inflight=1)
def test_one_too_many_is_sent_away(fakekube: Cluster) -> None:
    plane = fakekube._core.world.plane
    plane.under_way["reading"] += 1  # one that does not end
    answer = fakekube.anonymous.get("/healthz")
    assert (answer.status, answer.text) == (429, "Too many requests, please try again later.\n")
    assert answer.headers["Retry-After"] == "1"
    assert SCHEMA not in answer.headers
    assert fakekube.admin.get("/healthz").status == 200
    assert fakekube.anonymous.request("POST", "/healthz").status != 429
    assert fakekube.anonymous.get("/api/v1/nodes?watch=1").status == 403
    plane.under_way["reading"] -= 1
    assert fakekube.anonymous.get("/healthz").status == 200


def test_what_has_been_answered_is_no_longer_counted(fakekube: Cluster) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(fakekube.anonymous.get, ["/healthz", "/api/v1/nodes", "/nowhere"] * 20))
    assert {answer.status for answer in answers} == {200, 403}
    assert not any(fakekube._core.world.plane.under_way.values())
