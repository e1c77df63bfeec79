"""What somebody tries who wants more than they may: each is refused in the real server's words.

Certificates that nobody should trust are in test_certificates, the ID tokens of an issuer in test_oidc.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from fakekube.authn.tokens import issue_bound_token
from fakekube.pki import Authority, load_or_make_signing_key
from fakekube.testing.cluster import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakekube.testing import Cluster

UNAUTHORIZED = {
    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "Unauthorized",
    "reason": "Unauthorized", "code": 401,
}  # fmt: skip
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")


def claims_of(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def bound(cluster: Cluster, **spec: Any) -> str:
    body = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": spec}
    answer = cluster.admin.request("POST", f"{ACCOUNT}/token", body)
    assert answer.status == 201, answer.text
    token: str = answer.json()["status"]["token"]
    return token


def ask(cluster: Cluster, token: str, path: str = "/api") -> tuple[int, Any]:
    answer = User(cluster.url, cluster.ca, token=token).get(path)
    return answer.status, answer.json()


def public_key(cluster: Cluster) -> bytes:
    """What everybody can read who may read /openid/v1/jwks."""
    key = cluster.admin.get("/openid/v1/jwks", Accept="*/*").json()["keys"][0]
    public: Any = jwt.algorithms.RSAAlgorithm.from_jwk(key)
    return bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS384", "ES256"])
def test_another_algorithm(fakekube: Cluster, algorithm: str) -> None:
    claims = claims_of(bound(fakekube))
    signed = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}"
    signature = b""
    if algorithm.startswith("HS"):
        mac = hmac.HMAC(public_key(fakekube), hashes.SHA256())
        mac.update(signed.encode())
        signature = mac.finalize()
    assert ask(fakekube, f"{signed}.{part(signature)}") == (401, UNAUTHORIZED)


def test_another_signer(fakekube: Cluster) -> None:
    token, key = bound(fakekube), rsa.generate_private_key(65537, 2048)
    kid = jwt.get_unverified_header(token).get("kid")
    assert ask(fakekube, jwt.encode(claims_of(token), key, "RS256", headers={"kid": kid})) == (401, UNAUTHORIZED)
    assert ask(fakekube, jwt.encode(claims_of(token), key, "RS256")) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(
    "change",
    [
        {"kubernetes.io": {"namespace": "kube-system"}},
        {"iss": "kubernetes/serviceaccount"},
        {"exp": 9_999_999_999},
        {"aud": ["https://else"]},
    ],
)
def test_other_claims_under_an_old_signature(fakekube: Cluster, change: dict[str, Any]) -> None:
    header, payload, signature = bound(fakekube).split(".")
    forged = {**claims_of(f".{payload}"), **change}
    assert ask(fakekube, f"{header}.{part(forged)}.{signature}") == (401, UNAUTHORIZED)


def test_a_token_for_somebody_else(fakekube: Cluster) -> None:
    assert ask(fakekube, bound(fakekube, audiences=["https://else"])) == (401, UNAUTHORIZED)


def test_a_token_outlives_nobody(fakekube: Cluster) -> None:
    token = bound(fakekube, expirationSeconds=600)
    assert ask(fakekube, token)[0] == 200
    fakekube.clock.advance(minutes=12)
    assert ask(fakekube, token) == (401, UNAUTHORIZED)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Path]]:
    """A cluster whose keys the attacker has found."""
    from fakekube.testing import Cluster

    folder = tmp_path_factory.mktemp("pki")
    with Cluster(cert_dir=folder, nodes=0) as cluster:
        yield cluster, folder


@pytest.mark.parametrize(("hours", "code"), [(-2, 401), (0, 403), (2, 401)], ids=["expired", "valid", "not yet valid"])
def test_the_time_of_a_token(kept: tuple[Cluster, Path], hours: float, code: int) -> None:
    cluster, folder = kept
    key, account = load_or_make_signing_key(folder).result(), cluster.admin.get(ACCOUNT).json()
    issuer = "https://kubernetes.default.svc.cluster.local"
    token = issue_bound_token(key, issuer, account, [issuer], 3600, time.time() + hours * 3600).token
    assert ask(cluster, token, "/api/v1/nodes")[0] == code


@pytest.mark.parametrize(("days", "code"), [(-2, 401), (0, 403), (2, 401)], ids=["expired", "valid", "not yet valid"])
def test_the_time_of_a_certificate(kept: tuple[Cluster, Path], days: float, code: int) -> None:
    cluster, folder = kept
    authority = Authority.load(folder, "ca")
    assert authority is not None
    pair = authority.issue("jane", days=1, now=time.time() + days * 86_400)
    answer = User(cluster.url, cluster.ca, pair).get("/api/v1/nodes")
    assert answer.status == code
    assert code != 401 or answer.json() == UNAUTHORIZED


def test_another_key_id_changes_nothing(kept: tuple[Cluster, Path]) -> None:
    """As on a real server: the signature counts, by whichever of its keys, not what the header calls the key."""
    cluster, folder = kept
    key, claims = load_or_make_signing_key(folder).result(), claims_of(bound(cluster))
    stranger = rsa.generate_private_key(65537, 2048)
    assert ask(cluster, jwt.encode(claims, key.private, "RS256", headers={"kid": "else"}))[0] == 200
    for kid in (key.id, "else"):
        assert ask(cluster, jwt.encode(claims, stranger, "RS256", headers={"kid": kid})) == (401, UNAUTHORIZED)


def raw(cluster: Cluster, *headers: tuple[str, str | bytes], path: str = "/version") -> tuple[int, str]:
    """A request with whatever headers, as often as they are given; as the administrator unless a header says who."""
    anonymous = any(name.lower() == "authorization" for name, _ in headers)
    user = cluster.anonymous if anonymous else cluster.admin
    with user.connected() as connection:
        connection.putrequest("GET", path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("path", ["/version", "/api"])
def test_of_two_authorizations_the_first_counts(fakekube: Cluster, path: str) -> None:
    right, wrong = (("Authorization", f"Bearer {token}") for token in (bound(fakekube), "garbage"))
    assert raw(fakekube, right, wrong, path=path)[0] == 200
    code, body = raw(fakekube, wrong, right, path=path)
    assert (code, json.loads(body)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Bearer {}", 200),
        ("bearer {}", 200),
        (" Bearer {} ", 200),
        ("Bearer {} and more", 200),
        ("Bearer  {}", 403),
        ("Bearer\t{}", 403),
        ("Bearer", 403),
        ("Basic {}", 403),
        ("Bearer {},", 401),
        ("Bearer " + "x" * 20_000, 401),
    ],
)
def test_forms_of_an_authorization(fakekube: Cluster, value: str, code: int) -> None:
    """What is no bearer token at all makes nobody of the client, as on a real server."""
    assert raw(fakekube, ("Authorization", value.format(bound(fakekube))), path="/api")[0] == code


def test_of_two_names_to_act_as_the_first_counts(fakekube: Cluster) -> None:
    asked = [("Impersonate-User", name) for name in ("jane", "admin")]
    code, body = raw(fakekube, *asked, ("Impersonate-Group", "dev"), path="/api/v1/nodes")
    assert (code, 'User \\"jane\\" cannot list' in body) == (403, True)
    assert fakekube.requests[-1].impersonated is not None
    assert fakekube.requests[-1].impersonated.groups == ("dev", "system:authenticated")


@pytest.mark.parametrize("name", ["Impersonate-User", "X-Remote-User", "User-Agent", "Audit-ID", "Authorization"])
def test_headers_that_are_no_text(fakekube: Cluster, name: str) -> None:
    assert raw(fakekube, (name, b"Bearer a\xe9"), path="/api/v1/nodes")[0] in (200, 401, 403)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"Impersonate-Extra-a/b: x", "invalid header name"),
        (b"Impersonate-User : x", "invalid header name"),
        (b"Impersonate-User: a\x0b", "invalid header value"),
    ],
)
def test_headers_that_cannot_be_read(fakekube: Cluster, header: bytes, words: str) -> None:
    with fakekube.admin.connected() as connection:
        connection.connect()
        connection.send(b"GET /version HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
        data = b"".join(iter(lambda: connection.sock.recv(4096), b""))
    assert data.startswith(b"HTTP/1.1 400 Bad Request: " + words.encode())
    assert data.endswith(b"\r\n\r\n400 Bad Request: " + words.encode())


def test_a_token_of_an_account_that_was_made_anew(fakekube: Cluster) -> None:
    old, secret = bound(fakekube), fakekube.service_account_token("default", "default")
    assert fakekube.admin.request("DELETE", ACCOUNT).status == 200
    fakekube.settle()
    assert fakekube.admin.get(ACCOUNT).status == 200, "a controller has made it anew"
    assert [ask(fakekube, token) for token in (old, secret)] == [(401, UNAUTHORIZED)] * 2


def test_the_proxys_headers_from_anybody_else(fakekube: Cluster) -> None:
    headers = {"X-Remote-User": "admin", "X-Remote-Group": "system:masters"}
    path = "/api/v1/namespaces/default/secrets"
    anonymous = fakekube.anonymous.get(path, **headers)
    jane = fakekube.user("jane").get(path, **headers)
    for answer, name in ((anonymous, "system:anonymous"), (jane, "jane")):
        denied = f'User "{name}" cannot list resource "secrets" in API group "" in the namespace "default"'
        assert (answer.status, answer.json()["message"]) == (403, f"secrets is forbidden: {denied}")


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({"Impersonate-User": "admin"}, 'users "admin" is forbidden: User "jane" cannot impersonate resource "users"'),
        (
            {"Impersonate-User": "jane", "Impersonate-Group": "system:masters"},
            'users "jane" is forbidden: User "jane" cannot impersonate resource "users"',
        ),
        (
            {"Impersonate-User": "system:serviceaccount:kube-system:default"},
            'serviceaccounts "default" is forbidden: User "jane" cannot impersonate resource "serviceaccounts"',
        ),
    ],
)
def test_another_name_without_the_right(fakekube: Cluster, headers: dict[str, str], what: str) -> None:
    answer = fakekube.user("jane").get("/version", **headers)
    assert answer.status == 403
    assert answer.json()["message"].startswith(what)


def test_a_group_that_the_right_to_a_name_does_not_give(fakekube: Cluster) -> None:
    rule = {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}
    grant(fakekube, "jane", rule)
    headers = {"Impersonate-User": "joe", "Impersonate-Group": "system:masters"}
    answer = fakekube.user("jane").get("/version", **headers)
    denied = 'User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope'
    assert answer.json()["message"] == f'groups "system:masters" is forbidden: {denied}'


def grant(cluster: Cluster, user: str, *rules: Any) -> None:
    group = "rbac.authorization.k8s.io"
    cluster.apply(
        [
            {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": {"name": "given"}, "rules": list(rules)},
            {
                "apiVersion": f"{group}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "given"},
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "given"},
                "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
            },
        ]
    )


PODS_ONLY = {"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/namespaces/default/secrets",
        "/api//v1/namespaces/default/secrets",
        "/api/v1/namespaces/default/pods/../secrets",
        "/api/v1/namespaces/default/pods/%2e%2e/secrets",
        "/api/v1/namespaces/default/pods%2f..%2fsecrets",
        "/api/v1/namespaces/default/./secrets",
        "/api/v1/namespaces/default/Secrets",
        "/API/v1/namespaces/default/secrets",
        "/api/v1/namespaces/default/secrets/",
        "/healthz/../api/v1/secrets",
        "/version/../../api/v1/secrets",
        "/api/v1/namespaces/default/secrets;/pods",
        "/api/v1/namespaces/default%00/secrets",
    ],
)
def test_no_path_leads_to_secrets(fakekube: Cluster, path: str) -> None:
    grant(fakekube, "jane", PODS_ONLY)
    answer = fakekube.user("jane").get(path)
    assert answer.status in (301, 400, 403, 404, 500), answer.text
    assert "SecretList" not in answer.text
    assert "service-account-token" not in answer.text


ROLES = f"{RBAC}/namespaces/default/roles"
BINDINGS = f"{RBAC}/namespaces/default/rolebindings"
MANAGE = {
    "apiGroups": ["rbac.authorization.k8s.io"],
    "resources": ["*"],
    "verbs": ["get", "list", "create", "update", "patch", "delete"],
}
SECRETS = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
LACKS = (
    'is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not '
    'currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
)


def role(*rules: Any, name: str = "mine", **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}, "rules": list(rules)}


def test_more_by_a_role_of_ones_own(fakekube: Cluster) -> None:
    grant(fakekube, "jane", MANAGE)
    jane = fakekube.user("jane")
    made = jane.request("POST", ROLES, role(SECRETS))
    assert (made.status, made.json()["message"]) == (
        403, f'roles.rbac.authorization.k8s.io "mine" {LACKS}',
    )  # fmt: skip
    assert jane.request("POST", ROLES, role()).status == 201
    edited = jane.request("PUT", f"{ROLES}/mine", role(SECRETS))
    assert edited.json()["message"] == f'roles.rbac.authorization.k8s.io "mine" {LACKS}'


def test_more_by_binding_a_role_of_others(fakekube: Cluster) -> None:
    grant(fakekube, "jane", MANAGE)
    fakekube.admin.request("POST", ROLES, role(SECRETS, name="theirs"))
    group = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "theirs"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "jane"}],
    }
    answer = fakekube.user("jane").request("POST", BINDINGS, binding)
    assert answer.json()["message"] == f'rolebindings.rbac.authorization.k8s.io "b" {LACKS}'


def test_more_through_an_aggregated_role(fakekube: Cluster) -> None:
    grant(fakekube, "jane", MANAGE)
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    answer = fakekube.user("jane").request("POST", f"{RBAC}/clusterroles", role(SECRETS, labels=label))
    assert answer.json()["message"] == f'clusterroles.rbac.authorization.k8s.io "mine" {LACKS}'
    selects = {**role(), "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}
    answer = fakekube.user("jane").request("POST", f"{RBAC}/clusterroles", selects)
    why = "must have cluster-admin privileges to use the aggregationRule"
    assert answer.json()["message"] == f'clusterroles.rbac.authorization.k8s.io "mine" is forbidden: {why}'


def test_a_token_of_an_account_without_the_right(fakekube: Cluster) -> None:
    grant(fakekube, "jane", {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create", "get"]})
    answer = fakekube.user("jane").request("POST", f"{ACCOUNT}/token", {"spec": {}})
    denied = 'User "jane" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"'
    assert (answer.status, answer.json()["message"]) == (403, f'serviceaccounts "default" is forbidden: {denied}')


def test_a_certificate_for_the_masters(fakekube: Cluster) -> None:
    names = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "jane")]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    spec = {
        "request": b64encode(request.public_bytes(Encoding.PEM)).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
    }
    path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
    answer = fakekube.admin.request("POST", path, {"metadata": {"name": "up"}, "spec": spec})
    why = "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"
    what = 'certificatesigningrequests.certificates.k8s.io "up" is forbidden'
    assert (answer.status, answer.json()["message"]) == (403, f"{what}: {why}")
