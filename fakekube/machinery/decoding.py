"""JSON and YAML to objects: parsed, checked against a type, and put into the shape in which Go holds them.

The quick way is orjson and one walk over the document with functions that are made once for each type. Whatever it does
not like goes the slow way: machinery.jsoniter works out the real server's words, and if that one finds nothing to say,
the text is read again with duplicate keys and the numbers' own digits.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from fakekube.machinery.quantity import QuantityError, canonical
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.times import TimeError, canonical_micro, canonical_time

Read = Callable[[Any], Any]

MAX_DEPTH = 250
"""Levels of nesting; the real server takes 10,000, of which no object makes use."""
TOO_DEEP = "exceeded max depth"
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)
_EXACT_FLOAT = 2.0**53


class DecodeError(ValueError):
    """What a client sent is not what it should be; the text is the real server's."""


class Unrecognized(DecodeError):
    """Not even the kind of it could be found out."""


class _Mismatch(Exception):
    """The quick way ends here."""


# Documents


def decode_json(data: bytes) -> Any:
    """The document. Raises Unrecognized."""
    try:
        document = orjson.loads(data)
        again = orjson.dumps(document)
    except (ValueError, TypeError, RecursionError):
        return _decode_carefully(data)
    if _quotes(data) != _quotes(again):  # a key came twice, and orjson has kept one
        return _decode_carefully(data)
    return document


def decode_yaml(data: bytes) -> Any:
    """The first document of a stream, as sigs.k8s.io/yaml makes JSON of it. Raises Unrecognized."""
    from fakekube.machinery import goyaml

    try:
        return goyaml.load(data)
    except goyaml.YamlError as error:
        raise Unrecognized(str(error)) from None


def _quotes(data: bytes) -> int:
    """How many double quotes there are that are not escaped."""
    count = data.count(b'"')
    if b"\\" in data:
        count -= data.replace(b"\\\\", b"").count(b'\\"')
    return count


class Repeated(dict[str, Any]):
    """An object some of whose keys come more than once. Read as a plain dict the last value counts."""

    __slots__ = ("pairs",)
    pairs: list[tuple[str, Any]]


class Suspect(dict[str, Any]):
    """A document that has to be looked at closely: there is a number in it that is too large."""


class _Number(float):
    """A number with a fraction or exponent, and how it was written."""

    text: str


def _number(text: str) -> _Number:
    number = _Number(text)
    number.text = text
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = Repeated(plain)
    repeated.pairs = pairs
    return repeated


def _decode_carefully(data: bytes) -> Any:
    from fakekube.machinery.gojson import syntax_error

    error = syntax_error(data)
    try:
        if error is None:
            document = _parse(data)
            orjson.dumps(document)
            return Suspect(document) if isinstance(document, dict) and not _is_finite(document) else document
    except (RecursionError, TypeError, ValueError):
        error = f"invalid character '[' {TOO_DEEP}"
    raise Unrecognized(f"couldn't get version/kind; json parse error: {error}")


def _parse(data: bytes, *, exactly: bool = False) -> Any:
    """Valid JSON; `exactly` keeps how numbers are written."""
    import json

    from fakekube.machinery.gojson import text_of

    parse_float, parse_int = (_number, _long_integer) if exactly else (float, _integer)
    return json.loads(text_of(data), object_pairs_hook=_object, parse_float=parse_float, parse_int=parse_int)


def _is_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or value - value == 0


def _integer(text: str) -> int | float:
    number = int(text) if len(text) < 25 else 2**64
    return number if -(2**63) <= number < 2**64 else float(text)


def _long_integer(text: str) -> int | float:
    return int(text) if len(text) < 4000 else _number(text)


# Kinds


class Kind(NamedTuple):
    """Group, version and kind."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """As in apiVersion: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version


def identify(document: Any, default: Kind) -> Kind:
    """What a document says that it is; `default` fills in what it leaves out. Raises Unrecognized."""
    found = {"apiVersion": "", "kind": ""}
    if isinstance(document, dict):
        found.update(_named(document))
    elif document is not None:
        from fakekube.machinery.gojson import type_error

        tags = r'APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\""'
        raise _unidentified(type_error(document, f"struct {{ {tags} }}"))
    group, version = _group_version(found["apiVersion"])
    if not version and group in ("", default.group):
        group, version = default.group, default.version
    return Kind(group, version, found["kind"] or default.kind)


def _named(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """apiVersion and kind; encoding/json reads their names in any case, and nulls say nothing. Raises Unrecognized."""
    for key, value in document.items():
        field = {"apiversion": "apiVersion", "kind": "kind"}.get(key.lower())
        if field is None or value is None:
            continue
        if not isinstance(value, str):
            from fakekube.machinery.gojson import type_error

            raise _unidentified(type_error(value, "string", "", field))
        yield field, value


def _unidentified(text: str) -> Unrecognized:
    return Unrecognized(f"couldn't get version/kind; json parse error: {text}")


def _group_version(text: str) -> tuple[str, str]:
    if text in ("", "/"):
        return "", ""
    if text.count("/") > 1:
        raise Unrecognized(f"unexpected GroupVersion string: {text}")
    group, _, version = text.rpartition("/")
    return group, version


def refusal(error: str, found: Kind | None, expected: str, raw: bytes) -> str:
    """The message of the 400 for a body that is no object of the kind `expected`; `found` is None for Unrecognized."""
    if found is not None and found.kind:
        return f'{found.kind} in version "{found.version}" cannot be handled as a {expected}: {error}'
    return f"the object provided is unrecognized (must be of type {expected}): {error} ({summary(raw)})"


def summary(raw: bytes, limit: int = 30) -> str:
    """The beginning of a body: as text if it looks like JSON, in hexadecimal otherwise."""
    from fakekube.machinery.jsoniter import go_text

    if not raw:
        return "<empty>"
    shown = go_text(raw[:limit]) if raw[:1] == b"{" else raw[:limit].hex()
    return f"{shown} ..." if len(raw) > limit else shown


def missing(what: str, raw: bytes) -> str:
    """The error of an object without "Kind" or "apiVersion", where nothing fills it in."""
    from fakekube.machinery.jsoniter import go_text

    return f"Object '{what}' is missing in '{go_text(raw)}'"


def check_custom(document: Any, raw: bytes) -> None:
    """What the real server checks of a custom resource's body before it knows more. Raises DecodeError."""
    from fakekube.machinery.jsoniter import custom_error_text

    kind = document.get("kind") if isinstance(document, dict) else None
    if (text := custom_error_text(raw or dumps(document), isinstance(kind, str) and kind != "")) is not None:
        raise DecodeError(text)


LEGACY_SCHEME = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"
EXTENSIONS_SCHEME = "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:52"
AGGREGATOR_SCHEME = "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:32"


def not_registered(found: Kind, scheme: str = LEGACY_SCHEME) -> str:
    """The error of a kind that does not exist in its version."""
    return f'no kind "{found.kind}" is registered for version "{found.api_version}" in scheme "{scheme}"'


def unknown_conversion(found: str, expected: str) -> str:
    """The error of another kind than the endpoint's, named as in Go: "v1.Secret", "core.ConfigMap"."""
    return f"converting ({found}) to ({expected}): unknown conversion"


def version_mismatch(found: Kind, expected: Kind) -> str:
    """The message of the 400 for an object of the right kind in another version than the endpoint's."""
    versions = f"({found.api_version}) does not match the expected API version ({expected.api_version})"
    return f"the API version in the data {versions}"


# Values


def convert(value: Any, type_: Type, raw: bytes = b"") -> Any:
    """A fresh object of the type out of a parsed document. Raises DecodeError.

    Unknown fields and nulls are dropped; quantities, times and base64 are written as the real server writes them;
    fields come in the type's order, together with those that are always there. `raw` is the JSON that the document was read
    from; without it the document is written anew where an error has to quote it, as after YAML.
    """
    if value is None:
        return _zero(type_)()
    try:
        return reader(type_)(value)
    except _Mismatch:
        return _convert_carefully(value, type_, raw)
    except RecursionError:
        raise DecodeError(TOO_DEEP) from None


def _convert_carefully(value: Any, type_: Type, raw: bytes) -> Any:
    from fakekube.machinery.jsoniter import error_text

    raw = raw or dumps(value)
    try:
        text = error_text(raw, type_)
        if text is None:
            return _plain(reader(type_)(_parse(raw, exactly=True)))
    except _Mismatch:
        text = "the value does not fit its type"
    except (RecursionError, ValueError):
        text = TOO_DEEP
    raise DecodeError(text)


_HTML = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


def dumps(value: Any) -> bytes:
    """JSON as Go's encoder writes maps: keys sorted, and what could end a script element escaped."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    for char, escape in _HTML:
        data = data.replace(char, escape)
    return data


def in_order(value: Any) -> Any:
    """A copy of JSON with the keys of every object sorted."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """The value without what remembers its text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, _Number) or (type(value) is int and not -(2**63) <= value < 2**64):
        return float(value)
    return value


def reader(type_: Type) -> Read:
    """The function that checks and converts a value of the type; made when it is first asked for."""
    if type_.reader is None:
        type_.reader = _MAKERS[type_.form](type_)
    return type_.reader


def _make_struct(type_: Type) -> Read:
    if not type_.go:
        from fakekube.machinery.pruning import prune

        return lambda value: prune(value, type_)
    entries: dict[str, tuple[type | None, Read, int, bool]] = {}
    order: list[str] = []
    always: list[tuple[str, Callable[[], Any]]] = []

    def fill() -> None:  # late, because types refer to themselves, and most are never met
        for rank, (name, field) in enumerate(type_.fields.items()):
            entries[name] = _CHECKED.get(field.type.form), reader(field.type), rank, field.drops_empty
        order.extend(type_.fields)
        always.extend((field.name, field.empty) for field in type_.always)

    def read(value: Any) -> dict[str, Any]:
        if not order:
            fill()
        out: dict[str, Any] = {}
        last, ordered = -1, True
        for name, item in (value if type(value) is dict else _members(value, type_)).items():
            entry = entries.get(name)
            if entry is None or item is None:
                continue
            wanted, convert_item, rank, drops_empty = entry
            if wanted is None:
                item = convert_item(item)
            elif type(item) is not wanted:
                raise _Mismatch
            if drops_empty and not item:
                continue
            out[name] = item
            if rank < last:
                ordered = False
            last = rank
        for name, empty in always:
            if name not in out:
                out[name] = empty()
                ordered = False
        return out if ordered else {name: out[name] for name in order if name in out}

    return read


_CHECKED = {Form.STRING: str, Form.BOOLEAN: bool}
"""Values that need no more than to be of a type of Python's."""


def _members(value: Any, type_: Type) -> dict[str, Any]:
    """The members of an object with keys that come twice: the later one is read into the earlier one, as by Go."""
    if not isinstance(value, Repeated):
        raise _Mismatch
    merged: dict[str, Any] = {}
    for name, item in value.pairs:
        field = type_.fields.get(name)
        merged[name] = _merged(merged[name], item, field) if field is not None and name in merged else item
    return merged


_KEPT_BY_NULL = (Form.INTEGER, Form.NUMBER, Form.BOOLEAN)


def _merged(old: Any, new: Any, field: Field) -> Any:
    if new is None:
        return old if not field.pointer and (field.struct or field.type.form in _KEPT_BY_NULL) else None
    return _merged_values(old, new, field.type)


def _merged_values(old: Any, new: Any, type_: Type) -> Any:
    if isinstance(old, dict) and isinstance(new, dict) and type_.form in (Form.OBJECT, Form.MAP):
        pairs = _object([*getattr(old, "pairs", old.items()), *getattr(new, "pairs", new.items())])
        return pairs if type_.form is Form.OBJECT else dict(pairs)
    if isinstance(old, list) and isinstance(new, list) and type_.form is Form.LIST and type_.element is not None:
        element = type_.element
        both = [_merged_values(a, b, element) for a, b in zip(old, new, strict=False)]
        return both + new[len(both) :]
    return new


def _zero(type_: Type) -> Callable[[], Any]:
    """What null stands for in a list or map."""
    if type_.form is Form.OBJECT and type_.go:
        return type_.empty
    zero = _ZEROES.get(type_.form)
    return lambda: zero


_ZEROES: dict[Form, Any] = {
    Form.STRING: "",
    Form.INTEGER: 0,
    Form.NUMBER: 0,
    Form.BOOLEAN: False,
    Form.QUANTITY: "0",
    Form.INT_OR_STRING: 0,
}


def _make_list(type_: Type) -> Read:
    element = type_.element or Type(Form.ANY)
    wanted, zero = _CHECKED.get(element.form), _zero(element)

    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _Mismatch
        convert_item = reader(element)
        return [zero() if item is None else convert_item(item) for item in value]

    def read_checked(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _Mismatch
        for item in value:
            if type(item) is not wanted:
                return read(value)
        return value[:]

    return read if wanted is None else read_checked


def _make_map(type_: Type) -> Read:
    element = type_.element or Type(Form.ANY)
    wanted, zero = _CHECKED.get(element.form), _zero(element)

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Mismatch
        convert_item = reader(element)
        items = ((key, value[key]) for key in sorted(value))
        return {key: zero() if item is None else convert_item(item) for key, item in items}

    def read_checked(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _Mismatch
        for item in value.values():
            if type(item) is not wanted:
                return read(value)
        return dict(value) if len(value) < 2 else {key: value[key] for key in sorted(value)}

    return read if wanted is None else read_checked


def _make_union(type_: Type) -> Read:
    element, alternative = type_.element or Type(Form.ANY), type_.alternative or Type(Form.ANY)

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return reader(element)(value)
        if alternative.form is Form.LIST and (not value or not isinstance(value, list)):
            return None  # as the real one shows whatever else there is
        return reader(alternative)(value)

    return read


def _scalar(wanted: type) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise _Mismatch
        return value

    return read


def _make_integer(type_: Type) -> Read:
    allowed = _INT32 if type_.bits == 32 else _INT64

    def read(value: Any) -> int:
        if type(value) is int and value in allowed:
            return value
        raise _Mismatch

    return read


def _read_number(value: Any) -> int | float:
    """A float64, with the fewest digits that stand for it: 5.0 is written as 5."""
    if type(value) is int:
        return value if abs(value) < _EXACT_FLOAT else _read_number(float(value))
    if not isinstance(value, float) or value - value != 0:  # infinite
        raise _Mismatch
    if value.is_integer() and abs(value) < 1e21:
        return int(value) if abs(value) < _EXACT_FLOAT else int(f"{value!r}".partition("e")[0].replace(".", "") or 0)
    return float(value)


def _read_bytes(value: Any) -> str:
    """Base64, written without line breaks."""
    try:
        if type(value) is str:
            data = binascii.a2b_base64(value.replace("\n", "").replace("\r", ""), strict_mode=True)
        elif type(value) is list:
            data = bytes(value)
        else:
            raise _Mismatch
        return binascii.b2a_base64(data, newline=False).decode()
    except (ValueError, TypeError):
        raise _Mismatch from None


def _read_time(value: Any) -> str | None:
    try:
        if type(value) is str:
            return canonical_time(value)
    except TimeError:
        pass
    raise _Mismatch


def _read_micro_time(value: Any) -> str | None:
    try:
        if type(value) is str:
            return canonical_micro(value)
    except TimeError:
        pass
    raise _Mismatch


def _read_quantity(value: Any) -> str:
    try:
        if type(value) is str:
            return canonical(value)
        if type(value) is int or isinstance(value, _Number):
            return canonical(getattr(value, "text", None) or str(value))
    except QuantityError:
        pass
    raise _Mismatch


def _read_int_or_string(value: Any) -> int | str:
    if type(value) is str or (type(value) is int and value in _INT32):
        return value
    raise _Mismatch


def _as_it_is(value: Any) -> Any:
    return value


_MAKERS: dict[Form, Callable[[Type], Read]] = {
    Form.OBJECT: _make_struct,
    Form.MAP: _make_map,
    Form.LIST: _make_list,
    Form.UNION: _make_union,
    Form.STRING: lambda _: _scalar(str),
    Form.BOOLEAN: lambda _: _scalar(bool),
    Form.INTEGER: _make_integer,
    Form.NUMBER: lambda _: _read_number,
    Form.BYTES: lambda _: _read_bytes,
    Form.TIME: lambda _: _read_time,
    Form.MICRO_TIME: lambda _: _read_micro_time,
    Form.QUANTITY: lambda _: _read_quantity,
    Form.INT_OR_STRING: lambda _: _read_int_or_string,
    Form.ANY: lambda _: _as_it_is,
}
