"""Where audit events are written: one a line, to a file or the standard output.

Follows apiserver's plugin/pkg/audit/log.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, Protocol


class Sink(Protocol):
    """Takes events in the order in which they happen."""

    def write(self, line: bytes) -> None:
        """One event, without the end of its line."""


class LogFile:
    """Appends to a file that its owner alone can read; "-" is the standard output. Every event is written at once."""

    def __init__(self, path: str) -> None:
        """Raises OSError."""
        self._file: BinaryIO
        if path == "-":
            self._file = sys.stdout.buffer
        else:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file = open(descriptor, "ab", buffering=0)  # noqa: SIM115  open as long as the log is

    def write(self, line: bytes) -> None:
        """One event."""
        self._file.write(line + b"\n")
        self._file.flush()
