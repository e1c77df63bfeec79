"""Scenario files, what their checks find, and how far they say that somebody is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click
import pytest

from fakekube.cli import scenarios
from fakekube.cli.checks import Examiner, judged, person
from fakekube.cli.playing import contains, problem
from fakekube.cli.scenario import described, judge, report
from fakekube.cli.scenarios import BadScenario, Check, Scenario, Step, available, find, load

GOOD = """
title: T
summary: S
serve: [--nodes, "2"]
steps:
  - title: First
    run: echo hello
    shows: hello
    fails: true
    check:
      - get: pod/web
        where: {.spec.nodeName: n, .spec.hostNetwork: false}
      - can: list pods
        as: ann
        answer: no
  - title: Second
"""


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "scenario.yaml").write_text(text)
    return folder


def test_a_file(tmp_path: Path) -> None:
    found = load(written(tmp_path / "one", GOOD))
    assert (found.name, found.title, found.summary, found.serve) == ("one", "T", "S", ("--nodes", "2"))
    first, second = found.steps
    assert (first.run, first.shows, first.fails) == ("echo hello", ("hello",), True)
    assert first.checks[1] == Check(can="list pods", user="ann", answer="no")
    assert second == Step("Second")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "a mapping is needed"),
        ("title: T", "steps is missing"),
        ("title: T\nsteps: x", "steps has to be a list"),
        ("title: [T]\nsteps: []", "title has to be text"),
        ("title: T\nsteps: [{}]", "step 1: title is missing"),
        ("title: T\nstep: []\nsteps: []", "unknown fields: step"),
        ("title: T\nsteps: [{title: A}, {title: B, shwos: x}]", "step 2: unknown fields: shwos"),
        ("title: T\nsteps: [{title: A, shows: 3}]", "shows has to be a list of texts"),
        ("title: T\nsteps: [{title: A, fails: x}]", "fails has to be true or false"),
        ("title: T\nsteps: [{title: A, check: [{}]}]", "check 1: exactly one of get, path and can"),
        ("title: T\nsteps: [{title: A, check: [{get: a, can: b c}]}]", "exactly one of"),
        ("title: T\nsteps: [{title: A, check: [{can: list}]}]", 'can: "list" is not VERB RESOURCE'),
        ("title: T\nsteps: [{title: A, check: [{get: a, where: x}]}]", "where has to be a mapping"),
        ("a: [", "scenario.yaml"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadScenario) as caught:
        load(written(tmp_path / "bad", text))
    assert complaint in str(caught.value)


def test_found_by_name_and_by_path(tmp_path: Path) -> None:
    folder = written(tmp_path / "one", GOOD)
    assert find("one", tmp_path).folder == folder
    assert find(str(folder)).folder == folder
    with pytest.raises(LookupError):
        find("two", tmp_path)


def test_those_that_come_with_fakekube() -> None:
    names = [scenario.name for scenario in available(scenarios.INSTALLED)]
    assert names == ["pod-security-policies", "quotas", "rbac-basics"]
    assert find("quotas", scenarios.INSTALLED).manifests.is_dir()


@pytest.mark.parametrize(
    ("text", "line", "there"),
    [
        ("created", "pod/web created", True),
        ("default 1", "default   1   5s", True),
        ("token-… 3", "default-token-abc  kubernetes.io/x  3  5s", True),
        ("a.b", "axb", False),
        ("created", "", False),
    ],
)
def test_output(text: str, line: str, there: bool) -> None:
    assert contains(["first", line], text) is there


@pytest.mark.parametrize(
    ("step", "code", "complaint"),
    [
        (Step("A", shows=("hello",)), 0, ""),
        (Step("A", shows=("hello", "world")), 0, "the output does not show: world"),
        (Step("A"), 1, "the command has failed with the exit code 1"),
        (Step("A", fails=True), 1, ""),
        (Step("A", fails=True), 0, "this should have been refused"),
    ],
)
def test_what_came_of_a_step(step: Step, code: int, complaint: str) -> None:
    assert problem(step, code, ["hello"]) == complaint


POD = {"spec": {"nodeName": "n", "hostNetwork": False, "containers": [{"image": "a"}, {"image": "b"}]}}


@pytest.mark.parametrize(
    ("check", "found", "complaint"),
    [
        (Check(get="x"), POD, ""),
        (Check(get="x"), None, "there is no X"),
        (Check(get="x"), {"items": []}, "there is no X"),
        (Check(get="x", absent=True), POD, "there is still X"),
        (Check(get="x", absent=True), None, ""),
        (Check(get="x", absent=True, where={".spec.nodeName": "m"}), POD, ""),
        (Check(get="x", where={".spec.hostNetwork": False, ".spec.nodeName": "n"}), POD, ""),
        (Check(get="x", where={".spec.containers[*].image": "b"}), POD, ""),
        (Check(get="x", where={".spec.nodeName": "m"}), POD, "X: .spec.nodeName is n, not m"),
        (Check(get="x", where={".spec.replicas": 2}), POD, "X: .spec.replicas is not set, not 2"),
        (Check(get="x", where={".spec.nodeName": "n"}), {"items": [{"spec": {}}, POD]}, ""),
    ],
)
def test_checks(check: Check, found: Any, complaint: str) -> None:
    assert judged(check, "X", found) == complaint


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("ann", "ann"),
        ("serviceaccount:robot", "system:serviceaccount:dev:robot"),
        ("serviceaccount:ci:robot", "system:serviceaccount:ci:robot"),
        ("system:serviceaccount:ci:robot", "system:serviceaccount:ci:robot"),
    ],
)
def test_whose_permission(name: str, user: str) -> None:
    found, groups = person(name, "dev")
    assert found == user
    assert "system:authenticated" in groups
    assert ("system:serviceaccounts:ci" in groups) is (":ci:" in user)


class Answers:
    """An Examiner that has been asked already."""

    def problem(self, check: Check) -> str:
        return check.get.removeprefix("ok")


def played(*states: str) -> list[str]:
    """The report for steps whose check finds that; "-" for a step without one."""
    steps = tuple(
        Step(f"S{number}", run=f"do {number}", checks=() if state == "-" else (Check(get=state, hint="try"),))
        for number, state in enumerate(states, 1)
    )
    scenario = Scenario("n", Path(), "Title", "", steps)
    found = list(judge(scenario, cast(Examiner, Answers())))
    return [click.unstyle(line) for line in report(scenario, found)]


def test_how_far_somebody_is() -> None:
    assert played("ok", "-", "no pod", "no quota", "ok") == [
        "Title",
        "✓ 1. S1",
        "- 2. S2",
        "✗ 3. S3",
        "     no pod",
        "     hint: try",
        "· 4. S4",
        "✓ 5. S5",
        "",
        "next: 2. S2",
        "  $ do 2",
        "next: 3. S3",
        "  $ do 3",
    ]


def test_all_done() -> None:
    assert played("ok", "-")[-1] == "everything that leaves a trace is done"


def test_commands_as_they_are_typed() -> None:
    lines = [click.unstyle(line) for line in described(Step("A", "Read.", "one \\\n two\nthree"))]
    assert lines == ["Read.", "$ one \\", ">  two", "$ three"]
