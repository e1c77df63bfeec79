"""Validation of a whole pod spec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fakekube.machinery.fielderrors import FieldError, Path, required
from fakekube.machinery.objects import Object


@dataclass(frozen=True, slots=True)
class Options:
    """What an update tolerates because the old object has it already."""

    downward_huge_pages: bool = False


DEFAULT_OPTIONS = Options()


def validate_pod_spec(
    spec: Object, path: Path, options: Options = DEFAULT_OPTIONS, *, pod_name: str = ""
) -> Iterator[FieldError]:
    """Yield what is wrong with a defaulted pod spec at `path`."""
    if not spec.get("containers"):
        yield required(path / "containers")
