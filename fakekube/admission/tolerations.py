"""Tolerations as sets: which one covers another, how two lists become one. Follows pkg/util/tolerations."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.machinery.objects import Object

FIELDS = ("key", "operator", "value", "effect", "tolerationSeconds")


def merge(first: Sequence[Object], second: Sequence[Object]) -> list[Object]:
    """Both lists without those that another one covers; of equal ones the first stays."""
    everything = [*first, *second]
    merged: list[Object] = []
    for index, toleration in enumerate(everything):
        if any(covers(kept, toleration) for kept in merged):
            continue
        later = everything[index + 1 :]
        if any(not _same(other, toleration) and covers(other, toleration) for other in later):
            continue
        merged.append(toleration)
    return merged


def allowed(tolerations: Sequence[Object], whitelist: Sequence[Object]) -> bool:
    """Whether each is covered by one of the whitelist; an empty one allows all."""
    return not whitelist or all(any(covers(wide, one) for wide in whitelist) for one in tolerations)


def covers(wide: Object, narrow: Object) -> bool:
    """Whether `wide` tolerates everything that `narrow` does."""
    if _same(wide, narrow):
        return True
    key, operator, value, effect, seconds = (wide.get(name) for name in FIELDS)
    if narrow.get("key", "") != (key or "") and (key or operator != "Exists"):
        return False
    if effect and narrow.get("effect", "") != effect:
        return False
    if effect == "NoExecute" and seconds is not None:
        own = narrow.get("tolerationSeconds")
        if own is None or own > seconds:
            return False
    if operator in (None, "", "Equal"):
        return bool(narrow.get("operator") == "Equal" and narrow.get("value", "") == (value or ""))
    return bool(operator == "Exists")


def _same(a: Object, b: Object) -> bool:
    """Unset and empty texts are the same, unset and zero seconds are not."""
    same_texts = all((a.get(name) or "") == (b.get(name) or "") for name in FIELDS[:4])
    return bool(same_texts and a.get("tolerationSeconds") == b.get("tolerationSeconds"))
