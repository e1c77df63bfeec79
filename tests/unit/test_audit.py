"""Audit: which rule a request falls under, what is wrong with a policy, and what the events say."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.machinery.objects import UserInfo
from fakekube.server.audit import policy
from fakekube.server.audit.formats import as_text
from fakekube.server.audit.logfile import Rotation, open_log
from fakekube.server.audit.policy import Level
from fakekube.server.audit.record import Auditor, source_addresses

ANN = UserInfo("ann", "7", ("dev", "system:authenticated"), {"scopes": ("a",)})
POD = Attributes(ANN, "get", "x", "", "v1", "pods", "", "p")
LOG = Attributes(ANN, "get", "x", "", "v1", "pods", "log", "p")
DEPLOYMENT = Attributes(ANN, "update", "x", "apps", "v1", "deployments", "", "d")
NODE = Attributes(ANN, "list", "", "", "v1", "nodes")
HEALTH = Attributes(ANN, "get", path="/healthz/etcd", is_resource=False)


def rule(**fields: Any) -> dict[str, Any]:
    return {"level": "Request", **fields}


@pytest.mark.parametrize(
    ("fields", "attributes", "matches"),
    [
        ({}, POD, True),
        ({}, HEALTH, True),
        ({"users": ["ann"]}, POD, True),
        ({"users": ["bob"]}, POD, False),
        ({"userGroups": ["ops", "dev"]}, POD, True),
        ({"userGroups": ["ops"]}, POD, False),
        ({"verbs": ["get", "list"]}, POD, True),
        ({"verbs": ["list"]}, POD, False),
        ({"namespaces": ["x"]}, POD, True),
        ({"namespaces": ["y"]}, POD, False),
        ({"namespaces": [""]}, NODE, True),
        ({"namespaces": ["x"]}, HEALTH, False),
        ({"resources": [{"group": ""}]}, POD, True),
        ({"resources": [{"group": "apps"}]}, POD, False),
        ({"resources": [{"resources": ["pods"]}]}, POD, True),
        ({"resources": [{"resources": ["pods"]}]}, LOG, False),
        ({"resources": [{"resources": ["pods/log"]}]}, LOG, True),
        ({"resources": [{"resources": ["pods/*"]}]}, LOG, True),
        ({"resources": [{"resources": ["pods/*"]}]}, POD, True),
        ({"resources": [{"resources": ["*/log"]}]}, LOG, True),
        ({"resources": [{"resources": ["*/log"]}]}, POD, False),
        ({"resources": [{"resources": ["*"]}]}, LOG, True),
        ({"resources": [{"resources": ["pods"], "resourceNames": ["p"]}]}, POD, True),
        ({"resources": [{"resources": ["pods"], "resourceNames": ["q"]}]}, POD, False),
        ({"resources": [{"group": "apps", "resources": ["deployments"]}]}, DEPLOYMENT, True),
        ({"nonResourceURLs": ["/healthz*"]}, HEALTH, True),
        ({"nonResourceURLs": ["/healthz"]}, HEALTH, False),
        ({"nonResourceURLs": ["*"]}, HEALTH, True),
        ({"nonResourceURLs": ["*"]}, POD, False),
    ],
)
def test_rules_match(fields: dict[str, Any], attributes: Attributes, matches: bool) -> None:
    found = policy.read({"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [rule(**fields)]})
    assert found.judge(attributes)[0] is (Level.REQUEST if matches else Level.NONE)


def test_the_first_rule_counts_and_stages_add_up() -> None:
    rules = [{"level": "None", "users": ["bob"]}, {"level": "Metadata", "omitStages": ["Panic"]}, rule()]
    document = {"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "omitStages": ["RequestReceived"], "rules": rules}
    assert policy.read(document).judge(POD) == (Level.METADATA, {"Panic", "RequestReceived"})


def test_unknown_clients_are_in_no_rule_about_users() -> None:
    found = policy.read({"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [rule(users=["ann"])]})
    assert found.judge(POD, anonymous=True)[0] is Level.NONE


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "failed decoding: the document is no Policy"),
        ({"kind": "Policy", "apiVersion": "v1"}, "unknown group version field v1 in policy"),
        ({"rules": []}, "loaded illegal policy with 0 rules"),
        ({"rules": [{}]}, "rules[0].level: Required value"),
        (
            {"rules": [{"level": "All"}]},
            'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", '
            '"RequestResponse"',
        ),
        (
            {"rules": [rule(nonResourceURLs=["x*y"])]},
            "[rules[0].nonResourceURLs[0]: Invalid value: \"x*y\": non-resource URL rules must begin with a '/' "
            "character, rules[0].nonResourceURLs[0]: Invalid value: \"x*y\": non-resource URL wildcards '*' must be "
            "the final character of the rule]",
        ),
        (
            {"rules": [rule(resources=[{"resourceNames": ["n"]}])]},
            'rules[0].resources.resourceNames: Invalid value: []string{"n"}: using resourceNames requires at least '
            "one resource",
        ),
        (
            {"rules": [rule(nonResourceURLs=["*"], namespaces=["x"])]},
            'rules[0].nonResourceURLs: Invalid value: []string{"*"}: rules cannot apply to both regular resources '
            "and non-resource URLs",
        ),
        (
            {"rules": [rule(omitStages=["Never"])]},
            'rules[0].omitStages[0]: Invalid value: "Never": allowed stages are '
            "RequestReceived,ResponseStarted,ResponseComplete,Panic",
        ),
    ],
)
def test_faulty_policies(document: Any, message: str) -> None:
    if isinstance(document, dict):
        document = {"kind": "Policy", "apiVersion": "audit.k8s.io/v1", **document}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        policy.read(document)


class Lines:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def write(self, line: bytes) -> None:
        self.events.append(orjson.loads(line))


def begin(sink: Lines, level: Level, attributes: Attributes = POD, **more: Any) -> Any:
    headers = {"User-Agent": "test/1", "X-Forwarded-For": "10.0.0.1, nonsense"}
    request: Any = SimpleNamespace(path_qs="/api/v1/x?a=b", headers=headers, remote="127.0.0.1")
    auditor = Auditor(policy.Policy((policy.Rule(level),)), sink)
    return auditor.begin(request, attributes, "id-1", 1_600_000_000.25, **more)


STATUS = (
    b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no","reason":"NotFound",'
    b'"code":404}'
)


@pytest.mark.parametrize(
    ("level", "has_request", "has_response"),
    [(Level.METADATA, False, False), (Level.REQUEST, True, False), (Level.REQUEST_RESPONSE, True, True)],
)
def test_levels(level: Level, has_request: bool, has_response: bool) -> None:
    sink = Lines()
    record = begin(sink, level)
    record.received()
    record.judged(Verdict(Decision.ALLOW, "RBAC: allowed"))
    record.requested({"uid": "u"}, b'{"kind":"Pod"}')
    record.answered(STATUS)
    record.complete(404, {"plugin/note": "x", "patch.webhook.admission.k8s.io/round_0_index_0": "{}"})
    first, last = sink.events
    assert (first["stage"], first["stageTimestamp"]) == ("RequestReceived", "2020-09-13T12:26:40.250000Z")
    assert "annotations" not in first
    assert last["stage"] == "ResponseComplete"
    assert last["user"] == {"username": "ann", "uid": "7", "groups": list(ANN.groups), "extra": {"scopes": ["a"]}}
    assert last["objectRef"] == {"resource": "pods", "namespace": "x", "name": "p", "uid": "u", "apiVersion": "v1"}
    assert last["responseStatus"] == {"metadata": {}, "status": "Failure", "reason": "NotFound", "code": 404}
    assert last["sourceIPs"] == ["10.0.0.1", "127.0.0.1"]
    assert ("requestObject" in last, "responseObject" in last) == (has_request, has_response)
    notes = {
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": "RBAC: allowed",
        "plugin/note": "x",
    }
    assert last["annotations"].items() >= notes.items()
    assert len(last["annotations"]) == (4 if has_request else 3)


def test_what_takes_long_says_when_it_begins() -> None:
    sink = Lines()
    record = begin(sink, Level.METADATA, LOG)
    record.received()
    record.started(200)
    assert [event["stage"] for event in sink.events] == ["RequestReceived", "ResponseStarted"]
    record.complete(200, {})
    assert sink.events[2]["stage"] == "ResponseComplete"
    assert sink.events[2]["responseStatus"] == {"metadata": {}, "code": 200}


def test_the_answers_of_watches_are_told_at_their_end() -> None:
    sink = Lines()
    record = begin(sink, Level.METADATA, Attributes(ANN, "watch", "x", "", "v1", "pods"))
    record.received()
    record.started(200)
    assert len(sink.events) == 1
    record.complete(200, {})
    assert [event["stage"] for event in sink.events] == ["RequestReceived", "ResponseStarted", "ResponseComplete"]
    assert {event["responseStatus"]["message"] for event in sink.events[1:]} == {"Connection closed early"}


def test_a_refused_watch_says_so_at_once() -> None:
    sink = Lines()
    record = begin(sink, Level.METADATA, Attributes(ANN, "watch", "x", "", "v1", "pods"))
    record.answered(STATUS)
    record.started(404)
    assert sink.events[0]["responseStatus"] == {"metadata": {}, "status": "Failure", "reason": "NotFound", "code": 404}


def test_refused_clients_leave_one_event() -> None:
    sink = Lines()
    record = begin(sink, Level.METADATA, anonymous=True)
    record.unauthenticated = True
    record.complete(401, {})
    (event,) = sink.events
    assert (event["stage"], event["user"], event["responseStatus"]["code"]) == ("ResponseStarted", {}, 401)


def test_a_client_that_goes_away() -> None:
    sink = Lines()
    begin(sink, Level.METADATA).closed()
    assert sink.events[0]["responseStatus"]["message"] == "Connection closed early"


@pytest.mark.parametrize(
    ("headers", "addresses"),
    [
        ({}, ["127.0.0.1"]),
        ({"X-Forwarded-For": "127.0.0.1"}, ["127.0.0.1"]),
        ({"X-Forwarded-For": "1.1.1.1", "X-Real-Ip": "2.2.2.2"}, ["1.1.1.1", "2.2.2.2", "127.0.0.1"]),
        ({"X-Real-Ip": "nonsense"}, ["127.0.0.1"]),
    ],
)
def test_source_addresses(headers: dict[str, str], addresses: list[str]) -> None:
    assert source_addresses(headers, "127.0.0.1") == addresses


EVENT = {
    "auditID": "1", "stage": "ResponseComplete", "verb": "get", "requestURI": "/api?a=\"b\"",
    "requestReceivedTimestamp": "2021-01-01T00:00:00.000000Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {},
            'id="1" stage="ResponseComplete" ip="<unknown>" method="get" user="<none>" groups="<none>" as="<self>" '
            'asgroups="<lookup>" namespace="<none>" uri="/api?a=\\"b\\"" response="<deferred>"',
        ),
        (
            {
                "sourceIPs": ["1.1.1.1", "2.2.2.2"],
                "user": {"username": "ann", "groups": ["a", "b"]},
                "impersonatedUser": {"username": "bob", "groups": ["c"]},
                "objectRef": {"namespace": "x"},
                "responseStatus": {"code": 200},
            },
            'id="1" stage="ResponseComplete" ip="1.1.1.1" method="get" user="ann" groups="\\"a\\",\\"b\\"" as="bob" '
            'asgroups="\\"c\\"" namespace="x" uri="/api?a=\\"b\\"" response="200"',
        ),
    ],
)
def test_events_as_text(fields: dict[str, Any], line: str) -> None:
    assert as_text({**EVENT, **fields}).decode() == f"2021-01-01T00:00:00Z AUDIT: {line}"


def test_a_full_log_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    log = open_log(str(path), Rotation(megabytes=1, backups=2))
    line = b"x" * (600 * 1024)
    for number in range(5):
        log.write(b"%d" % number + line)
        time.sleep(0.002)  # files are told apart by milliseconds
    assert path.read_bytes()[:1] == b"4"
    assert [old.read_bytes()[:1] for old in sorted(tmp_path.glob("audit-*.log"))] == [b"2", b"3"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_old_logs_go(tmp_path: Path) -> None:
    path, old = tmp_path / "audit.log", tmp_path / "audit-2020-01-01T00-00-00.000.log"
    old.write_text("x")
    os.utime(old, (0, 0))
    log = open_log(str(path), Rotation(megabytes=1, days=1))
    for _ in range(2):
        log.write(b"x" * (600 * 1024))
    assert not old.exists()
    assert len(list(tmp_path.glob("audit-*.log"))) == 1
