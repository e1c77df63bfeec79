"""Checks of file paths inside of volumes and containers."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def no_backsteps(text: str, path: Path) -> Iterator[FieldError]:
    """No element of it is ".."."""
    if ".." in text and ".." in text.split("/"):
        yield invalid(path, text, "must not contain '..'")


def descending(text: str, path: Path) -> Iterator[FieldError]:
    """Relative and without "..": it stays below where it starts."""
    if text.startswith("/"):
        yield invalid(path, text, "must be a relative path")
    yield from no_backsteps(text, path)


def not_reserved(text: str, path: Path) -> Iterator[FieldError]:
    """Descending, and its first element does not begin with "..", as the kubelet's own files do."""
    yield from descending(text, path)
    if text.startswith("..") and not text.startswith("../"):
        yield invalid(path, text, "must not start with '..'")


def file_mode(name: str, holder: Object, path: Path) -> Iterator[FieldError]:
    """The field `name` has permission bits, where it is given."""
    mode = holder.get(name)
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid(path / name, mode, FILE_MODE)
