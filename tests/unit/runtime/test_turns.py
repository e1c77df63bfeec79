"""Work that never waits lets others have their turn."""

from __future__ import annotations

import asyncio

import pytest

from fakekube.runtime import turns
from fakekube.runtime.turns import SLICE, Turns


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 0), (SLICE / 4, 3), (SLICE * 2, 10)])
async def test_rounds(monkeypatch: pytest.MonkeyPatch, seconds: float, rounds: int) -> None:
    """Twenty pieces of work of so many seconds each."""
    now, turn, seen = 0.0, Turns(), 0

    def count() -> None:
        nonlocal seen
        seen += 1
        asyncio.get_running_loop().call_soon(count)

    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    asyncio.get_running_loop().call_soon(count)
    for _ in range(20):
        await turn.take()
        now += seconds
    assert seen == pytest.approx(rounds, abs=1)
