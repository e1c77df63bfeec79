"""The engine for tests and workshops: gone with the process."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable

from fakekube.storage.interface import Conflict, Row


class Memory:
    """Rows in a dict, keys in order beside it. Revisions count from 1, which etcd's own start takes."""

    def __init__(self, rows: Iterable[Row] = (), revision: int = 1) -> None:
        self._rows = {row.key: row for row in rows}
        self._keys = sorted(self._rows)
        self._revision = revision
        self._on_commit: Callable[[Row], None] = lambda row: None

    @property
    def revision(self) -> int:
        """Of the last commit."""
        return self._revision

    async def start(self, on_commit: Callable[[Row], None]) -> list[Row]:
        """Give all rows; tell each commit from now on."""
        self._on_commit = on_commit
        return [self._rows[key] for key in self._keys]

    async def range(self, start: str, end: str) -> list[Row]:
        """Rows in key order."""
        keys = self._keys[bisect_left(self._keys, start) : bisect_left(self._keys, end)]
        return [self._rows[key] for key in keys]

    async def commit(self, key: str, value: bytes | None, expected: int) -> Row:
        """Write if the row is still at revision `expected`, else raise Conflict."""
        current = self._rows.get(key) or Row(key, None, 0, 0)
        if current.revision != expected:
            raise Conflict(current)
        self._revision += 1
        row = Row(key, value, self._revision, current.created or self._revision)
        self._keep(row, known=current.revision != 0)
        self._on_commit(row)
        return row

    def _keep(self, row: Row, *, known: bool) -> None:
        if row.value is None:
            if known:
                del self._rows[row.key]
                del self._keys[bisect_left(self._keys, row.key)]
            return
        self._rows[row.key] = row
        if not known:
            insort(self._keys, row.key)

    def fork(self) -> Memory:
        """Another engine that begins with the same rows."""
        other = Memory(revision=self._revision)
        other._rows, other._keys = dict(self._rows), list(self._keys)
        return other

    async def close(self) -> None:
        """Nothing is held."""
