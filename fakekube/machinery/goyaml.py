"""YAML as the real server reads it: go-yaml's rules for scalars, merges and aliases, then sigs.k8s.io/yaml's for JSON.

Both follow YAML 1.1: yes, on and y are true, 010 is eight. PyYAML's binding of libyaml gives the events, for go-yaml is
a translation of the same library and words its errors alike.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Iterator
from typing import Any

import yaml

from fakekube.machinery import times
from fakekube.machinery.goformat import go_syntax

TAG = "tag:yaml.org,2002:"
STR, BOOL, INT, FLOAT, NULL, TIMESTAMP, BINARY, MERGE = (
    TAG + name for name in ("str", "bool", "int", "float", "null", "timestamp", "binary", "merge")
)
_RESOLVABLE = frozenset({"", STR, BOOL, INT, FLOAT, NULL, TIMESTAMP})
_WORDS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), (BOOL, True)),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), (BOOL, False)),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), (NULL, None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), (FLOAT, math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), (FLOAT, math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), (FLOAT, -math.inf)),
    "<<": (MERGE, "<<"),
}
_HINTS = frozenset("+-0123456789yYnNtTfFoO~.")
_INTEGER = re.compile(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
    r"| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?"
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ALIAS_LOW, ALIAS_HIGH = 400_000, 4_000_000
"""Between so many nodes the share that may come from aliases falls from 99 to 10 percent."""


class YamlError(ValueError):
    """The stream is no YAML, or cannot be JSON; the text is go-yaml's."""


class _Node:
    """A node of the document. `items` are a sequence's nodes, or a mapping's keys and values by turns."""

    __slots__ = ("alias", "implicit", "items", "kind", "tag", "value")

    def __init__(self, kind: str, value: str = "", tag: str = "", *, implicit: bool = False) -> None:
        self.kind = kind
        self.value = value
        self.tag = tag
        self.implicit = implicit
        self.items: list[_Node] = []
        self.alias: _Node | None = None


def load(data: bytes) -> Any:
    """The first document of the stream as JSON. Raises YamlError."""
    try:
        node = _document(iter(yaml.parse(data or b"\n", Loader=_LOADER)))
        return None if node is None else _json(_Decoder().decode(node))
    except yaml.reader.ReaderError as error:
        raise YamlError(f"yaml: {error.reason}") from None
    except yaml.MarkedYAMLError as error:
        raise YamlError(f"yaml: {_place(error)}{error.problem}") from None
    except yaml.YAMLError as error:
        raise YamlError(f"yaml: {error}") from None
    except UnicodeError:
        raise YamlError("yaml: invalid leading UTF-8 octet") from None
    except RecursionError:
        raise YamlError("yaml: exceeded max depth of 10000") from None


def _place(error: yaml.MarkedYAMLError) -> str:
    """Lines count from 0, and from 1 in errors of the scanner; the first line is not told."""
    line = error.problem_mark.line if error.problem_mark is not None else 0
    if line:
        line += isinstance(error, yaml.scanner.ScannerError)
    elif error.context_mark is not None:
        line = error.context_mark.line
    return f"line {line}: " if line else ""


# Events to nodes


def _document(events: Iterator[Any]) -> _Node | None:
    anchors: dict[str, _Node] = {}
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if event.version not in (None, (1, 1)):
                raise YamlError("yaml: found incompatible YAML document")
            node = _node(next(events), events, anchors)
            next(events)  # the document's end: an error in front of it counts
            return node
    return None


def _node(event: Any, events: Iterator[Any], anchors: dict[str, _Node]) -> _Node:
    if isinstance(event, yaml.AliasEvent):
        node = _Node("alias", event.anchor or "")
        node.alias = anchors.get(node.value)
        if node.alias is None:
            raise YamlError(f"yaml: unknown anchor '{event.anchor}' referenced")
        return node
    if isinstance(event, yaml.ScalarEvent):
        node = _Node("scalar", event.value, event.tag or "", implicit=event.implicit[0])
    else:
        node = _Node("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence")
    if event.anchor:
        anchors[event.anchor] = node
    if node.kind != "scalar":
        while not isinstance(event := next(events), yaml.CollectionEndEvent):
            node.items.append(_node(event, events, anchors))
    return node


# Nodes to values


class _Decoder:
    """Makes values of nodes, and counts them against bombs of aliases."""

    def __init__(self) -> None:
        self.open: set[int] = set()
        self.count = 0
        self.from_aliases = 0

    def decode(self, node: _Node) -> Any:
        """A scalar, a list, or a dict whose keys are still what YAML has them."""
        self._count()
        if node.kind == "alias":
            return self._alias(node)
        if node.kind == "scalar":
            return scalar(node.tag, node.value, implicit=node.implicit)
        if node.kind == "sequence":
            return [self.decode(item) for item in node.items]
        out: dict[Any, Any] = {}
        self._mapping(node, out)
        return out

    def _count(self) -> None:
        self.count += 1
        self.from_aliases += bool(self.open)
        if self.from_aliases <= 100 or self.count <= 1000:
            return
        share = min(max((self.count - ALIAS_LOW) / (ALIAS_HIGH - ALIAS_LOW), 0.0), 1.0)
        if self.from_aliases / self.count > 0.99 - 0.89 * share:
            raise YamlError("yaml: document contains excessive aliasing")

    def _target(self, node: _Node) -> _Node:
        if id(node) in self.open:
            raise YamlError(f"yaml: anchor '{node.value}' value contains itself")
        if node.alias is None:
            raise YamlError(f"yaml: unknown anchor '{node.value}' referenced")
        return node.alias

    def _alias(self, node: _Node) -> Any:
        target = self._target(node)
        self.open.add(id(node))
        value = self.decode(target)
        self.open.discard(id(node))
        return value

    def _mapping(self, node: _Node, out: dict[Any, Any]) -> None:
        pairs = iter(node.items)
        for key_node, value_node in zip(pairs, pairs, strict=True):
            if key_node.kind == "scalar" and key_node.value == "<<" and (key_node.implicit or key_node.tag == MERGE):
                self._merge(value_node, out)
                continue
            key = self.decode(key_node)
            if isinstance(key, dict | list):
                raise YamlError(f"yaml: invalid map key: {go_syntax(key, '')}")
            out[_Key(key)] = self.decode(value_node)

    def _merge(self, node: _Node, out: dict[Any, Any]) -> None:
        """Earlier ones of a list of mappings win."""
        for item in reversed(node.items) if node.kind == "sequence" else [node]:
            target = item.alias if item.kind == "alias" else item
            if target is None or target.kind != "mapping":
                raise YamlError("yaml: map merge requires map or sequence of maps as the value")
            self._count()
            if item.kind == "alias":
                self._target(item)
                self.open.add(id(item))
                self._count()
            self._mapping(target, out)
            self.open.discard(id(item))


class _Key:
    """A key of any scalar type: for Python True, 1 and 1.0 were one key."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def scalar(tag: str, text: str, *, implicit: bool) -> Any:
    """What a scalar means. Raises YamlError."""
    if not tag and not implicit:
        return text
    found, value = _resolve(tag, text)
    if found == BINARY:
        try:
            return base64.b64decode(text.replace("\n", ""), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise YamlError("yaml: !!binary value contains invalid base64 data") from None
    return text if found == TIMESTAMP else value


def is_text(text: str) -> bool:
    """Whether a plain scalar of that text is read as a string."""
    return _guess("", text)[0] == STR


def _resolve(tag: str, text: str) -> tuple[str, Any]:
    if tag not in _RESOLVABLE:
        return tag, text
    found, value = _guess(tag, text)
    if tag in ("", found, STR):
        return found, value
    if tag == FLOAT and found == INT and value < 2**63:
        return FLOAT, float(value)
    raise YamlError(f"yaml: cannot decode {_short(found)} `{text}` as a {_short(tag)}")


def _short(tag: str) -> str:
    return tag.replace(TAG, "!!")


def _guess(tag: str, text: str) -> tuple[str, Any]:
    if tag == STR:
        return STR, text
    if text and text[0] not in _HINTS and text != "<<":
        return STR, text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return (FLOAT, float(text)) if _DOT_FLOAT.fullmatch(text) and _finite(text) else (STR, text)
    if tag in ("", TIMESTAMP) and _is_timestamp(text):
        return TIMESTAMP, text
    return _guess_number(text.replace("_", "")) or (STR, text)


def _guess_number(text: str) -> tuple[str, Any] | None:
    if match := _INTEGER.fullmatch(text):
        sign, *digits = match.groups()
        value = next(int(part, base) for part, base in zip(digits, (16, 2, 8, 10), strict=True) if part)
        value = -value if sign == "-" else value
        if -(2**63) <= value < 2**63 or (value < 2**64 and not sign):
            return INT, value
    if _FLOAT.fullmatch(text) and _finite(text):
        return FLOAT, float(text)
    return None


def _finite(text: str) -> bool:
    return math.isfinite(float(text))


def _is_timestamp(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day, *clock = (int(part) for part in filter(None, match.groups()))
    fits = 1 <= month <= 12 and 1 <= day <= times.days_in(year, month)
    return fits and all(value < limit for value, limit in zip(clock, (24, 60, 60), strict=False))


# Values to JSON


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {_json_key(key.value, item): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return _json_number(value)
    return value


def _json_number(value: float) -> int | float:
    if not math.isfinite(value):
        shown = "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
        raise YamlError(f"json: unsupported value: {shown}")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _json_key(key: Any, value: Any) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, float):
        return _short_float(key)
    if isinstance(key, int) and key < 2**63:
        return str(key)
    name, shown = ("uint64", f"{key:#x}") if isinstance(key, int) else ("%!s(<nil>)", "<nil>")
    raise YamlError(f"Unsupported map key of type: {name}, key: {shown}, value: {go_syntax(value, '')}")


def _short_float(value: float) -> str:
    """With as many digits as tell it from other numbers of 32 bits."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    try:
        wanted = struct.pack("f", value)
    except OverflowError:
        return ".inf" if value > 0 else "-.inf"
    (value,) = struct.unpack("f", wanted)
    texts = (f"{value:.{digits}e}" for digits in range(9))
    shortest = next(text for text in texts if struct.pack("f", float(text)) == wanted)
    mantissa, exponent = shortest.split("e")
    digits = mantissa.replace("-", "").replace(".", "")
    if not -4 <= int(exponent) < 6:
        return shortest
    return f"{float(shortest):.{max(len(digits) - 1 - int(exponent), 0)}f}"
