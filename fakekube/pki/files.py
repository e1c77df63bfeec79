"""Secrets on disk: private to their owner from the first byte on, and never half written."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` in place of whatever is at `path`; the folder is made (0700) if it is missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp creates with 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def read(path: Path) -> bytes | None:
    """What is at `path`, or None."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
