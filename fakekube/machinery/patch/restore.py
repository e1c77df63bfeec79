"""What becomes a typed object and what does not. Follows FromUnstructured of apimachinery's runtime/converter.go.

A strategic merge patch does not go through the JSON decoder, so what does not fit is told in other words.
"""

from __future__ import annotations

import math
from typing import Any

import orjson

from fakekube.machinery import gotext, jsontext
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors
from fakekube.machinery.schema import Form, Type
from fakekube.machinery.unmarshal import unmarshal_error


class _Misfit(Exception):
    """A value does not become what its field holds; the text says so."""


def check(document: Object, type_: Type, patch: Object) -> None:
    """Raises StatusError (422) that shows the patch when a value of the document is of another kind than its type."""
    if (text := misfit(document, type_)) is not None:
        raise errors.rejected(gotext.text(patch), text)


def misfit(document: Object, type_: Type) -> str | None:
    """What the first value that does not fit is told; None if all do."""
    try:
        _check(document, type_)
    except _Misfit as error:
        return str(error)
    return None


def _check(value: Any, type_: Type) -> None:
    if value is None:
        return
    if type_.form is Form.OBJECT:
        _check_struct(value, type_)
    elif type_.form is Form.MAP:
        _check_map(value, type_)
    elif type_.form in (Form.LIST, Form.BYTES):
        _check_slice(value, type_)
    elif type_.form in _KINDS:
        _check_scalar(value, type_)
    elif (error := unmarshal_error(orjson.dumps(value), type_)) is not None:
        raise _Misfit(error)


def _check_struct(value: Any, type_: Type) -> None:
    if not isinstance(value, dict):
        raise _Misfit(f"cannot restore struct from: {_kind(value)}")
    for name, field in type_.fields.items():
        if (item := value.get(name)) is not None:
            _check(item, field.type)


def _check_map(value: Any, type_: Type) -> None:
    if not isinstance(value, dict):
        raise _Misfit(f"cannot restore map from {_kind(value)}")
    for item in value.values():
        _check(item, type_.element or type_)


def _check_slice(value: Any, type_: Type) -> None:
    if type_.form is Form.BYTES and isinstance(value, str):
        _check_base64(value)
        return
    if not isinstance(value, list):
        raise _Misfit(f"cannot restore slice from {_kind(value)}")
    for item in value:
        if type_.form is not Form.BYTES:
            _check(item, type_.element or type_)
        elif type(item) is not int:
            raise _Misfit("unrecognized type: uint8")


def _check_base64(value: str) -> None:
    if (at := jsontext.base64_error(value)) is not None:
        raise _Misfit(f"error decoding from json: illegal base64 data at input byte {at}")


_KINDS = {Form.STRING: "string", Form.BOOLEAN: "bool", Form.INTEGER: "int", Form.NUMBER: "float64"}


def _check_scalar(value: Any, type_: Type) -> None:
    """Go converts among numbers, and numbers to strings it would but for this check."""
    kind, form = type(value), type_.form
    target = f"int{type_.bits or 64}" if form is Form.INTEGER else _KINDS[form]
    fits = (
        (kind is str and form is Form.STRING)
        or (kind is bool and form is Form.BOOLEAN)
        or (kind is int and form in (Form.INTEGER, Form.NUMBER))
        or (kind is float and (form is Form.NUMBER or (form is Form.INTEGER and value == math.trunc(value))))
    )
    if fits:
        return
    convertible = (kind is int and form is Form.STRING) or (kind is float and form is Form.INTEGER)
    if convertible:
        raise _Misfit(f"cannot convert {gotext.type_name(value)} to {type_.go or target}")
    raise _Misfit(f"unrecognized type: {target}")


def _kind(value: Any) -> str:
    return {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64", float: "float64"}[type(value)]
