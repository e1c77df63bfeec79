"""`fakekube scenario`: workshops. List them, play them, see how far an attendee has come."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from fakekube.cli import playing, scenarios
from fakekube.cli.checks import Examiner
from fakekube.cli.connected import connected, told
from fakekube.cli.connection import Connection, load
from fakekube.cli.scenarios import Check, Scenario, Step

PATIENCE = 30.0
"""Seconds within which what a step has asked for has to be there."""
DONE, WRONG, LATER, SILENT = "done", "not done", "later", "no trace"
MARKS = {DONE: ("✓", "green"), WRONG: ("✗", "red"), LATER: ("·", None), SILENT: ("-", None)}


@click.group(name="scenario")
def command() -> None:
    """Workshops: list them, play them, see how far an attendee has come."""


_folder = click.option(
    "--scenarios", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), envvar="FAKEKUBE_SCENARIOS",
    help="A folder with further scenarios. [env var: FAKEKUBE_SCENARIOS]",
)  # fmt: skip


@command.command("list")
@_folder
def list_(folder: Path | None) -> None:
    """Show all scenarios."""
    with _bad():
        found = list(scenarios.available(*_folders(folder)))
    width = max((len(scenario.name) for scenario in found), default=0)
    for scenario in found:
        click.echo(f"{scenario.name:{width}}  {scenario.title}: {scenario.summary}")


@command.command()
@click.argument("name")
@click.option("--fresh", is_flag=True, help="On a server that is started for it and ends with it.")
@click.option("--pause", is_flag=True, help="Wait for Enter before each step.")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="Default: $KUBECONFIG, ~/.kube/config."
)
@_folder
def run(name: str, fresh: bool, pause: bool, kubeconfig: Path | None, folder: Path | None) -> None:
    """Play the scenario NAME (or the one in the folder NAME): its commands, what they print, what comes of it.

    Ends at the first step whose output or outcome is not what it should be, with exit code 1. Needs bash and kubectl.
    """
    scenario = _find(name, folder)
    for program in ("bash", "kubectl"):
        if shutil.which(program) is None:
            raise click.ClickException(f"there is no {program} on the PATH")
    with tempfile.TemporaryDirectory(prefix="fakekube-scenario-") as temporary, told():
        parent = Path(temporary)
        with _cluster(scenario, parent, fresh, kubeconfig) as config:
            _play(scenario, playing.folder_for(scenario, parent), config, pause)


@contextmanager
def _cluster(scenario: Scenario, parent: Path, fresh: bool, kubeconfig: Path | None) -> Iterator[Path | None]:
    """The kubeconfig to use; None for whatever the environment says."""
    if not fresh:
        yield kubeconfig.absolute() if kubeconfig else None
        return
    try:
        server = playing.Fresh(scenario.serve, parent)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield server.kubeconfig
    finally:
        server.stop()


def _play(scenario: Scenario, folder: Path, kubeconfig: Path | None, pause: bool) -> None:
    """Raises click.ClickException at the first step that goes wrong."""
    scripts = str(Path(sys.executable).parent)  # fakekube and the kubectl plugins that come with it
    variables = {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", ""), scripts])}
    if kubeconfig:
        variables["KUBECONFIG"] = str(kubeconfig)
    examiner = Examiner(load(kubeconfig))
    total = len(scenario.steps)
    click.secho(scenario.title, bold=True)
    for number, step in enumerate(scenario.steps, 1):
        click.echo()
        click.secho(f"[{number}/{total}] {step.title}", fg="cyan", bold=True)
        for line in described(step):
            click.echo(line)
        if pause:
            click.pause("(Enter)")
        problem = playing.play(step, folder, variables, click.echo) if step.run else ""
        problem = problem or _awaited(examiner, step.checks)
        if problem:
            raise click.ClickException(f'step {number}, "{step.title}": {problem}')
    click.echo()
    click.secho(f"all {total} steps done", fg="green")


def described(step: Step) -> Iterator[str]:
    """A step's text and commands, as an attendee reads them."""
    if step.text:
        yield from step.text.splitlines()
    continued = False
    for line in step.run.splitlines():
        yield click.style(f"{'>' if continued or line.startswith(' ') else '$'} {line}", bold=True)
        continued = line.endswith("\\")


def _awaited(examiner: Examiner, checks: Sequence[Check]) -> str:
    """What is wrong after some patience: controllers take their time."""
    deadline = time.monotonic() + PATIENCE
    for check in checks:
        while problem := examiner.problem(check):
            if time.monotonic() > deadline:
                return problem
            time.sleep(0.2)
    return ""


@command.command("check")
@click.argument("name")
@_folder
@connected
def check_(connection: Connection, name: str, folder: Path | None) -> None:
    """Look how far an attendee's cluster has come in the scenario NAME: what is done, what is wrong, what is next.

    Exit code 1 while something is left to do.
    """
    scenario = _find(name, folder)
    states = list(judge(scenario, Examiner(connection)))
    for line in report(scenario, states):
        click.echo(line)
    if any(state != DONE for state, _, _ in states if state != SILENT):
        sys.exit(1)


State = tuple[str, str, str]
"""(how far the step is, what is wrong, a hint)."""


def judge(scenario: Scenario, examiner: Examiner) -> Iterator[State]:
    """How far each step is. What is not done yet after the first such step is merely later."""
    pending = False
    for step in scenario.steps:
        if not step.checks:
            yield SILENT, "", ""
            continue
        faults = ((problem, check.hint) for check in step.checks if (problem := examiner.problem(check)))
        problem, hint = next(faults, ("", ""))
        if not problem:
            yield DONE, "", ""
        elif pending:
            yield LATER, "", ""
        else:
            pending = True
            yield WRONG, problem, hint


def report(scenario: Scenario, states: Sequence[State]) -> Iterator[str]:
    """The states for a person, and the next step in full."""
    yield click.style(scenario.title, bold=True)
    for number, (step, (state, problem, hint)) in enumerate(zip(scenario.steps, states, strict=True), 1):
        mark, colour = MARKS[state]
        yield click.style(f"{mark} {number}. {step.title}", fg=colour)
        if problem:
            yield f"     {problem}"
        if hint:
            yield f"     hint: {hint}"
    yield ""
    wrong = next((number for number, state in enumerate(states) if state[0] == WRONG), None)
    if wrong is None:
        yield click.style("everything that leaves a trace is done", fg="green")
        return
    begin = _begin(scenario, states, wrong)
    for number in range(begin, wrong + 1):
        yield click.style(f"next: {number + 1}. {scenario.steps[number].title}", bold=True)
        yield from (f"  {line}" for line in described(scenario.steps[number]))


def _begin(scenario: Scenario, states: Sequence[State], wrong: int) -> int:
    """The first of the traceless steps right before the one that is not done: nobody knows whether those are."""
    begin = wrong
    while begin > 0 and states[begin - 1][0] == SILENT:
        begin -= 1
    return begin


def _folders(folder: Path | None) -> list[Path]:
    return [scenarios.INSTALLED, *([folder] if folder else [])]


def _find(name: str, folder: Path | None) -> Scenario:
    try:
        with _bad():
            return scenarios.find(name, *_folders(folder))
    except LookupError:
        raise click.ClickException(f'there is no scenario "{name}"; fakekube scenario list shows all') from None


@contextmanager
def _bad() -> Iterator[None]:
    try:
        yield
    except scenarios.BadScenario as error:
        raise click.ClickException(str(error)) from None
