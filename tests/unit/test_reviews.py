"""Reviews and token requests: the whole answer, and every fault."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from readers import ObjectsReader
from test_authentication import FixedClock
from test_service_account_tokens import claims_of

from fakekube.apis.core import pods, secrets, serviceaccounts
from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings
from fakekube.authn.bearer import Bearer, ForApiOnly
from fakekube.authn.chain import Chain
from fakekube.authn.tokenfile import TokenFile
from fakekube.authn.tokens import TokenIssuer
from fakekube.authz import chain as authz
from fakekube.endpoints import tokenrequests
from fakekube.endpoints.reviews import (
    local_subject_access_review,
    self_subject_access_review,
    self_subject_rules_review,
    subject_access_review,
    token_review,
)
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.options import Options
from fakekube.pki import SigningKey

API = ("https://api",)
POD = {"namespace": "x", "verb": "get", "resource": "pods"}
URL = {"path": "/x", "verb": "get"}
META: Object = {"creationTimestamp": None}


def answer(awaitable: Any) -> Any:
    """What came back, or "code message" of the error."""
    try:
        return asyncio.run(awaitable)
    except StatusError as error:
        return f"{error.code} {error.message}"


def authenticator() -> Chain:
    users = {"good": UserInfo("ann", "7", ("dev",), {"scopes": ("a",)})}
    return Chain([Bearer([ForApiOnly(TokenFile(users), API)], API)], API)


ANN = {"username": "ann", "uid": "7", "groups": ["dev", "system:authenticated"], "extra": {"scopes": ["a"]}}
NOBODY = {"username": "system:anonymous", "groups": ["system:unauthenticated"]}


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        ({"token": "good"}, {"authenticated": True, "user": ANN, "audiences": [*API]}),
        ({"token": "good", "audiences": ["y", *API]}, {"authenticated": True, "user": ANN, "audiences": [*API]}),
        ({"token": "good", "audiences": ["y"]}, {"user": {}, "error": "invalid bearer token"}),
        ({"token": "bad"}, {"user": {}, "error": "invalid bearer token"}),
        ({"token": " good"}, {"authenticated": True, "user": NOBODY, "audiences": [*API]}),
    ],
)
def test_token_review(spec: Object, status: Object) -> None:
    review = {"metadata": META, "spec": spec}
    assert answer(token_review(review, authenticator())) == {**review, "status": status}


@pytest.mark.parametrize("review", [{}, {"spec": {}}, {"spec": {"token": ""}}])
def test_token_review_needs_a_token(review: Object) -> None:
    assert answer(token_review(review, authenticator())) == "400 token is required for TokenReview in authentication"


def test_a_sent_status_counts_for_little() -> None:
    forged = {"authenticated": True, "error": "forged", "user": {"username": "root"}}
    review = {"metadata": META, "spec": {"token": "good"}, "status": forged}
    assert answer(token_review(review, authenticator()))["status"] == {
        "authenticated": True,
        "user": ANN,
        "audiences": [*API],
        "error": "forged",
    }
    refused = answer(token_review({**review, "spec": {"token": "bad"}}, authenticator()))["status"]
    assert "authenticated" not in refused


@pytest.fixture
def authorizer() -> authz.Chain:
    reader = ObjectsReader()
    rules = [
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["p"]},
        {"verbs": ["get"], "nonResourceURLs": ["/x"]},
    ]
    reader.put(clusterroles.RESOURCE, {"metadata": {"name": "r"}, "rules": rules})
    ref = {"kind": "ClusterRole", "name": "r"}
    subjects = [{"kind": "User", "name": "ann"}, {"kind": "Group", "name": "team"}]
    reader.put(clusterrolebindings.RESOURCE, {"metadata": {"name": "b"}, "roleRef": ref, "subjects": subjects})
    lost = {"kind": "Role", "name": "lost"}
    bound = {"metadata": {"name": "l", "namespace": "y"}, "roleRef": lost, "subjects": subjects}
    reader.put(rolebindings.RESOURCE, bound)
    return authz.build(Options(), reader, reader)  # type: ignore[arg-type]


WHY = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to'
LOST = 'role.rbac.authorization.k8s.io "lost" not found'


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        (
            {"user": "ann", "resourceAttributes": {**POD, "name": "p"}},
            {"allowed": True, "reason": f'{WHY} User "ann"'},
        ),
        ({"groups": ["team"], "nonResourceAttributes": URL}, {"allowed": True, "reason": f'{WHY} Group "team"'}),
        ({"user": "ann", "resourceAttributes": POD}, {"allowed": False}),
        ({"user": "ann", "resourceAttributes": {}}, {"allowed": False}),
        ({"user": "x", "groups": ["system:masters"], "resourceAttributes": POD}, {"allowed": True}),
        (
            {"user": "ann", "resourceAttributes": {**POD, "namespace": "y"}},
            {"allowed": False, "reason": f"RBAC: {LOST}"},
        ),
        (
            {"user": "system:node:n", "groups": ["system:nodes"], "resourceAttributes": {**POD, "resource": "secrets"}},
            {"allowed": False, "reason": "No Object name found"},
        ),
    ],
)
def test_subject_access_review(authorizer: authz.Chain, spec: Object, status: Object) -> None:
    review = {"metadata": META, "spec": spec, "status": {"allowed": True, "reason": "forged"}}
    assert answer(subject_access_review(review, authorizer)) == {**review, "status": status}


EITHER = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
NO_ATTRIBUTES = f'spec.resourceAttributes: Invalid value: "null": {EITHER}'
NO_USER = 'spec.user: Invalid value: "": at least one of user or group must be specified'
BEGIN = '422 .authorization.k8s.io "" is invalid: '


@pytest.mark.parametrize(
    ("review", "message"),
    [
        ({"metadata": META}, f"[{NO_ATTRIBUTES}, {NO_USER}]"),
        ({"metadata": META, "spec": {"user": "u"}}, NO_ATTRIBUTES),
        ({"metadata": META, "spec": {"resourceAttributes": POD}}, NO_USER),
    ],
)
def test_faulty_subject_access_reviews(authorizer: authz.Chain, review: Object, message: str) -> None:
    assert answer(subject_access_review(review, authorizer)) == BEGIN + message


@pytest.mark.parametrize(
    ("metadata", "field"),
    [({"name": "n"}, "metadata"), ({"labels": {"a": "b"}, "managedFields": []}, "metadata"), ({"labels": {}}, None)],
)
def test_metadata_must_be_empty(authorizer: authz.Chain, metadata: Object, field: str | None) -> None:
    review = {"metadata": metadata, "spec": {"user": "u", "resourceAttributes": POD}}
    for call in (
        subject_access_review(review, authorizer),
        self_subject_access_review(review, UserInfo("u"), authorizer),
    ):
        found = answer(call)
        assert found.startswith(f"{BEGIN}{field}: Invalid value") if field else not found["status"]["allowed"]


def test_self_subject_access_review(authorizer: authz.Chain) -> None:
    review = {"metadata": META, "spec": {"nonResourceAttributes": URL}}
    found = answer(self_subject_access_review(review, UserInfo("ann"), authorizer))
    assert found == {**review, "status": {"allowed": True, "reason": f'{WHY} User "ann"'}}
    assert answer(self_subject_access_review({"metadata": META}, UserInfo("ann"), authorizer)) == BEGIN + NO_ATTRIBUTES


@pytest.mark.parametrize(
    ("metadata", "spec", "expected"),
    [
        ({"namespace": "x"}, {"user": "ann", "resourceAttributes": {**POD, "name": "p"}}, None),
        (
            {},
            {"user": "ann", "resourceAttributes": POD},
            'spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace',
        ),
        (
            {"namespace": "x", "name": "n"},
            {"user": "ann", "resourceAttributes": POD},
            "must be empty except for namespace",
        ),
        (
            {"namespace": "x"},
            {"user": "ann", "nonResourceAttributes": URL},
            "disallowed on this kind of request",
        ),
        (
            {},
            {"user": "ann", "resourceAttributes": {"verb": "get", "resource": "pods"}},
            "400 spec.resourceAttributes.namespace must match namespace: x",
        ),
        (
            {"namespace": "y"},
            {"user": "ann", "resourceAttributes": {**POD, "namespace": "y"}},
            "400 spec.resourceAttributes.namespace must match namespace: x",
        ),
    ],
)
def test_local_subject_access_review(
    authorizer: authz.Chain, metadata: Object, spec: Object, expected: str | None
) -> None:
    found = answer(local_subject_access_review({"metadata": metadata, "spec": spec}, "x", authorizer))
    if expected is None:
        assert found["status"]["allowed"]
    else:
        assert found.endswith(expected)


def test_rules_of_a_user(authorizer: authz.Chain) -> None:
    review = {"metadata": {"name": "n"}, "spec": {"namespace": "y"}}
    assert self_subject_rules_review(review, UserInfo("ann"), authorizer) == {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {"creationTimestamp": None},
        "spec": {},
        "status": {
            "resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["p"]}],
            "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}],
            "incomplete": False,
            "evaluationError": LOST,
        },
    }


def test_rules_of_a_node_are_incomplete(authorizer: authz.Chain) -> None:
    node = UserInfo("system:node:n", groups=("system:nodes",))
    status = self_subject_rules_review({"spec": {"namespace": "x"}}, node, authorizer)["status"]
    assert status["incomplete"]
    assert status["evaluationError"] == "node authorizer does not support user rule resolution"


def test_rules_need_a_namespace(authorizer: authz.Chain) -> None:
    with pytest.raises(StatusError, match="no namespace on request"):
        self_subject_rules_review({"spec": {}}, UserInfo("ann"), authorizer)


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    key: Future[SigningKey] = Future()
    key.set_result(SigningKey(rsa.generate_private_key(65537, 2048)))
    return TokenIssuer(key, "https://issuer")


class Stores:
    """The part of a registry that token requests read."""

    def __init__(self, reader: ObjectsReader) -> None:
        self.clock = FixedClock()
        self._reader = reader

    async def admit(self, operation: str, scope: Any, obj: Object) -> Object:
        return obj

    async def judge(self, attributes: Object) -> None:
        """Everything is admitted."""

    def store(self, resource: Any) -> Any:
        def get(key: Key) -> Any:
            found = self._reader.get(resource, key)
            return found and SimpleNamespace(object=found)

        return SimpleNamespace(collection=SimpleNamespace(get=get))


def request_token(issuer: TokenIssuer, spec: Object | None, name: str = "bot") -> Any:
    reader = ObjectsReader()
    metadata = {"namespace": "x", "uid": "1"}
    reader.put(serviceaccounts.RESOURCE, {"metadata": {**metadata, "name": "bot"}})
    reader.put(secrets.RESOURCE, {"kind": "Secret", "metadata": {**metadata, "name": "s"}})
    for pod, account in (("p", "bot"), ("q", "other")):
        spec_of_pod = {"serviceAccountName": account}
        reader.put(pods.RESOURCE, {"kind": "Pod", "metadata": {**metadata, "name": pod}, "spec": spec_of_pod})
    services: Any = SimpleNamespace(registry=Stores(reader), authenticator=authenticator(), tokens=issuer)
    scope: Any = SimpleNamespace(namespace="x", name=name)
    request: Object = {"metadata": META} if spec is None else {"metadata": META, "spec": spec}
    return answer(tokenrequests.create(scope, request, services))


def bound(kind: str, name: str, version: str = "v1", **more: str) -> Object:
    return {"boundObjectRef": {"kind": kind, "apiVersion": version, "name": name, **more}}


@pytest.mark.parametrize(
    ("spec", "audiences", "seconds", "lifetime"),
    [
        (None, [*API], 3600, 3600),
        ({"audiences": []}, [*API], 3600, 3600),
        ({"audiences": ["a", "b"], "expirationSeconds": 600}, ["a", "b"], 600, 600),
        ({"expirationSeconds": 1 << 32}, [*API], 1 << 32, 1 << 32),
        (bound("Secret", "s", uid="1"), [*API], 3600, 3600),
        ({**bound("Secret", "s"), "expirationSeconds": 3607}, [*API], 3607, 3607),
        ({**bound("Pod", "p"), "expirationSeconds": 3607}, [*API], 3607, 365 * 24 * 3600),
    ],
)
def test_token_request(
    issuer: TokenIssuer, spec: Object | None, audiences: list[str], seconds: int, lifetime: int
) -> None:
    found = request_token(issuer, spec)
    reference = (spec or {}).get("boundObjectRef")
    assert found["spec"] == {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": reference}
    claims = claims_of(found["status"]["token"])
    assert (claims["aud"], claims["exp"] - claims["iat"], claims["iss"]) == (audiences, lifetime, "https://issuer")
    assert claims["kubernetes.io"].get("warnafter") == (1.7e9 + seconds if lifetime != seconds else None)
    assert reference is None or reference["kind"].lower() in claims["kubernetes.io"]


UID = "does not match the UID in record. The object might have been deleted and then recreated"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"expirationSeconds": 599}, "Invalid value: 599: may not specify a duration less than 10 minutes"),
        ({"expirationSeconds": 0}, "Invalid value: 0: may not specify a duration less than 10 minutes"),
        ({"expirationSeconds": (1 << 32) + 1}, "may not specify a duration larger than 2^32 seconds"),
        (bound("Pod", "nosuch"), '404 pods "nosuch" not found'),
        (bound("Secret", "nosuch"), '404 secrets "nosuch" not found'),
        (
            bound("Pod", "q"),
            '400 cannot bind token for serviceaccount "bot" to pod running with different serviceaccount name.',
        ),
        (
            bound("Pod", "p", uid="9"),
            f'409 Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (9) {UID}',
        ),
        (bound("Pod", ""), "400 Name parameter required."),
        (bound("ConfigMap", "c"), "400 cannot bind token to object of type /v1, Kind=ConfigMap"),
        (bound("Deployment", "d", "apps/v1"), "400 cannot bind token to object of type apps/v1, Kind=Deployment"),
        ({"boundObjectRef": {}}, "400 cannot bind token to object of type /, Kind="),
    ],
)
def test_faulty_token_requests(issuer: TokenIssuer, spec: Object, message: str) -> None:
    assert request_token(issuer, spec).endswith(message)


def test_tokens_are_for_accounts_that_exist(issuer: TokenIssuer) -> None:
    assert request_token(issuer, None, "nosuch") == '404 serviceaccounts "nosuch" not found'
