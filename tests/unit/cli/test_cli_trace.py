"""From a RequestRecord to what a terminal shows."""

from __future__ import annotations

from typing import Any

import click
import pytest

from fakekube.cli.render import record_lines
from fakekube.cli.trace import of_interest
from fakekube.machinery.objects import Object

STRICT = {"policy": "strict", "outcome": "refuses the pod", "reasons": ["root"]}


def record(**parts: Any) -> Object:
    return {
        "metadata": {"name": "00000001", "creationTimestamp": "2030-01-01T10:00:00Z"},
        "request": {"method": "GET", "uri": "/api/v1/pods", "auditID": "abc", "resource": "pods"},
        "user": {"username": "ann", "groups": ["dev"], "authenticator": "x509"},
        "response": {"code": 200},
        "latency": {"authorize": 0.001, "answer": 0.0015},
        **parts,
    }


def shown(**parts: Any) -> list[str]:
    return [click.unstyle(line) for line in record_lines(record(**parts))]


def test_the_first_lines() -> None:
    lines = shown()
    assert lines[0].startswith("200  GET /api/v1/pods  ")
    assert lines[0].endswith("2.5 ms  abc")
    assert lines[1] == "    user: ann (dev), by x509"


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"user": {}}, "    user: nobody that an authenticator knows"),
        (
            {"user": {"rejected": ["invalid bearer token", "Token has expired."]}},
            "    user: nobody that an authenticator knows: invalid bearer token; Token has expired.",
        ),
        (
            {"user": {"username": "bob", "authenticator": "x509", "impersonatedBy": "root"}},
            "    user: bob, impersonated by root, who came by x509",
        ),
        (
            {"authorization": {"decision": "allow", "reason": 'RBAC: allowed by RoleBinding "b/dev" of Role "r"'}},
            '    authorization: allowed by RoleBinding "b/dev" of Role "r"',
        ),
        ({"authorization": {"decision": "allow", "authorizer": "Node"}}, "    authorization: allowed by Node"),
        ({"authorization": {"decision": "no opinion"}}, "    authorization: forbidden: no rule allows it"),
        (
            {"authorization": {"rule": {"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["x"]}}},
            '      rule: get on x in "", apps',
        ),
        (
            {"authorization": {"rule": {"verbs": ["get"], "nonResourceURLs": ["/a", "/b"]}}},
            "      rule: get on /a, /b",
        ),
        ({"authorization": {"closest": ["Role x allows get"]}}, "      close: Role x allows get"),
        (
            {"admission": [{"plugin": "P", "findings": [{"step": "admit", "changed": ["spec.a: 1"]}]}]},
            "      spec.a: 1",
        ),
        (
            {"admission": [{"plugin": "P", "findings": [{"step": "admit", "refused": "no"}]}]},
            "    admission: P refused it: no",
        ),
        (
            {"admission": [{"plugin": "P", "findings": [{"policies": [STRICT]}]}]},
            "      strict: refuses the pod",
        ),
        ({"admission": [{"plugin": "P", "findings": [{"calls": 3}]}]}, "    admission: P: calls 3"),
        ({"response": {"code": 403, "message": "no"}}, "    answer: no"),
    ],
)  # fmt: skip
def test_lines(parts: dict[str, Any], line: str) -> None:
    assert line in shown(**parts)


@pytest.mark.parametrize(
    ("parts", "interesting"),
    [
        ({}, True),
        ({"request": {"uri": "/healthz"}}, False),
        ({"request": {"uri": "/metrics"}, "response": {"code": 403}}, True),
        ({"request": {"apiGroup": "sim.fakekube.dev", "resource": "requestrecords"}}, False),
        ({"request": {"apiGroup": "sim.fakekube.dev", "resource": "admissionconfigurations"}}, True),
        ({"user": {"groups": ["system:nodes"]}}, False),
        ({"user": {}}, True),
        ({"response": {}}, True),
    ],
)
def test_what_a_person_wants_to_see(parts: dict[str, Any], interesting: bool) -> None:
    assert of_interest(record(**parts)) is interesting
