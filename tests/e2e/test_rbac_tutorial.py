"""The RBAC half of the pod-security tutorial, from outside of the cluster, with kubectl and curl."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest
import yaml

from tests.e2e.tools import Kubectl, Server, curl, until

pytestmark = pytest.mark.usefixtures("curl_is_there")

ROLE_BINDING_COLUMNS = (
    "custom-columns=KIND:kind,NAMESPACE:metadata.namespace,NAME:metadata.name,"
    'SERVICE_ACCOUNTS:subjects[?(@.kind=="ServiceAccount")].name'
)
FORBIDDEN = """{
  "kind": "Status",
  "apiVersion": "v1",
  "metadata": {
    
  },
  "status": "Failure",
  "message": "services is forbidden: User \\"system:serviceaccount:default:default\\" cannot list resource \\"services\\" in API group \\"\\" in the namespace \\"default\\"",
  "reason": "Forbidden",
  "details": {
    "kind": "services"
  },
  "code": 403
}"""  # noqa: E501, W293  what v1.20.2 prints to curl, byte for byte
UNAUTHORIZED = """{
  "kind": "Status",
  "apiVersion": "v1",
  "metadata": {
    
  },
  "status": "Failure",
  "message": "Unauthorized",
  "reason": "Unauthorized",
  "code": 401
}"""  # noqa: W293
SERVICES = "/api/v1/namespaces/default/services/"


@pytest.fixture(scope="module")
def authority(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file that curl verifies the server with, out of the kubeconfig."""
    cluster = yaml.safe_load(server.kubeconfig.read_text())["clusters"][0]["cluster"]
    path: Path = tmp_path_factory.mktemp("ca") / "ca.crt"
    path.write_bytes(b64decode(cluster["certificate-authority-data"]))
    return str(path)


def secret_of(kubectl: Kubectl, account: str, namespace: str = "default") -> dict:
    """The token secret of a service account, once the controllers have made both."""

    def name() -> str:
        return kubectl.try_("get", "serviceaccount", account, "-n", namespace, "-o", "jsonpath={.secrets[0].name}").out

    return json.loads(kubectl("get", "secret", until(name), "-n", namespace, "-o", "json"))


def token_of(kubectl: Kubectl, account: str) -> str:
    return b64decode(secret_of(kubectl, account)["data"]["token"]).decode()


def get(server: Server, authority: str, path: str, *arguments: str) -> str:
    answer = curl("--cacert", authority, *arguments, server.url + path)
    assert answer.code == 0, answer.err
    return answer.out


def bearer(token: str) -> tuple[str, str]:
    return "-H", f"Authorization: Bearer {token}"


def test_what_may_i_do(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "create", "pods") == "yes\n"
    refused = kubectl.try_("auth", "can-i", "create", "pods", "--as", "alice", "--as-group", "dev")
    assert (refused.code, refused.out) == (1, "no\n")
    listed = kubectl("auth", "can-i", "--list", "--as", "alice", "--as-group", "dev")
    assert listed.split("\n")[0].split() == ["Resources", "Non-Resource", "URLs", "Resource", "Names", "Verbs"]
    assert "selfsubjectaccessreviews.authorization.k8s.io" in listed
    assert "[/version/]" not in kubectl("auth", "can-i", "--list").split("*.*")[0]


def test_the_tutorials_table_of_bindings(kubectl: Kubectl) -> None:
    table = kubectl("get", "rolebindings,clusterrolebindings", "--all-namespaces", "-o", ROLE_BINDING_COLUMNS)
    rows = [line.split() for line in table.splitlines()]
    assert rows[0] == ["KIND", "NAMESPACE", "NAME", "SERVICE_ACCOUNTS"]
    assert ["RoleBinding", "kube-system", "system:controller:bootstrap-signer", "bootstrap-signer"] in rows
    assert ["ClusterRoleBinding", "<none>", "system:controller:job-controller", "job-controller"] in rows


def test_every_service_account_has_a_secret(kubectl: Kubectl) -> None:
    secret = secret_of(kubectl, "default")
    assert secret["type"] == "kubernetes.io/service-account-token"
    assert secret["metadata"]["name"].startswith("default-token-")
    assert set(secret["data"]) == {"ca.crt", "namespace", "token"}
    assert b64decode(secret["data"]["namespace"]) == b"default"
    table = kubectl("get", "secret").splitlines()
    assert table[0].split() == ["NAME", "TYPE", "DATA", "AGE"]
    assert table[1].split()[1:3] == ["kubernetes.io/service-account-token", "3"]


def test_curl_is_forbidden_until_a_binding_allows_it(kubectl: Kubectl, server: Server, authority: str) -> None:
    token = token_of(kubectl, "default")
    assert get(server, authority, SERVICES, *bearer(token)) == FORBIDDEN

    made = kubectl("create", "rolebinding", "default-view", "--clusterrole=view", "--serviceaccount=default:default",
                   "--namespace=default")  # fmt: skip
    assert made == "rolebinding.rbac.authorization.k8s.io/default-view created\n"
    shown = yaml.safe_load(kubectl("get", "rolebindings", "-oyaml"))
    assert shown["items"][0]["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
    }  # fmt: skip
    assert shown["items"][0]["subjects"] == [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]

    answer = json.loads(get(server, authority, SERVICES, *bearer(token)))
    assert answer["kind"] == "ServiceList"
    assert [item["metadata"]["name"] for item in answer["items"]] == ["kubernetes"]
    kubectl("delete", "rolebinding", "default-view")
    assert get(server, authority, SERVICES, *bearer(token)) == FORBIDDEN


def test_only_people_get_pretty_answers(kubectl: Kubectl, server: Server, authority: str) -> None:
    token = token_of(kubectl, "default")
    compact = get(server, authority, SERVICES, *bearer(token), "-A", "python-requests/2.31")
    assert compact == json.dumps(json.loads(FORBIDDEN), separators=(",", ":")) + "\n"
    assert get(server, authority, SERVICES, *bearer(token), "-A", "Mozilla/5.0 (X11)") == FORBIDDEN


def test_without_a_token_one_is_anonymous(server: Server, authority: str) -> None:
    answer = json.loads(get(server, authority, SERVICES))
    assert answer["code"] == 403
    assert answer["message"].startswith('services is forbidden: User "system:anonymous" cannot list')


@pytest.mark.parametrize("token", ["garbage", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "é"])
def test_a_garbage_token(server: Server, authority: str, token: str) -> None:
    assert get(server, authority, SERVICES, *bearer(token)) == UNAUTHORIZED


def test_the_token_of_a_deleted_secret(kubectl: Kubectl, server: Server, authority: str) -> None:
    kubectl("create", "serviceaccount", "leaver")
    secret = secret_of(kubectl, "leaver")
    token = b64decode(secret["data"]["token"]).decode()
    assert json.loads(get(server, authority, SERVICES, *bearer(token)))["code"] == 403
    kubectl("delete", "secret", secret["metadata"]["name"])
    assert get(server, authority, SERVICES, *bearer(token)) == UNAUTHORIZED
    kubectl("delete", "serviceaccount", "leaver")


def test_what_the_controllers_made_comes_again(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "team")
    first = secret_of(kubectl, "default", "team")["metadata"]["name"]
    kubectl("delete", "secret", first, "-n", "team")

    def another() -> bool:
        return secret_of(kubectl, "default", "team")["metadata"]["name"] != first

    until(another)
    kubectl("delete", "serviceaccount", "default", "-n", "team")
    secret_of(kubectl, "default", "team")
    kubectl("delete", "configmap", "kube-root-ca.crt", "-n", "team")
    root = until(lambda: kubectl.try_("get", "configmap", "kube-root-ca.crt", "-n", "team", "-o", "json").out)
    assert "BEGIN CERTIFICATE" in json.loads(root)["data"]["ca.crt"]


def test_another_authority_is_not_trusted(server: Server, tmp_path: Path, authority: str) -> None:
    other = Server(tmp_path)
    try:
        answer = curl("--cacert", authority, other.url + "/version")
    finally:
        other.stop()
    assert answer.code == 60
    assert answer.err.startswith("curl: (60) SSL certificate problem:")
