"""Ranges of user and group IDs."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.machinery.objects import Object

Ranges = Sequence[Object]
"""[{"min": 1, "max": 9}, ...]; both ends belong to the range."""


def ranges_of(strategy: Object) -> Ranges:
    """The ranges of a strategy."""
    found: Ranges = strategy.get("ranges") or ()
    return found


def lowest(ranges: Ranges) -> int:
    """What MustRunAs gives to a pod that leaves the ID out: where the first range begins."""
    return _ends(ranges[0])[0]


def contains(ranges: Ranges, number: int) -> bool:
    """Whether the ID is in any of them."""
    return any(low <= number <= high for low, high in map(_ends, ranges))


def text(ranges: Ranges) -> str:
    """As messages show them: [{1 9} {20 20}]."""
    return f"[{' '.join(f'{{{low} {high}}}' for low, high in map(_ends, ranges))}]"


def _ends(span: Object) -> tuple[int, int]:
    return span.get("min") or 0, span.get("max") or 0
