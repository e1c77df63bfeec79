"""Every command that a document shows is run, and prints what the document says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.tools import ROOT, Bash, Server, follow

DOCUMENTS = ["certs/README.md"]
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
