"""A query as Go's url.Values: every parameter with all its values."""

from __future__ import annotations

from multidict import MultiMapping


def values(query: MultiMapping[str]) -> dict[str, list[str]]:
    """Name -> values in order."""
    return {name: query.getall(name) for name in query.keys()}  # noqa: SIM118  a MultiMapping iterates names twice
