"""What an engine is: bytes in, revisions out. It knows nothing of Kubernetes.

One revision counts every commit of an engine, as in etcd. A range is start <= key < end. One contract test-suite
(tests/unit/storage) runs against every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Row(NamedTuple):
    """One key's value. `value` is None in the row that tells of a deletion."""

    key: str
    value: bytes | None
    revision: int
    """Of the commit that wrote it."""
    created: int
    """The revision at which the key came to be; 0 where it is absent."""


class Conflict(Exception):
    """The row was not at the revision that the writer expected."""

    def __init__(self, current: Row) -> None:
        super().__init__(f"{current.key} is at revision {current.revision}")
        self.current = current


class Engine(Protocol):
    """A key-value store with one revision for everything."""

    @property
    def revision(self) -> int:
        """Of the last commit that this engine knows of."""

    async def start(self, on_commit: Callable[[Row], None]) -> list[Row]:
        """Open the store and give all rows in key order; from then on, tell each commit once, in order.

        A commit's own row has been told before `commit` returns.
        """

    async def range(self, start: str, end: str) -> list[Row]:
        """Rows in key order."""

    async def commit(self, key: str, value: bytes | None, expected: int) -> Row:
        """Write `value` (None: delete) if the row is still at revision `expected` (0: absent), else raise Conflict."""

    async def close(self) -> None:
        """Release what the engine holds; every acknowledged write is kept by then."""
