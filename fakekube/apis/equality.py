"""Whether an update changes a value, as the server sees it."""

from __future__ import annotations

from typing import Any


def same(new: Any, old: Any, type_: str) -> bool:
    """Whether the server sees no difference between two values of that Go type: none and empty are the same."""
    if new == old:
        return True
    from fakekube.apis import difference  # slow to load, and most updates change nothing here

    return difference.same(new, old, type_)
