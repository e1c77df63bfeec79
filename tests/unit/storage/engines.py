"""The engines that the contract suite runs against: one line an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fakekube.storage.interface import Engine
from fakekube.storage.memory import Memory


@dataclass(frozen=True, slots=True)
class Kit:
    """How an engine is made for a test."""

    name: str
    make: Callable[[Path], Engine]
    """A new engine on an empty folder; on the same folder as before, what a durable one has kept."""
    durable: bool = False


KITS = (Kit("memory", lambda folder: Memory()),)
