"""Whether and how two values of a Go type differ, as the server sees it: clients see it in refused updates.

The types are those of the server's internal objects (see machinery.goformat). Imported only where objects are not
plainly equal.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fakekube.machinery.godiff import GoType, Types, compare, report, semantically_equal, view


def _selector_text(selector: tuple[Any, ...]) -> str:
    """String() of a LabelSelector."""
    labels, expressions = selector
    shown = "".join(f"{key}: {value}," for key, value in (labels or {}).items())
    items = "".join(
        f"LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{' '.join(values or ())}],}},"
        for key, operator, values in expressions or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{shown}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{items}}},}}"
    )


@cache
def _type(name: str) -> GoType:
    return Types({"v1.LabelSelector": _selector_text, "resource.Quantity": str})(name)


def same(new: Any, old: Any, type_: str) -> bool:
    """Whether the server sees no difference: nil and empty are the same, 1 and 1000m too."""
    if new == old:
        return True
    go = _type(type_)
    return semantically_equal(go, view(new, go), view(old, go))


def difference(new: Any, old: Any, type_: str) -> str:
    """The difference as text, "" where the server sees none."""
    if new == old:
        return ""
    go = _type(type_)
    x, y = view(new, go), view(old, go)
    return "" if semantically_equal(go, x, y) else report(compare(go, x, y))
