"""Turns on the event loop for work that never waits: what is done in memory would else hold up requests and signals."""

from __future__ import annotations

import asyncio
import time

SLICE = 0.005
"""Seconds of one round of the loop that such work may take, all of it together, before everybody else has a turn."""


class Turns:
    """Taken before each piece of work, by all that share the loop."""

    def __init__(self) -> None:
        self._begun: float | None = None
        """When the first piece of this round began."""

    async def take(self) -> None:
        """Wait for the next round if this one has taken its time."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = now
            asyncio.get_running_loop().call_soon(self._end)
        elif now - self._begun > SLICE:
            await asyncio.sleep(0)

    def _end(self) -> None:
        self._begun = None
