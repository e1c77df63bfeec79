"""Plays a scenario's steps: their commands in a shell, what they print as it comes, and whether that is what it should.

The shell's current folder is a copy of the manifests, so that commands may write files.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fakekube.cli.scenarios import Scenario, Step

TIMEOUT = 120.0
"""Seconds after which a step's commands count as hung."""
Tell = Callable[[str], None]


def folder_for(scenario: Scenario, parent: Path) -> Path:
    """A copy of the manifests under `parent`."""
    folder = parent / scenario.name
    if scenario.manifests.is_dir():
        shutil.copytree(scenario.manifests, folder)
    else:
        folder.mkdir()
    return folder


def play(step: Step, folder: Path, variables: Mapping[str, str], tell: Tell) -> str:
    """Run a step's commands; gives what is wrong with what came of it, "" if nothing is."""
    process = subprocess.Popen(  # noqa: S603  whoever plays a scenario wants its commands run
        ["bash", "-e", "-c", step.run], cwd=folder, env=dict(variables), text=True, stdin=subprocess.DEVNULL,  # noqa: S607
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    with process:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            tell(lines[-1])
    return problem(step, process.returncode, lines)


def problem(step: Step, code: int, lines: Sequence[str]) -> str:
    """What is wrong with an exit code and an output."""
    if step.fails and code == 0:
        return "this should have been refused"
    if not step.fails and code != 0:
        return f"the command has failed with the exit code {code}"
    missing = [text for text in step.shows if not contains(lines, text)]
    return f"the output does not show: {missing[0]}" if missing else ""


def contains(lines: Sequence[str], text: str) -> bool:
    """Whether some line has the text in it; … stands for anything, and spaces for any number of them."""
    parts = (re.escape(" ".join(part.split())) for part in text.split("…"))
    pattern = re.compile(".*".join(parts))
    return any(pattern.search(" ".join(line.split())) for line in lines)


class Fresh:
    """A fakekube server that lives as long as a scenario is played."""

    def __init__(self, flags: Sequence[str], folder: Path) -> None:
        """Raises RuntimeError if it does not start."""
        self.kubeconfig = folder / "fakekube.kubeconfig"
        command = [sys.executable, "-m", "fakekube", "serve", "--secure-port", "0"]
        command += ["--write-kubeconfig", str(self.kubeconfig), *flags]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("fakekube ready:"):
            self.stop()
            raise RuntimeError(f"the server has not started: {line.strip()}")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()
