"""Columns as Go's text/tabwriter lines them up: programs written in Go print their tables so."""

from __future__ import annotations

from collections.abc import Sequence

PADDING = 2


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of equally many cells as lines. All cells but the last are padded, empty ones as well."""
    columns = list(zip(*rows, strict=True))[:-1]
    widths = [max(map(len, column)) + PADDING for column in columns]
    return ["".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows]
