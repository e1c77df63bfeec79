"""JSON and YAML to objects: parsed, checked against a type, and put into the shape in which Go holds them.

The quick way is orjson and one walk over the document with functions that are made once for each type. Whatever it does
not like goes the slow way: machinery.jsoniter works out the real server's words, and if that one finds nothing to say,
the text is read again with duplicate keys and the numbers' own digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from fakekube.machinery.conversion import Mismatch, Number, number, object_of, reader, zero_of
from fakekube.machinery.goformat import quote
from fakekube.machinery.schema import Type

MAX_DEPTH = 250
"""Levels of nesting; the real server takes 10,000, of which no object makes use."""
TOO_DEEP = "exceeded max depth"


class DecodeError(ValueError):
    """What a client sent is not what it should be; the text is the real server's."""


class Unrecognized(DecodeError):
    """Not even the kind of it could be found out."""


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
        document = goyaml.load(data)
        orjson.dumps(document)  # fails when it is nested too deeply for everything that follows
    except goyaml.YamlError as error:
        raise Unrecognized(str(error)) from None
    except TypeError:
        raise Unrecognized(f"yaml: {TOO_DEEP} of 10000") from None
    return document


def decode_recognized(data: bytes) -> Any:
    """The document, which is JSON if it begins like an object, and else YAML. Raises Unrecognized."""
    return decode_json(data) if data.lstrip()[:1] == b"{" else decode_yaml(data)


def decode_apply(data: bytes) -> dict[str, Any]:
    """The object of a server-side apply's body. Raises DecodeError."""
    from fakekube.machinery import goyaml, unmarshal

    try:
        document = goyaml.load(data)
        orjson.dumps(document)
    except goyaml.YamlError as error:
        raise DecodeError(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    except TypeError:
        raise DecodeError(f"error decoding YAML: {TOO_DEEP}") from None
    if isinstance(document, dict):
        return document
    if document is None:
        return {}
    error_text = unmarshal.type_error(document, "map[string]interface {}")
    raise DecodeError(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {error_text}")


def _quotes(data: bytes) -> int:
    """How many double quotes there are that are not escaped."""
    count = data.count(b'"')
    if b"\\" in data:
        count -= data.replace(b"\\\\", b"").count(b'\\"')
    return count


class Suspect(dict[str, Any]):
    """A document that has to be looked at closely: there is a number in it that is too large."""


def _decode_carefully(data: bytes) -> Any:
    from fakekube.machinery.unmarshal import syntax_error

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

    from fakekube.machinery.unmarshal import text_of

    parse_float, parse_int = (number, _long_integer) if exactly else (float, _integer)
    return json.loads(text_of(data), object_pairs_hook=object_of, parse_float=parse_float, parse_int=parse_int)


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
    return int(text) if len(text) < 4000 else number(text)


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
        from fakekube.machinery.unmarshal import type_error

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
            from fakekube.machinery.unmarshal import type_error

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
        return f"{found.kind} in version {quote(found.version)} cannot be handled as a {expected}: {error}"
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
    return f'no kind {quote(found.kind)} is registered for version {quote(found.api_version)} in scheme "{scheme}"'


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

    Unknown fields and nulls are dropped, empty lists and maps are not; quantities, times and base64 are written as
    the real server writes them; fields come in the type's order, together with those that are always there. `raw` is
    the JSON that the document was read from; without it the document is written anew where an error has to quote it,
    as after YAML.
    """
    if value is None:
        return zero_of(type_)()
    try:
        return reader(type_)(value)
    except Mismatch:
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
    except Mismatch:
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
    if isinstance(value, Number) or (type(value) is int and not -(2**63) <= value < 2**64):
        return float(value)
    return value
