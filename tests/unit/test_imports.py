"""What depends on what, and what a start costs in imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    *("aiohttp", "asyncio", "cryptography", "OpenSSL", "yaml", "jwt", "orjson"),
    *("pytest", "kubernetes_validate", "hypothesis"),
}


def imported(statement: str) -> set[str]:
    """The top-level packages that a statement loads."""
    program = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import fakekube", set()),
        ("import fakekube.cli", set()),
        ("import fakekube.cli.main", set()),
        ("import fakekube.testing.plugin", {"pytest"}),
    ],
)
def test_imports_are_late(statement: str, allowed: set[str]) -> None:
    packages = imported("import pytest") if "pytest" in allowed else set()
    assert imported(statement) & HEAVY - packages <= allowed


@pytest.mark.parametrize("late", ["yaml", "jwt", "kubernetes_validate"])
def test_a_server_is_built_without_what_it_may_never_need(late: str) -> None:
    assert late not in imported("import fakekube.cluster")


LATE = (
    "fakekube.actors",
    "fakekube.controllers.manager",
    "fakekube.controllers.table",
    "fakekube.scheduler",
    "fakekube.node",
    "fakekube.sandbox.shell",
    "fakekube.sandbox.commands",
    "fakekube.endpoints.podstreams.portforward",
    "fakekube.wire.spdy",
    "fakekube.wire.websocket",
    "aiohttp.web",
)
"""What a server needs only when requests are answered already, or never."""


def test_a_server_answers_before_what_acts_by_itself_is_there() -> None:
    program = "import sys, fakekube.cluster; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(LATE) & set(done.stdout.split())


def test_dependencies_point_downwards() -> None:
    contracts = pytest.importorskip("importlinter.cli")
    assert contracts.lint_imports(config_filename="pyproject.toml", no_cache=True) == 0
