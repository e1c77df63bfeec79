"""JSON indented for people, byte for byte as kube-apiserver's encoder (json-iterator's MarshalIndent) writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

RAW = frozenset({"fieldsV1"})
"""Fields that the real server holds as raw JSON, which its encoder does not indent."""
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_ESCAPED = re.compile("[<>&\u2028\u2029]")


def pretty(data: bytes) -> bytes:
    """Compact JSON with two spaces of indent; an empty object stands over three lines, an empty list on one."""
    value = orjson.loads(data)
    table = isinstance(value, dict) and value.get("kind") == "Table"
    return "".join(_indented(value, "\n", table)).encode()


def _indented(value: Any, line: str, table: bool) -> Iterator[str]:
    deeper = line + "  "
    if isinstance(value, dict):
        yield "{" + deeper
        for index, (key, item) in enumerate(value.items()):
            yield f"{',' + deeper if index else ''}{_scalar(key)}: "
            raw = key in RAW or (table and key == "object")
            yield from (_scalar(item),) if raw else _indented(item, deeper, table)
        yield line + "}"
    elif isinstance(value, list) and value:
        yield "[" + deeper
        for index, item in enumerate(value):
            if index:
                yield "," + deeper
            yield from _indented(item, deeper, table)
        yield line + "]"
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], orjson.dumps(value).decode())
