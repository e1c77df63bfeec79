"""Every command that a document shows is run, and prints what the document says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.tools import PATIENCE, ROOT, Bash, Server, blocks, follow

DOCUMENTS = ["README.md", "certs/README.md", "docs/guide.md", "docs/scenarios.md"]
NEEDED = ("bash", "curl", "openssl")


@pytest.fixture
def folder(tmp_path: Path, kubectl_path: str) -> Path:
    """A folder that looks like this repository to a reader, with the kubectl to use on the PATH."""
    for name in ("certs", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kubectl").symlink_to(kubectl_path)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Server:
    """A fresh server: what a document shows begins with one."""
    return Server(folder)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document(document: str, folder: Path, server: Server) -> None:
    if missing := [tool for tool in NEEDED if shutil.which(tool) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    bash = Bash(
        folder, {"KUBECONFIG": str(server.kubeconfig), "HOME": str(folder), "FAKEKUBE_BIN": str(folder / "bin")}
    )
    try:
        bash.run('PATH="$FAKEKUBE_BIN:$PATH"')
        follow(ROOT / document, bash)
    finally:
        bash.close()
        assert server.stop() == 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_documents_tests(document: str, tmp_path: Path) -> None:
    found = [block for block in blocks((ROOT / document).read_text(), "python") if "def test_" in block]
    if not found:
        pytest.skip("it shows no tests")
    for number, block in enumerate(found):
        (tmp_path / f"test_{number}.py").write_text(block)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout
