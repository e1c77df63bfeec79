"""Numbers that may be percentages. Follows apimachinery's intstr."""

from __future__ import annotations

import re

PERCENT = re.compile("([0-9]+)%")


def scaled(value: int | str | None, total: int, up: bool) -> int:
    """A number, or that percentage of `total`, rounded up or down; None is 0. Raises ValueError."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    match = PERCENT.fullmatch(value)
    if match is None:
        raise ValueError(f"invalid value for IntOrString: invalid type: string is not a percentage: {value}")
    product = int(match[1]) * total
    return -(-product // 100) if up else product // 100


def fenceposts(surge: int | str | None, unavailable: int | str | None, desired: int) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) as numbers: never both 0, since then nothing could move."""
    more, fewer = scaled(surge, desired, up=True), scaled(unavailable, desired, up=False)
    return (more, fewer) if more or fewer else (0, 1)
