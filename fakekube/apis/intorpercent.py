"""Numbers of pods that may also be percentages. Follows pkg/apis/apps/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import percent
from fakekube.machinery.selectors import parse_int

IntOrString = int | str
NEGATIVE = "must be greater than or equal to 0"


def positive(value: IntOrString, path: Path) -> Iterator[FieldError]:
    """Yield an error unless it is a percentage or a number from 0 on."""
    if isinstance(value, str):
        yield from (invalid(path, Go(value, "intstr.IntOrString"), wrong) for wrong in percent(value))
    elif value < 0:
        yield invalid(path, value, NEGATIVE)


def at_most_all(value: IntOrString, path: Path) -> Iterator[FieldError]:
    """Yield an error if it is more than 100 %."""
    if isinstance(value, str) and not any(percent(value)) and int(value[:-1]) > 100:
        yield invalid(path, Go(value, "intstr.IntOrString"), "must not be greater than 100%")


def amount(value: IntOrString) -> int:
    """The number: of a percentage before the sign, 0 of a text that is neither."""
    if not isinstance(value, str):
        return value
    if not any(percent(value)):
        return int(value[:-1])
    return parse_int(value) or 0
