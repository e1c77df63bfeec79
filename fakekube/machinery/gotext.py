"""JSON values as Go prints them, since the texts of patch errors show them so."""

from __future__ import annotations

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
    return goformat.float_text(value) if isinstance(value, float) else str(value)


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


def syntax(value: Any) -> str:
    """%#v of a decoded value: map[string]interface {}{"a":1}."""
    return "interface {}(nil)" if value is None else goformat.go_syntax(value)
