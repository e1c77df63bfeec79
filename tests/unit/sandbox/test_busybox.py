"""Scripts and what a real busybox answers to them (tools/record_busybox.py); the sandbox answers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from boxes import run

FACTS = yaml.safe_load(Path(__file__).with_name("busybox.yaml").read_text())


@pytest.mark.parametrize("fact", FACTS, ids=[fact["script"][:60] for fact in FACTS])
async def test_it_answers_as_busybox_does(fact: dict[str, Any]) -> None:
    assert await run(fact["script"]) == (fact["output"], fact["code"])
