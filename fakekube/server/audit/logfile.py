"""Where audit events are written: one a line, to a file or the standard output.

Follows apiserver's plugin/pkg/audit/log and lumberjack, which turns its files over.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

MEGABYTE = 1024 * 1024
DEFAULT_SIZE = 100
"""Megabytes of a file for which no size is given."""
DAY = 24 * 3600


class Sink(Protocol):
    """Takes events in the order in which they happen."""

    def write(self, line: bytes) -> None:
        """One event, without the end of its line."""


class Rotation(Struct, frozen=True):
    """When a file is set aside and what becomes of those that were; 0 is no bound."""

    megabytes: int = 0
    """Of a file; 0 stands for 100."""
    backups: int = 0
    """Files that are kept besides the current one."""
    days: int = 0
    """For which they are kept."""


def open_log(path: str, rotation: Rotation) -> Sink:
    """The log at a path; "-" is the standard output. Raises OSError."""
    return Terminal(sys.stdout.buffer) if path == "-" else LogFile(Path(path), rotation)


class Terminal:
    """Writes to a stream that somebody reads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, line: bytes) -> None:
        """One event."""
        self._stream.write(line + b"\n")
        self._stream.flush()


class LogFile:
    """Appends to a file that its owner alone can read. Every event is written at once."""

    def __init__(self, path: Path, rotation: Rotation) -> None:
        """Raises OSError."""
        self._path = path
        self._rotation = rotation
        self._limit = (rotation.megabytes or DEFAULT_SIZE) * MEGABYTE
        self._open()

    def write(self, line: bytes) -> None:
        """One event."""
        if self._size and self._size + len(line) + 1 > self._limit:
            self._turn_over()
        self._size += os.write(self._descriptor, line + b"\n")

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = os.fstat(self._descriptor).st_size

    def _turn_over(self) -> None:
        os.close(self._descriptor)
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")[:-3]
        self._path.rename(self._path.with_name(f"{self._path.stem}-{moment}{self._path.suffix}"))
        self._open()
        for path in self._expendable():
            path.unlink(missing_ok=True)

    def _expendable(self) -> list[Path]:
        old = sorted(self._path.parent.glob(f"{self._path.stem}-*{self._path.suffix}"), reverse=True)
        kept = old[: self._rotation.backups] if self._rotation.backups else old
        if self._rotation.days:
            oldest = time.time() - self._rotation.days * DAY
            kept = [path for path in kept if path.stat().st_mtime >= oldest]
        return [path for path in old if path not in kept]
