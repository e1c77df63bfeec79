"""Claims as Go's structs hold them: what has another type than its field is a fault of the token.

Follows go-jose's jwt.Claims and the private claims of pkg/serviceaccount. Of several faults the first one counts, the
common claims before the private ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekube.authn.request import Rejected
from fakekube.authn.tokens import BOUND_CLAIM, LEGACY_CLAIM
from fakekube.machinery.objects import Object

Convert = Callable[[Any], Any]
"""A value as its field holds it. Raises Rejected."""

_JSON_KINDS = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
_INT64 = 1 << 63


def read(claims: Object, *structs: Mapping[str, Convert]) -> Object:
    """Those claims that the structs have fields for. Raises Rejected."""
    return {name: fields[name](claims[name]) for fields in structs for name in claims if name in fields}


def _mistyped(value: Any, type_: str) -> Rejected:
    return Rejected(f"json: cannot unmarshal {_JSON_KINDS[type(value)]} into Go value of type {type_}")


def _string(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _mistyped(value, "string")
    return value


def _audience(value: Any) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise Rejected("square/go-jose/jwt: expected string or array value to unmarshal to Audience")
    return values


def _date(value: Any) -> int:
    """Whole seconds; what does not fit is the least number, as on amd64."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected("square/go-jose/jwt: expected number value to unmarshal NumericDate")
    return int(value) if abs(value) < _INT64 else -_INT64


def _struct(type_: str, fields: Mapping[str, Convert]) -> Convert:
    def convert(value: Any) -> Object:
        if value is not None and not isinstance(value, dict):
            raise _mistyped(value, type_)
        return read(value or {}, fields)

    return convert


def _pointer(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


_REFERENCE = _struct("serviceaccount.ref", {"name": _string, "uid": _string})
COMMON: Mapping[str, Convert] = {
    **dict.fromkeys(("iss", "sub", "jti"), _string),
    "aud": _audience,
    **dict.fromkeys(("exp", "nbf", "iat"), _date),
}
LEGACY_NAMES = ("namespace", "secret.name", "service-account.name", "service-account.uid")
LEGACY: Mapping[str, Convert] = {LEGACY_CLAIM + name: _string for name in LEGACY_NAMES}
BOUND: Mapping[str, Convert] = {
    BOUND_CLAIM: _struct(
        "serviceaccount.kubernetes",
        {
            "namespace": _string,
            "serviceaccount": _REFERENCE,
            "pod": _pointer(_REFERENCE),
            "secret": _pointer(_REFERENCE),
            "warnafter": _date,
        },
    )
}
