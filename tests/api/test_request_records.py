"""RequestRecords over HTTPS: who may read them, what they say, and the command that shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from fakekube.cli.trace import command as trace
from fakekube.machinery.objects import Object
from fakekube.testing.cluster import Cluster, Response, User

RECORDS = "/apis/sim.fakekube.dev/v1alpha1/requestrecords"
PODS = "/api/v1/namespaces/default/pods"
RBAC = "rbac.authorization.k8s.io"
VIEWS = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "ann-views", "namespace": "default"},
    "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
    "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "ann"}],
}


def record_of(cluster: Cluster, answer: Response) -> Object:
    """The record of the request with that answer."""
    found = cluster.admin.get(f"{RECORDS}?fieldSelector=request.auditID={answer.headers['Audit-Id']}").json()
    assert len(found["items"]) == 1
    record: Object = found["items"][0]
    return record


def create_pod(user: User, **container: Any) -> Response:
    spec = {"containers": [{"name": "c", "image": "busybox:1", **container}]}
    return user.request("POST", PODS, {"metadata": {"name": "web"}, "spec": spec})


def test_who_and_why(fakekube: Cluster) -> None:
    fakekube.apply(VIEWS)
    record = record_of(fakekube, fakekube.user("ann", ["dev"]).get(f"{PODS}?limit=5", **{"User-Agent": "me/1"}))
    request = record["request"]
    assert (request["method"], request["uri"], request["userAgent"]) == ("GET", f"{PODS}?limit=5", "me/1")
    assert (request["verb"], request["resource"], request["namespace"]) == ("list", "pods", "default")
    assert record["user"] == {
        "username": "ann",
        "groups": ["dev", "system:authenticated"],
        "authenticator": "x509",
    }
    authorization = record["authorization"]
    assert authorization["decision"] == "allow"
    assert 'RoleBinding "ann-views/default" of ClusterRole "view" to User "ann"' in authorization["reason"]
    assert "pods" in authorization["rule"]["resources"]
    assert record["response"] == {"code": 200}
    stations = {"authenticate", "audit", "impersonate", "limit_flow", "authorize", "inject"}
    assert set(record["latency"]) == {*stations, "answer"}


def test_why_not(fakekube: Cluster) -> None:
    fakekube.apply(VIEWS)
    answer = create_pod(fakekube.user("ann"))
    record = record_of(fakekube, answer)
    assert record["authorization"]["decision"] == "no opinion"
    bound, *others = record["authorization"]["closest"]
    assert bound == 'ClusterRole "view", bound by RoleBinding "default/ann-views" allows get, list, watch, not create'
    assert others[0] == 'ClusterRole "edit" would do, but is not bound to the user here'
    assert record["response"] == {"code": 403, "message": answer.json()["message"]}


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("garbage", ["invalid bearer token"]),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.AAAA",
         ["invalid bearer token", "square/go-jose: error in cryptographic primitive"]),
    ],
)  # fmt: skip
def test_why_credentials_were_not_taken(fakekube: Cluster, token: str, why: list[str]) -> None:
    answer = User(fakekube.url, fakekube.ca, token=token).get(PODS)
    record = record_of(fakekube, answer)
    assert (record["response"]["code"], record["user"]) == (401, {"rejected": why})


def test_a_refused_impersonation(fakekube: Cluster) -> None:
    record = record_of(fakekube, fakekube.user("ann").get(PODS, **{"Impersonate-User": "root"}))
    assert record["user"]["username"] == "ann"
    assert record["authorization"]["closest"] == [
        'ClusterRole "cluster-admin" would do, but is not bound to the user here'
    ]


def test_what_plugins_changed(fakekube: Cluster) -> None:
    fakekube.settle()
    record = record_of(fakekube, create_pod(fakekube.admin))
    changed = {plugin["plugin"]: plugin["findings"][0]["changed"] for plugin in record["admission"]}
    assert changed["Priority"] == ["spec.priority: 0", 'spec.preemptionPolicy: "PreemptLowerPriority"']
    assert 'spec.serviceAccountName: "default"' in changed["ServiceAccount"]


@pytest.mark.fakekube(enable_admission_plugins=["PodSecurityPolicy"])
def test_why_no_policy_fits(fakekube: Cluster) -> None:
    fakekube.settle()
    rules = {name: {"rule": "RunAsAny"} for name in ("seLinux", "fsGroup", "supplementalGroups", "runAsUser")}
    policy = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "strict"}}
    fakekube.apply({**policy, "spec": {**rules, "volumes": ["*"]}})
    record = record_of(fakekube, create_pod(fakekube.admin, securityContext={"privileged": True}))
    findings = next(one["findings"] for one in record["admission"] if one["plugin"] == "PodSecurityPolicy")
    (row,) = findings[0]["policies"]
    assert (row["policy"], row["outcome"]) == ("strict", "refuses the pod")
    assert "Privileged containers are not allowed" in row["reasons"][0]
    assert findings[-1]["refused"] == record["response"]["message"]


def test_reading_does_not_move_the_store(fakekube: Cluster) -> None:
    fakekube.settle()
    before = fakekube.admin.get("/api/v1/configmaps").json()["metadata"]["resourceVersion"]
    for _ in range(3):
        fakekube.admin.get(RECORDS)
    assert fakekube.admin.get("/api/v1/configmaps").json()["metadata"]["resourceVersion"] == before


def test_read_one_page_by_page_and_watch(fakekube: Cluster) -> None:
    for path in ("/version", "/api", "/apis"):
        fakekube.admin.get(path)
    page = fakekube.admin.get(f"{RECORDS}?limit=2").json()
    assert [item["request"]["uri"] for item in page["items"]] == ["/version", "/api"]
    rest = fakekube.admin.get(f"{RECORDS}?limit=2&continue={page['metadata']['continue']}").json()
    assert rest["items"][0]["request"]["uri"] == "/apis"
    name = page["items"][1]["metadata"]["name"]
    assert fakekube.admin.get(f"{RECORDS}/{name}").json()["request"]["uri"] == "/api"
    assert fakekube.admin.get(f"{RECORDS}/nothing").status == 404
    revision = page["items"][1]["metadata"]["resourceVersion"]
    stream = fakekube.admin.get(f"{RECORDS}?watch=true&timeoutSeconds=1&resourceVersion={revision}").text
    events = [json.loads(line) for line in stream.splitlines()]
    assert {event["type"] for event in events} == {"ADDED"}
    assert events[0]["object"]["request"]["uri"] == "/apis"


def test_only_the_latest_are_kept(fakekube: Cluster) -> None:
    from fakekube.server.records import KEPT

    for _ in range(KEPT + 5):
        fakekube.admin.get("/version")
    items = fakekube.admin.get(RECORDS).json()["items"]
    assert len(items) == KEPT
    assert items[0]["metadata"]["name"] == "00000006"


@pytest.mark.parametrize(("method", "code"), [("POST", 405), ("DELETE", 405), ("GET", 200)])
def test_they_are_only_read(fakekube: Cluster, method: str, code: int) -> None:
    assert fakekube.admin.request(method, RECORDS).status == code
    assert fakekube.user("ann").get(RECORDS).status == 403


def test_the_command(fakekube: Cluster) -> None:
    answer = fakekube.user("ann").get("/api/v1/nodes")
    flags = ["--kubeconfig", str(fakekube.kubeconfig)]
    done = CliRunner().invoke(trace, [answer.headers["Audit-Id"], *flags])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("403  GET /api/v1/nodes")
    documents = CliRunner().invoke(trace, ["--json", "--user", "ann", *flags]).output.splitlines()
    assert [json.loads(line)["request"]["uri"] for line in documents] == ["/api/v1/nodes"]
    assert CliRunner().invoke(trace, ["--code", "500", *flags]).output == ""
    missing = CliRunner().invoke(trace, ["no-such-request", *flags])
    assert (missing.exit_code, "is not known" in missing.output) == (1, True)
