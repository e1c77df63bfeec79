"""How one list becomes another: the edit script that go-cmp finds.

Not the shortest one always: a greedy search from both ends that meets in the middle, within a budget.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple


class Edit(Enum):
    """One step through both lists."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"


class Counts(NamedTuple):
    """How many leaves of two values are equal and how many are not."""

    same: int
    different: int

    @property
    def similar(self) -> bool:
        """Alike enough to be shown as one changed element."""
        return self.same + 1 >= self.different


Compare = Callable[[int, int], Counts]


class _Path:
    """A way through the grid of both lists, from one corner; `step` is 1 from the beginning and -1 from the end."""

    def __init__(self, x: int, y: int, step: int, compare: Compare) -> None:
        self.x, self.y, self.step = x, y, step
        self.edits: list[Edit] = []
        self._compare = compare

    def at(self, x: int, y: int) -> Counts:
        """The elements that a diagonal step from there would pair."""
        return self._compare(x, y) if self.step > 0 else self._compare(x - 1, y - 1)

    def add(self, edit: Edit) -> None:
        """Go one step."""
        self.edits.append(edit)
        self.x += self.step if edit is not Edit.INSERTED else 0
        self.y += self.step if edit is not Edit.REMOVED else 0

    def connect(self, x: int, y: int) -> None:
        """Go to that point."""
        while (left := abs(x - self.x)) and (above := abs(y - self.y)):
            counts = self.at(self.x, self.y)
            if not counts.different:
                self.add(Edit.SAME)
            elif counts.similar:
                self.add(Edit.CHANGED)
            else:
                first = left >= above if self.step > 0 else left > above
                self.add(Edit.REMOVED if first else Edit.INSERTED)
        while self.x != x:
            self.add(Edit.REMOVED)
        while self.y != y:
            self.add(Edit.INSERTED)

    def follow(self, other: _Path) -> None:
        """Go on along equal elements."""
        while self._before(self.x, other.x) and self._before(self.y, other.y):
            if self.at(self.x, self.y).different:
                return
            self.add(Edit.SAME)

    def _before(self, own: int, other: int) -> bool:
        return (other - own) * self.step > 0

    def search(self, x: int, y: int, other: _Path, budget: int) -> tuple[int, int, int]:
        """Look around the point (x, y) for a match and go there; gives the point from which to go on."""
        off_x = off_y = False
        turn = 0
        while not (off_x and off_y) and budget > 0:
            shift = _zigzag(turn) * self.step
            turn += 1
            px, py = x + shift, y - shift
            if not self._before(px, other.x) or self._before(py, self.y):
                off_x = True
            elif not self._before(py, other.y) or self._before(px, self.x):
                off_y = True
            elif not self.at(px, py).different:
                self.connect(px, py)
                self.add(Edit.SAME)
                self.follow(other)
                return self.x, self.y, budget
            else:
                budget -= 1
        return x, y, budget


def _zigzag(turn: int) -> int:
    """0, -1, 1, -2, 2, ..."""
    return ~turn >> 1 if turn & 1 else turn >> 1


def edit_script(nx: int, ny: int, compare: Compare) -> list[Edit]:
    """The steps from a list of nx elements to one of ny; `compare` tells how alike x[i] and y[j] are."""
    forward, backward = _Path(0, 0, 1, compare), _Path(nx, ny, -1, compare)
    (fx, fy), (bx, by) = (0, 0), (nx, ny)
    budget = 4 * (nx + ny)
    while fx < bx and fy < by and budget:
        fx, fy, budget = forward.search(fx, fy, backward, budget)
        if backward.x - fx >= backward.y - fy:
            fx += 1
        else:
            fy += 1
        if fx >= bx or fy >= by or not budget:
            break
        bx, by, budget = backward.search(bx, by, forward, budget)
        if bx - forward.x >= by - forward.y:
            bx -= 1
        else:
            by -= 1
    forward.connect(backward.x, backward.y)
    return forward.edits + backward.edits[::-1]
