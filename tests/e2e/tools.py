"""The programs that the end-to-end tests run: `fakekube serve`, kubectl, and the commands that documents show."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
"""Seconds after which a program counts as hung."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without a kubeconfig of its user; `fakekube` is found on the PATH."""
    kept = {name: value for name, value in os.environ.items() if name not in ("KUBECONFIG", "HOME")}
    scripts = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([scripts, kept.get("PATH", "")])
    return {**kept, **(extra or {})}


class Server:
    """A running `fakekube serve` in a folder of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        command = [sys.executable, "-m", "fakekube", "serve", "--secure-port", "0"]
        command += ["--write-kubeconfig", str(self.kubeconfig), *flags]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment()
        )
        assert self.process.stdout is not None
        self.ready, self.export = (self.process.stdout.readline().rstrip("\n") for _ in range(2))
        assert self.ready.startswith("fakekube ready: "), self.ready + self.export
        self.url = self.ready.removeprefix("fakekube ready: ")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """End it; gives the exit code."""
        self.process.send_signal(by)
        code = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.output = self.process.stdout.read()
        self.process.stdout.close()
        return code


@dataclass
class Answer:
    """What a program said."""

    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        """Its output, then its errors."""
        return self.out + self.err


@dataclass
class Kubectl:
    """One kubectl talking to one server."""

    path: str
    kubeconfig: Path
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """What it prints; its failure fails the test."""
        answer = self.try_(*arguments, stdin=stdin)
        assert answer.code == 0, f"kubectl {' '.join(arguments)}\n{answer.both}"
        return answer.out

    def try_(self, *arguments: str, stdin: str = "") -> Answer:
        """What it answers, well or not."""
        return self._run(arguments, stdin)

    def _run(self, arguments: Sequence[str], stdin: str) -> Answer:
        variables = {"KUBECONFIG": str(self.kubeconfig), "HOME": str(self.folder), **self.extra}
        done = subprocess.run(
            [self.path, *arguments], input=stdin, capture_output=True, text=True, timeout=PATIENCE,
            cwd=self.folder, env=environment(variables), check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def using(self, kubeconfig: Path) -> Kubectl:
        """The same program with another kubeconfig."""
        return Kubectl(self.path, kubeconfig, self.folder, self.extra)


def until(condition: Callable[[], T], patience: float = PATIENCE) -> T:
    """Call it until it gives something true, and give that. Raises AssertionError."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "it has not come true"
        time.sleep(0.05)
    return found


def curl(*arguments: str) -> Answer:
    """Real curl."""
    done = subprocess.run(
        ["curl", "-s", "-S", "--max-time", "30", *arguments],
        capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


# Commands that documents show


@dataclass
class Step:
    """One command of a document and what the document says that it prints."""

    line: int
    command: str
    expected: list[str]


def steps(markdown: str) -> Iterator[Step]:
    """The commands of every ```console block: lines that begin with "$ ", continued while they end in a backslash."""
    inside = False
    step: Step | None = None
    for number, line in enumerate(markdown.splitlines(), 1):
        if line.startswith("```"):
            if step is not None:
                yield step
            step, inside = None, line == "```console"
        elif inside and line.startswith("$ "):
            if step is not None:
                yield step
            step = Step(number, line[2:], [])
        elif inside and step is not None and step.command.endswith("\\") and not step.expected:
            step.command += "\n" + line
        elif inside and step is not None:
            step.expected.append(line)
    assert not inside, "a block is not closed"


def blocks(markdown: str, language: str) -> Iterator[str]:
    """The text of every fenced block of that language."""
    for found in re.finditer(rf"^```{language}\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL):
        yield found[1]


def matches(expected: list[str], printed: list[str]) -> bool:
    """Whether output is what a document shows: "…" on a line stands for anything, alone for any lines."""
    if not expected:
        return not printed
    if expected[0].strip() == "…":
        return any(matches(expected[1:], printed[start:]) for start in range(len(printed) + 1))
    if not printed:
        return False
    pattern = ".*".join(re.escape(part) for part in re.sub(r"\s+", " ", expected[0].strip()).split("…"))
    shown = re.sub(r"\s+", " ", printed[0].strip())
    return bool(re.fullmatch(pattern, shown)) and matches(expected[1:], printed[1:])


class Bash:
    """A shell that runs a document's commands one after the other, as its reader would."""

    MARK = "\x1eend of a step"

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        shell = shutil.which("bash")
        assert shell is not None
        self.process = subprocess.Popen(
            [shell, "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=folder, env=environment(variables), start_new_session=True,
        )  # fmt: skip

    def run(self, command: str) -> list[str]:
        """The lines that it prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\necho '{self.MARK}'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            before, found, _ = line.partition(self.MARK)
            if before.rstrip("\n"):
                lines.append(before.rstrip("\n"))
            elif not found:
                lines.append("")
            if found:
                return lines
        raise AssertionError(f"the shell ended in: {command}")

    def close(self) -> None:
        """End the shell and whatever it has started."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.communicate()


def follow(document: Path, bash: Bash) -> None:
    """Run every command of a document and compare what it prints. Raises AssertionError."""
    for step in steps(document.read_text()):
        printed = bash.run(step.command)
        where = f"{document.name}:{step.line}: $ {step.command}"
        shown = "\n".join(printed)
        assert matches(step.expected, printed), f"{where}\nprinted:\n{shown}\n\nexpected:\n" + "\n".join(step.expected)
