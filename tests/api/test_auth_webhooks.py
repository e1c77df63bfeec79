"""Backends that decide about tokens and about requests, and ABAC's file: the chain that --authorization-mode says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakekube.runtime import webhooks
from fakekube.testing.cluster import User
from tests.api.backends import Answer, Backend

if TYPE_CHECKING:
    from fakekube.testing import Cluster

PODS = "/api/v1/namespaces/default/pods"
SARS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class Judge:
    """A backend whose answer to every review is `status`; `broken` is an answer that is no review."""

    def __init__(self) -> None:
        self.status: dict[str, Any] = {}
        self.broken: Answer | None = None
        self.backend = Backend(self._play)

    def _play(self, _: str, __: Any, review: Any) -> Answer:
        if self.broken is not None:
            return self.broken
        return 200, {**review, "status": self.status}

    @property
    def reviews(self) -> list[Any]:
        return [review for _, review in self.backend.asked]


@pytest.fixture
def judge() -> Iterator[Judge]:
    made = Judge()
    yield made
    made.backend.close()


def tokens(judge: Judge, folder: Path, **more: Any) -> dict[str, Any]:
    return {"authentication_token_webhook_config_file": judge.backend.kubeconfig(folder, "/whose"), **more}


def modes(judge: Judge, folder: Path, *names: str, **more: Any) -> dict[str, Any]:
    config = judge.backend.kubeconfig(folder, "/may", token="mine")
    return {"authorization_mode": list(names), "authorization_webhook_config_file": config, **more}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_token_that_the_backend_knows(fakekube: Cluster, judge: Judge, tmp_path: Path, version: str) -> None:
    judge.status = {
        "authenticated": True,
        "user": {"username": "jane", "uid": "7", "groups": ["dev"], "extra": {"scopes": ["a"]}},
    }
    fakekube.reset(**tokens(judge, tmp_path, authentication_token_webhook_version=version))
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "abc"}}
    status = fakekube.admin.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review).json()["status"]
    audiences = ["https://kubernetes.default.svc.cluster.local"]
    groups = ["dev", "system:authenticated"]
    user = {"username": "jane", "uid": "7", "groups": groups, "extra": {"scopes": ["a"]}}
    assert status == {"authenticated": True, "user": user, "audiences": audiences}
    assert judge.reviews == [
        {
            "kind": "TokenReview",
            "apiVersion": f"authentication.k8s.io/{version}",
            "metadata": {"creationTimestamp": None},
            "spec": {"token": "abc", "audiences": audiences},
            "status": {"user": {}},
        }
    ]
    assert judge.backend.asked[0][0] == "/whose?timeout=30s"


@pytest.mark.parametrize(
    ("status", "asked", "found"),
    [
        ({"authenticated": True, "user": {"username": "j"}, "audiences": ["x", "z"]}, ["x", "y"], ["x"]),
        ({"authenticated": True, "user": {"username": "j"}, "audiences": ["z"]}, ["x"], None),
        ({"authenticated": True, "user": {"username": "j"}}, ["x"], None),
        ({"authenticated": False, "audiences": ["x"]}, ["x"], None),
        ({}, ["x"], None),
    ],
)
def test_audiences(
    fakekube: Cluster, judge: Judge, tmp_path: Path, status: dict[str, Any], asked: list[str], found: Any
) -> None:
    judge.status = status
    fakekube.reset(**tokens(judge, tmp_path))
    spec = {"token": "abc", "audiences": asked}
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
    answer = fakekube.admin.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review).json()["status"]
    assert (answer.get("authenticated", False), answer.get("audiences")) == (found is not None, found)
    assert answer.get("error", "invalid bearer token") == "invalid bearer token"


def test_what_the_backend_says_is_remembered(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    judge.status = {"authenticated": True, "user": {"username": "jane"}}
    fakekube.reset(**tokens(judge, tmp_path))
    jane, joe = (User(fakekube.url, fakekube.ca, token=token) for token in ("jane", "joe"))
    assert [jane.get("/version").status, jane.get("/version").status] == [200, 200]
    judge.status = {"authenticated": False}
    assert [joe.get("/version").status, joe.get("/version").status, jane.get("/version").status] == [401, 401, 200]
    assert [review["spec"]["token"] for review in judge.reviews] == ["jane", "joe"]
    fakekube.clock.advance(minutes=2)
    assert jane.get("/version").status == 401


@pytest.mark.parametrize(
    ("status", "broken", "error"),
    [
        ({"error": "it is Sunday"}, None, "it is Sunday"),
        ({}, (403, "go away"), "go away"),
        ({}, (200, "{"), "couldn't get version/kind; json parse error"),
        (
            {},
            (200, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}),
            "converting (v1.TokenReview) to (v1beta1.TokenReview): unknown conversion",
        ),
        ({}, (200, {"kind": "Pod"}), 'no kind "Pod" is registered for version "authentication.k8s.io/v1beta1"'),
        ({}, (200, {"status": 1}), "json: cannot unmarshal into Go struct field TokenReview.status"),
    ],
)
def test_a_backend_that_finds_fault_or_makes_no_sense(
    fakekube: Cluster, judge: Judge, tmp_path: Path, caplog: Any, status: Any, broken: Any, error: str
) -> None:
    judge.status, judge.broken = status, broken
    fakekube.reset(**tokens(judge, tmp_path))
    someone = User(fakekube.url, fakekube.ca, token="abc")
    assert (someone.get("/version").status, someone.get("/version").status) == (401, 401)
    assert len(judge.reviews) == 2, "errors are not remembered"
    texts = [record.getMessage() for record in caplog.records]
    refusal = "Unable to authenticate the request due to an error: [invalid bearer token, "
    assert any(text.startswith(refusal) and error in text for text in texts), texts


def test_a_backend_that_is_not_there(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    fakekube.reset(**tokens(judge, tmp_path))
    judge.backend.close()
    assert User(fakekube.url, fakekube.ca, token="abc").get("/version").status == 401
    assert fakekube.service_account("default", "default").get("/version").status == 200


@pytest.mark.parametrize(("code", "times"), [(500, 5), (503, 1), (429, 5)])
def test_an_overloaded_backend_is_asked_again(
    fakekube: Cluster, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, times: int
) -> None:
    monkeypatch.setattr(webhooks, "FACTOR", 0.0)
    judge.broken = code, "busy"
    fakekube.reset(**tokens(judge, tmp_path))
    assert User(fakekube.url, fakekube.ca, token="abc").get("/version").status == 401
    assert len(judge.reviews) == times


@pytest.mark.parametrize(("version", "groups"), [("v1", "groups"), ("v1beta1", "group")])
def test_what_the_authorizer_is_asked(
    fakekube: Cluster, judge: Judge, tmp_path: Path, version: str, groups: str
) -> None:
    judge.status = {"allowed": True, "reason": "why not"}
    fakekube.reset(**modes(judge, tmp_path, "Webhook", authorization_webhook_version=version))
    jane = fakekube.user("jane", ["dev"])
    assert jane.get(f"{PODS}/x/log").status == 404
    assert jane.get("/healthz/x").status == 404
    everybody = {"user": "jane", groups: ["dev", "system:authenticated"]}
    about = {"namespace": "default", "verb": "get", "version": "v1", "resource": "pods", "subresource": "log"}
    assert [(review["apiVersion"], review["spec"]) for review in judge.reviews] == [
        (f"authorization.k8s.io/{version}", {"resourceAttributes": {**about, "name": "x"}, **everybody}),
        (
            f"authorization.k8s.io/{version}",
            {"nonResourceAttributes": {"path": "/healthz/x", "verb": "get"}, **everybody},
        ),
    ]
    assert judge.backend.headers[0]["Authorization"] == "Bearer mine"
    verdict = fakekube.requests[-1].verdict
    assert verdict is not None
    assert (verdict.authorizer, verdict.reason) == ("Webhook", "why not")


@pytest.mark.parametrize(
    ("status", "order", "code", "reason"),
    [
        ({"allowed": True}, ("Webhook", "RBAC"), 200, None),
        ({"allowed": False, "reason": "not on Sundays"}, ("Webhook", "RBAC"), 403, "not on Sundays"),
        ({"allowed": False, "denied": True, "reason": "never"}, ("Webhook", "AlwaysAllow"), 403, "never"),
        ({"allowed": False, "reason": "no"}, ("Webhook", "AlwaysAllow"), 200, None),
        ({"allowed": False, "denied": True}, ("AlwaysAllow", "Webhook"), 200, None),
        (
            {"allowed": False, "reason": "no"},
            ("AlwaysDeny", "Webhook"),
            403,
            "Everything is forbidden by the administrator.\nno",
        ),
    ],
)
def test_the_modes_are_a_chain(
    fakekube: Cluster, judge: Judge, tmp_path: Path, status: Any, order: tuple[str, ...], code: int, reason: str | None
) -> None:
    judge.status = status
    fakekube.reset(**modes(judge, tmp_path, *order))
    answer = fakekube.user("jane").get(PODS)
    assert answer.status == code
    if reason is not None:
        assert answer.json()["message"].endswith(f'in the namespace "default": {reason}')


def test_answers_are_remembered(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    judge.status = {"allowed": True}
    fakekube.reset(**modes(judge, tmp_path, "Webhook"))
    jane, joe = fakekube.user("jane"), fakekube.user("joe")
    assert jane.get(PODS).status == 200
    judge.status = {"allowed": False}
    assert [jane.get(PODS).status, joe.get(PODS).status] == [200, 403]
    judge.status = {"allowed": True}
    fakekube.clock.advance(seconds=31)
    assert joe.get(PODS).status == 200
    judge.status = {"allowed": False}
    fakekube.clock.advance(minutes=5)
    assert jane.get(PODS).status == 403


def test_requests_too_long_to_be_remembered(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    judge.status = {"allowed": True}
    fakekube.reset(**modes(judge, tmp_path, "Webhook"))
    spec = {"user": "jane", "nonResourceAttributes": {"verb": "get", "path": "/" + "x" * 10_000}}
    for _ in range(2):
        fakekube.admin.request("POST", SARS, {"spec": spec})
    assert len(judge.reviews) == 2


def test_an_authorizer_that_is_not_there(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    fakekube.reset(**modes(judge, tmp_path, "Webhook", "RBAC"))
    judge.backend.close()
    host = judge.backend.url.removeprefix("https://")
    why = f'Post "{judge.backend.url}/may?timeout=30s": dial tcp {host}: connect: connection refused'
    answer = fakekube.user("jane").get(PODS)
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert answer.text == f'Internal Server Error: "{PODS}": {why}\n'
    assert fakekube.user("jane").get("/version").status == 200, "a later mode may still allow it"
    spec = {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods"}}
    review = fakekube.admin.request("POST", SARS, {"spec": spec}).json()
    assert review["status"] == {"allowed": False, "evaluationError": why}
    assert fakekube.admin.get(PODS).status == 200, "the privileged group is not asked about"


def test_a_contradiction(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    judge.status = {"allowed": True, "denied": True, "reason": "both"}
    fakekube.reset(**modes(judge, tmp_path, "Webhook"))
    why = "webhook subject access review returned both allow and deny response"
    assert fakekube.user("jane").get(PODS).text == f'Internal Server Error: "{PODS}": {why}\n'
    spec = {"user": "jane", "resourceAttributes": {"verb": "get", "resource": "pods"}}
    status = fakekube.admin.request("POST", SARS, {"spec": spec}).json()["status"]
    assert status == {"allowed": False, "denied": True, "reason": "both", "evaluationError": why}


def test_rules_of_a_backend_are_unknown(fakekube: Cluster, judge: Judge, tmp_path: Path) -> None:
    judge.status = {"allowed": True}
    fakekube.reset(**modes(judge, tmp_path, "Webhook"))
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = fakekube.user("jane").request("POST", path, {"spec": {"namespace": "default"}}).json()["status"]
    assert status == {
        "resourceRules": [],
        "nonResourceRules": [],
        "incomplete": True,
        "evaluationError": "webhook authorizer does not support user rule resolution",
    }


def test_everything_for_everybody_who_has_a_name(fakekube: Cluster) -> None:
    fakekube.reset(authorization_mode=["AlwaysAllow"])
    assert fakekube.user("jane").get(PODS).status == 200
    assert fakekube.anonymous.get("/version").status == 401


V1BETA1 = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def test_abac(fakekube: Cluster, tmp_path: Path) -> None:
    lines = [
        {**V1BETA1, "spec": {"user": "jane", "namespace": "default", "resource": "pods", "readonly": True}},
        {**V1BETA1, "spec": {"group": "dev", "nonResourcePath": "/healthz*"}},
    ]
    policy = tmp_path / "policy.jsonl"
    policy.write_text("# who may do what\n\n" + "\n".join(json.dumps(line) for line in lines))
    fakekube.reset(authorization_mode=["ABAC"], authorization_policy_file=policy)
    jane, joe = fakekube.user("jane"), fakekube.user("joe", ["dev"])
    assert jane.get(PODS).status == 200
    refused = jane.request("DELETE", f"{PODS}/x")
    denied = 'User "jane" cannot delete resource "pods" in API group "" in the namespace "default": No policy matched.'
    assert (refused.status, refused.json()["message"]) == (403, f'pods "x" is forbidden: {denied}')
    assert (joe.get("/healthz/ping").status, joe.get("/version").status, jane.get("/healthz").status) == (200, 403, 403)
    assert fakekube.requests[-3].verdict.authorizer == "ABAC"  # type: ignore[union-attr]


MODE_FAULTS = [
    ({"authorization_mode": []}, "at least one authorization-mode must be passed"),
    (
        {"authorization_mode": ["RBAC", "RBAC", "Foo"]},
        '[authorization-mode "Foo" is not a valid mode, authorization-mode ["RBAC" "RBAC" "Foo"] has mode specified '
        "more than once]",
    ),
    (
        {"authorization_mode": ["ABAC", "Webhook"]},
        "[authorization-mode ABAC's authorization policy file not passed, authorization-mode Webhook's authorization "
        "config file not passed]",
    ),
    (
        {"authorization_policy_file": Path("x"), "authorization_webhook_config_file": Path("y")},
        "[cannot specify --authorization-policy-file without mode ABAC, cannot specify "
        "--authorization-webhook-config-file without mode Webhook]",
    ),
    (
        {"authorization_mode": ["Webhook"], "authorization_webhook_config_file": Path("/nope")},
        "invalid authorization config: stat /nope: no such file or directory",
    ),
    (
        {"authentication_token_webhook_config_file": Path("x"), "authentication_token_webhook_version": "v2"},
        'unsupported authentication webhook version "v2", supported versions are "v1", "v1beta1"',
    ),
    (
        {
            "authorization_mode": ["Webhook"],
            "authorization_webhook_config_file": Path("x"),
            "authorization_webhook_version": "v2",
        },
        'invalid authorization config: unsupported webhook authorizer version "v2", supported versions are "v1", '
        '"v1beta1"',
    ),
]


@pytest.mark.parametrize(("flags", "why"), MODE_FAULTS)
def test_flags_that_make_no_sense(fakekube: Cluster, flags: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:
        fakekube.reset(**flags)
    assert str(caught.value) == why


def test_a_kubeconfig_without_anything(fakekube: Cluster, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("{}")
    with pytest.raises(ValueError) as caught:
        fakekube.reset(authorization_mode=["Webhook"], authorization_webhook_config_file=tmp_path / "empty")
    assert str(caught.value) == (
        "invalid authorization config: invalid configuration: no configuration has been provided, "
        "try setting KUBERNETES_MASTER environment variable"
    )


@pytest.mark.parametrize(
    ("path", "spec", "shown"),
    [
        ("/apis/authentication.k8s.io/v1/tokenreviews", {"token": "x", "audiences": []}, {"token": "x"}),
        (
            SARS,
            {"user": "j", "groups": [], "extra": {}, "nonResourceAttributes": {"verb": "get"}},
            {"user": "j", "nonResourceAttributes": {"verb": "get"}},
        ),
    ],
)
def test_a_review_shows_no_empty_lists(fakekube: Cluster, path: str, spec: Any, shown: Any) -> None:
    assert fakekube.admin.request("POST", path, {"spec": spec}).json()["spec"] == shown
