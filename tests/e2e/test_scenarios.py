"""Every scenario that comes with fakekube, played with each kubectl, and an attendee's cluster looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakekube.cli.scenarios import INSTALLED, available
from tests.e2e.tools import ROOT, Answer, Kubectl, Server, environment

SCRIPTS = {"kubectl-who_can": "fakekube.cli.whocan", "kubectl-rbac_lookup": "fakekube.cli.rbaclookup"}
HANGS = 300


@pytest.fixture(scope="module")
def programs(kubectl_path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the PATH: the kubectl in question, fakekube, and the plugins as an installation has them."""
    folder: Path = tmp_path_factory.mktemp("bin")
    (folder / "kubectl").symlink_to(kubectl_path)
    starts = {name: f"-c 'from {module} import main; main()'" for name, module in SCRIPTS.items()}
    for name, start in {**starts, "fakekube": "-m fakekube"}.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {start} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def scenario(programs: Path, home: Path, *arguments: str, kubeconfig: Path | None = None) -> Answer:
    variables = environment({"HOME": str(home), "PYTHONPATH": str(ROOT)})
    variables["PATH"] = os.pathsep.join([str(programs), variables["PATH"]])
    if kubeconfig:
        variables["KUBECONFIG"] = str(kubeconfig)
    command = [sys.executable, "-m", "fakekube", "scenario", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=HANGS, cwd=home, env=variables, check=False
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", [found.name for found in available(INSTALLED)])
def test_played(programs: Path, tmp_path: Path, name: str) -> None:
    answer = scenario(programs, tmp_path, "run", name, "--fresh")
    assert answer.code == 0, answer.both
    assert answer.out.splitlines()[-1].endswith("steps done")


def test_an_attendee(programs: Path, tmp_path: Path, server: Server, kubectl: Kubectl) -> None:
    def check() -> list[str]:
        return scenario(programs, tmp_path, "check", "quotas", kubeconfig=server.kubeconfig).out.splitlines()

    manifests = INSTALLED / "quotas" / "manifests"
    assert check()[1:3] == ["✗ 1. A namespace with a quota", "     there is no Namespace team-blue"]
    kubectl("create", "namespace", "team-blue")
    assert check()[2] == "     there is no ResourceQuota small in the namespace team-blue"
    changed = (manifests / "quota.yaml").read_text().replace('pods: "2"', 'pods: "3"')
    kubectl("apply", "-f", "-", stdin=changed)
    assert check()[2] == "     ResourceQuota small in the namespace team-blue: .spec.hard.pods is 3, not 2"
    kubectl("apply", "-f", str(manifests / "quota.yaml"))
    kubectl("apply", "-f", str(manifests / "limits.yaml"))
    lines = check()
    assert [line[0] for line in lines[1:4]] == ["✓", "-", "✓"]
    assert "next: 4. Now it is admitted" in lines


def test_a_step_that_goes_wrong(programs: Path, tmp_path: Path, server: Server) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "scenario.yaml").write_text(
        "title: Mine\nsteps: [{title: One, run: echo one}, {title: Two, run: kubectl get nothing}, {title: Three}]"
    )
    answer = scenario(programs, tmp_path, "run", "mine", kubeconfig=server.kubeconfig)
    assert answer.code == 1
    assert "one\n" in answer.out
    assert 'the server doesn\'t have a resource type "nothing"' in answer.out
    assert answer.err == 'Error: step 2, "Two": the command has failed with the exit code 1\n'
