"""JSON values as Go prints them, since the texts of patch errors show them so."""

from __future__ import annotations

import math
from typing import Any

from fakekube.machinery import goformat


def text(value: Any) -> str:
    """%v of a decoded value: map[a:1 b:[x y]]."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{text(item)}' for key, item in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(text, value))}]"
    return _float(value) if isinstance(value, float) else str(value)


def type_name(value: Any) -> str:
    """The Go type in which a decoded value is held."""
    if value is None:
        return "%!s(<nil>)"
    return _TYPES[type(value)]


_TYPES = {
    bool: "bool",
    int: "int64",
    float: "float64",
    str: "string",
    list: "[]interface {}",
    dict: "map[string]interface {}",
}


def _float(value: float) -> str:
    """%v of a float64: the shortest digits, an exponent below 1e-4 and from 1e21."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    mantissa, _, exponent = f"{value!r}e".partition("e")
    if value == 0 or 1e-4 <= abs(value) < 1e21:
        from decimal import Decimal

        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    power = int(exponent.rstrip("e"))
    return f"{mantissa.removesuffix('.0')}e{'-' if power < 0 else '+'}{abs(power):02d}"


def syntax(value: Any) -> str:
    """%#v of a decoded value: map[string]interface {}{"a":1}."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, str):
        return goformat.quote(value)
    if isinstance(value, dict):
        pairs = ", ".join(f"{goformat.quote(key)}:{syntax(item)}" for key, item in sorted(value.items()))
        return f"map[string]interface {{}}{{{pairs}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(syntax, value))}}}"
    return text(value)
