"""`fakekube psp explain`: from a manifest and a cluster's answers to what is printed."""

from __future__ import annotations

import json
from typing import Any, cast

import click
import pytest
from click.testing import CliRunner

from fakekube.cli import psp
from fakekube.cli.connection import NOBODY, Connection, Impersonation
from fakekube.machinery.objects import Object

ANY = {"rule": "RunAsAny"}
RULES = {rule: ANY for rule in ("runAsUser", "seLinux", "fsGroup", "supplementalGroups")}  # noqa: C420  four of them


def policy(name: str, **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": {**RULES, "volumes": ["*"], **spec}}


POLICIES = [policy("strict", runAsUser={"rule": "MustRunAsNonRoot"}), policy("open", privileged=True)]
POD = """
kind: Pod
apiVersion: v1
metadata: {name: web, namespace: dev}
spec: {containers: [{name: c, image: i, securityContext: {privileged: true}}]}
"""
DEPLOYMENT = """
kind: ConfigMap
---
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {a: b}}
    spec: {serviceAccountName: robot, containers: [{name: c, image: i}]}
"""
CRONJOB = """
kind: CronJob
metadata: {name: web}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i}]}}}}}
"""


class Cluster:
    """A cluster's answers: who may use what, and what a dry run says."""

    namespace = "home"

    def __init__(
        self, grants: set[tuple[str, str, str]], dry_run: tuple[int, Object] = (403, {"message": "no"})
    ) -> None:
        self._grants = grants
        self._dry_run = dry_run
        self.asked: list[str] = []

    def request(self, method: str, path: str, body: Object | None = None, who: Impersonation = NOBODY) -> Any:
        self.asked.append(path)
        if path == psp.POLICIES:
            return 200, {"items": POLICIES}
        if path.endswith("subjectaccessreviews"):
            assert body is not None
            attributes = body["spec"]["resourceAttributes"]
            user = body["spec"].get("user") or who.user or "me"
            allowed = (user, attributes["group"], attributes["name"]) in self._grants
            return 201, {"status": {"allowed": allowed}}
        return self._dry_run


def subject(manifest: str, namespace: str = "", who: Impersonation = NOBODY) -> psp.Subject:
    return psp.read_subject(manifest.encode(), namespace, "home", who)


def investigate(cluster: Cluster, about: psp.Subject) -> Object:
    return psp.investigate(cast(Connection, cluster), about)


@pytest.mark.parametrize(
    ("manifest", "namespace", "found"),
    [
        (POD, "", ("web", "dev", "default", False)),
        (POD, "prod", ("web", "prod", "default", False)),
        (DEPLOYMENT, "", ("web-", "home", "robot", True)),
        (CRONJOB, "", ("web-", "home", "default", True)),
    ],
)
def test_manifests(manifest: str, namespace: str, found: tuple[str, str, str, bool]) -> None:
    read = subject(manifest, namespace)
    metadata = read.pod["metadata"]
    name = metadata.get("name") or metadata.get("generateName")
    assert (name, read.namespace, read.account.name, read.by_controller) == found
    assert read.pod["spec"]["restartPolicy"] == "Always"


@pytest.mark.parametrize("manifest", ["", "kind: ConfigMap", "[", "kind: Pod\nspec: {containers: 1}"])
def test_manifests_without_a_pod(manifest: str) -> None:
    with pytest.raises(click.ClickException):
        subject(manifest)


ACCOUNT = "system:serviceaccount:dev:default"


@pytest.mark.parametrize(
    ("grant", "who", "used"),
    [
        (("me", "policy", "open"), NOBODY, ["open"]),
        ((ACCOUNT, "extensions", "open"), NOBODY, ["open"]),
        (("ann", "policy", "open"), Impersonation("ann"), ["open"]),
        (("ann", "policy", "open"), NOBODY, []),
        (("me", "policy", "strict"), NOBODY, []),
    ],
)
def test_who_may_use_what(grant: tuple[str, str, str], who: Impersonation, used: list[str]) -> None:
    found = investigate(Cluster({grant}), subject(POD, who=who))
    assert [row["policy"] for row in found["policies"] if row["used"]] == used
    assert [row["policy"] for row in found["policies"] if row["usable"]] == [grant[2]] * (
        grant[0] in (ACCOUNT, who.user or "me")
    )


def test_the_pods_of_a_controller_have_their_service_account_alone() -> None:
    cluster = Cluster({("me", "policy", "open")})
    found = investigate(cluster, subject(DEPLOYMENT))
    assert not any(row["usable"] for row in found["policies"])
    assert found["notes"] == ["A controller makes this pod, so only its service account counts."]
    assert found["server"] == ""
    assert not any("selfsubject" in path or "dryRun" in path for path in cluster.asked)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((403, {"message": "pods is forbidden"}), "pods is forbidden"),
        ((201, {"metadata": {"annotations": {"kubernetes.io/psp": "open"}}}), "admitted under open"),
        ((201, {"metadata": {}}), "admitted, and no policy was asked: the plugin is not on"),
    ],
)
def test_the_servers_own_answer(answer: tuple[int, Object], text: str) -> None:
    assert investigate(Cluster(set(), answer), subject(POD))["server"] == text


def test_what_may_not_be_asked_is_said() -> None:
    class Closed(Cluster):
        def request(self, method: str, path: str, body: Object | None = None, who: Impersonation = NOBODY) -> Any:
            if path.endswith("/subjectaccessreviews"):
                return 403, {"message": "you may not ask"}
            return super().request(method, path, body, who)

    found = investigate(Closed({("me", "policy", "open")}), subject(POD))
    assert found["notes"] == ["It is not known what the service account may use: you may not ask"]
    assert [row["policy"] for row in found["policies"] if row["used"]] == ["open"]


@pytest.mark.parametrize(("code", "problem"), [(403, "you may not list"), (404, "knows no pod security policies")])
def test_policies_that_cannot_be_listed(code: int, problem: str) -> None:
    class Closed(Cluster):
        def request(self, *_: Any, **__: Any) -> Any:
            return code, {"message": "you may not list"}

    with pytest.raises(click.ClickException, match=problem):
        investigate(Closed(set()), subject(POD))


TEXT = """\
Pod "web" in namespace "dev", service account "default"

* open    may be used      admits the pod as it is
  strict  may not be used  refuses the pod
      spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed

The server says: no
"""


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psp, "load", lambda *_: Cluster({("me", "policy", "open")}))
    found = CliRunner().invoke(psp.command, ["explain", "-f", "-"], input=POD)
    assert (found.exit_code, found.output) == (0, TEXT)
    found = CliRunner().invoke(psp.command, ["explain", "-f", "-", "-o", "json"], input=POD)
    assert json.loads(found.output)["policies"][0]["policy"] == "open"


def test_groups_need_a_user() -> None:
    found = CliRunner().invoke(psp.command, ["explain", "-f", "-", "--as-group", "dev"], input=POD)
    assert found.exit_code == 2
    assert "--as-group needs --as" in found.output
