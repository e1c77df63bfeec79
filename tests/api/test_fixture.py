"""What test suites get: a clean cluster for each test, users, tokens, and a record of what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing import Cluster

MANIFEST = """
apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team}
data: {a: "1"}
"""
MAPS = "/api/v1/namespaces/team/configmaps"


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_with_a_clean_cluster(fakekube: Cluster, turn: int) -> None:
    assert fakekube.admin.get("/api/v1/namespaces/team").status == 404, turn
    fakekube.apply(MANIFEST)
    assert fakekube.admin.get(f"{MAPS}/settings").json()["data"] == {"a": "1"}


def test_a_clean_cluster_has_what_controllers_make(fakekube: Cluster) -> None:
    assert fakekube.service_account_token("default", "default").count(".") == 2
    assert fakekube.admin.get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt").status == 200


def test_users(fakekube: Cluster) -> None:
    fakekube.apply(MANIFEST)
    jane = fakekube.user("jane", groups=["dev"])
    refused = jane.get(MAPS)
    assert refused.status == 403
    assert refused.json()["message"] == (
        'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "team"'
    )
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "dev", "namespace": "team"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "dev"}],
    }
    fakekube.apply(binding)
    assert jane.get(MAPS).status == 200


def test_users_have_their_certificates_by_the_api(fakekube: Cluster) -> None:
    fakekube.user("jane", groups=["dev"])
    csrs = [record for record in fakekube.requests if "certificatesigningrequests" in record.uri]
    assert [(csrs[0].method, csrs[0].code), (csrs[1].method, csrs[1].code)] == [("POST", 201), ("PUT", 200)]
    assert csrs[1].uri.endswith("/approval")
    assert fakekube.admin.get("/apis/certificates.k8s.io/v1/certificatesigningrequests").json()["items"] == []
    with pytest.raises(AssertionError, match="with system:masters group is not allowed"):
        fakekube.user("jane", groups=["system:masters"])


def test_requests_are_recorded_with_their_reason(fakekube: Cluster) -> None:
    fakekube.service_account("default", "default").get("/api/v1/nodes")
    record = fakekube.requests[-1]
    assert (record.method, record.uri, record.code) == ("GET", "/api/v1/nodes", 403)
    assert record.identity is not None
    assert record.identity.user.name == "system:serviceaccount:default:default"


@pytest.mark.fakekube(disable_admission_plugins=["ServiceAccount"])
def test_the_marker_sets_options(fakekube: Cluster) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    answer = fakekube.admin.request("POST", "/api/v1/namespaces/default/pods?dryRun=All", pod)
    assert answer.status == 201
    assert "serviceAccountName" not in answer.json()["spec"]


def test_waiting_ends(fakekube: Cluster) -> None:
    with pytest.raises(TimeoutError):
        fakekube.wait_for(lambda: None, timeout=0.01)


def test_a_refused_manifest_tells_why(fakekube: Cluster) -> None:
    with pytest.raises(AssertionError, match=r"is invalid: metadata\.name"):
        fakekube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "No Good"}})
