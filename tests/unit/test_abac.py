"""The lines of an ABAC policy file: what they mean, whom they are about, and what is wrong with them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from fakekube.authz.abac import ABAC, Policy, policy_of, read_policies
from fakekube.authz.attributes import Attributes
from fakekube.machinery.objects import UserInfo

GROUP = "abac.authorization.kubernetes.io"
JANE = UserInfo("jane", groups=("dev", "system:authenticated"))
STRANGER = UserInfo("system:anonymous", groups=("system:unauthenticated",))


def current(**spec: Any) -> Policy:
    document = {"apiVersion": f"{GROUP}/v1beta1", "kind": "Policy", "spec": spec}
    return policy_of(json.dumps(document).encode())


def old(**fields: Any) -> Policy:
    return policy_of(json.dumps(fields).encode())


@pytest.mark.parametrize(
    ("policy", "meant"),
    [
        (current(user="jane"), Policy("jane")),
        (current(user="*", namespace="x"), Policy(group="system:authenticated", namespace="x")),
        (current(user="jane", group="*"), Policy(group="system:authenticated")),
        (current(readonly=False, apiGroup="*", nonResourcePath="/x"), Policy(api_group="*", path="/x")),
        (old(user="jane"), Policy("jane", namespace="*", resource="*", api_group="*", path="*")),
        (old(), Policy(group="system:authenticated", namespace="*", resource="*", api_group="*", path="*")),
        (old(group="dev", namespace="x"), Policy(group="dev", namespace="x", resource="*", api_group="*")),
        (
            old(user="jane", resource="pods", readonly=True),
            Policy("jane", readonly=True, namespace="*", resource="pods", api_group="*"),
        ),
        (
            old(user="*", group="dev", resource="pods"),
            Policy(group="system:authenticated", namespace="*", resource="pods", api_group="*"),
        ),
        (old(apiVersion="abac.authorization.kubernetes.io/v1beta1", user="jane"), old(user="jane")),
    ],
)
def test_what_a_line_means(policy: Policy, meant: Policy) -> None:
    assert policy == meant


def action(verb: str = "get", namespace: str = "x", resource: str = "pods", group: str = "") -> Attributes:
    return Attributes(JANE, verb, namespace, group, "v1", resource)


def path(path: str, verb: str = "get") -> Attributes:
    return Attributes(JANE, verb, path=path, is_resource=False)


@pytest.mark.parametrize(
    ("policy", "asked", "allowed"),
    [
        (Policy("jane", namespace="x", resource="pods"), action(), True),
        (Policy("jane", namespace="x", resource="pods"), action("delete"), True),
        (Policy("jane", namespace="x", resource="pods", readonly=True), action("watch"), True),
        (Policy("jane", namespace="x", resource="pods", readonly=True), action("delete"), False),
        (Policy("jane", namespace="x", resource="pods"), action(namespace="y"), False),
        (Policy("jane", namespace="x", resource="pods"), action(resource="secrets"), False),
        (Policy("jane", namespace="x", resource="pods"), action(group="apps"), False),
        (Policy("jane", namespace="*", resource="*", api_group="*"), action(namespace="", group="apps"), True),
        (Policy("jane", namespace="*", resource="*", api_group="*"), path("/version"), False),
        (Policy("jane", path="*"), path("/version", "post"), True),
        (Policy("jane", path="/api*"), path("/apis/apps"), True),
        (Policy("jane", path="/api"), path("/apis"), False),
        (Policy("jane", path="/api", readonly=True), path("/api", "post"), False),
        (Policy("jane", path="*"), action(), False),
        (Policy("joe", group="dev", path="*"), path("/"), False),
        (Policy("jane", group="ops", path="*"), path("/"), False),
        (Policy(group="dev", path="*"), path("/"), True),
        (Policy(path="*"), path("/"), False),
    ],
)
def test_what_a_line_allows(policy: Policy, asked: Attributes, allowed: bool) -> None:
    verdict = asyncio.run(ABAC([Policy("nobody"), policy]).decide(asked))
    assert (verdict.allowed, verdict.reason) == (allowed, "" if allowed else "No policy matched.")


def test_everybody_does_not_mean_strangers() -> None:
    asked = Attributes(STRANGER, "get", path="/version", is_resource=False)
    assert not old(user="*").allows(asked)
    assert current(group="system:unauthenticated", nonResourcePath="*").allows(asked)


def test_rules_can_be_listed() -> None:
    policies = [current(user="jane", namespace="x", resource="pods", readonly=True), old(group="dev"), old(user="joe")]
    assert ABAC(policies).rules_for(JANE, "x").rules == [
        {"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]},
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["*"], "nonResourceURLs": ["*"]},
    ]
    assert len(ABAC(policies).rules_for(JANE, "y").rules) == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            '{"apiVersion":"foo/v1","kind":"Policy"}',
            'no kind "Policy" is registered for version "foo/v1" in scheme '
            '"k8s.io/kubernetes/pkg/apis/abac/register.go:33"',
        ),
        (
            '{"user":1}',
            'v0.Policy.User: ReadString: expects " or n, but found 1, error found in #9 byte of ...|{"user":1}|..., '
            'bigger context ...|{"user":1}|...',
        ),
        (
            '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":true}}',
            'v1beta1.Policy.Spec: v1beta1.PolicySpec.User: ReadString: expects " or n, but found t, error found in #10 '
            'byte of ...|:{"user":true}}|..., bigger context ...|netes.io/v1beta1","kind":"Policy",'
            '"spec":{"user":true}}|...',
        ),
        (
            "xx",
            "couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type "
            'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
        ),
        ('{"user":"a"', "couldn't get version/kind; json parse error: unexpected end of JSON input"),
    ],
)
def test_a_line_that_makes_no_sense(tmp_path: Path, line: str, why: str) -> None:
    file = tmp_path / "policy"
    file.write_text(f"# one\n\n{line}\n")
    with pytest.raises(ValueError) as caught:
        read_policies(file)
    assert str(caught.value) == f"error reading policy file {file}, line 3: {line}: {why}"
