"""A pod template as the real controllers print it before they hash it: the text of Go's spew for its structs.

The types, with the order of their fields, are data: podtemplate.json.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import orjson
from msgspec import Struct

from fakekube.machinery import quantity
from fakekube.machinery.objects import Object

TEMPLATE = "v1.PodTemplateSpec"
NIL = "<nil>"
ZERO_TIME = "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"
NUMBERS = frozenset({"int", "int32", "int64"})
DECIMAL_EXPONENTS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY_EXPONENTS = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


class _Types(Struct, frozen=True):
    structs: dict[str, list[tuple[str, str, str]]]
    named: dict[str, str]


@lru_cache(1)
def _types() -> _Types:
    return _Types(**orjson.loads(resources.files(__package__).joinpath("podtemplate.json").read_bytes()))


def template_text(template: Object) -> str:
    """The text of a pod template of the API."""
    return _shown(template, TEMPLATE, True)


def _shown(value: Any, type_: str, typed: bool) -> str:
    """A value; elements of lists and maps, and what pointers lead to, are shown without their type."""
    prefix = f"({type_})" if typed else ""
    if type_.startswith("*"):
        return f"{prefix or '<*>'}{NIL if value is None else _shown(value, type_[1:], False)}"
    if type_ in _SPECIAL:
        return prefix + _SPECIAL[type_](value)
    types = _types()
    if type_ in types.structs:
        return prefix + _struct(value or {}, types.structs[type_])
    kind = types.named.get(type_, type_)
    if kind.startswith("[]"):
        return prefix + (f"[{' '.join(_shown(one, kind[2:], False) for one in value)}]" if value else NIL)
    if kind.startswith("map["):
        return prefix + _map(value, kind)
    if kind == "bool":
        return prefix + ("true" if value else "false")
    return prefix + str(value or (0 if kind in NUMBERS else ""))


def _struct(value: Object, fields: list[tuple[str, str, str]]) -> str:
    shown = (f"{go}:{_shown(value.get(json) if json else value, type_, True)}" for go, type_, json in fields)
    return f"{{{' '.join(shown)}}}"


def _map(value: Any, kind: str) -> str:
    if not value:
        return NIL
    _, _, element = kind.partition("]")
    return f"map[{' '.join(f'{key}:{_shown(value[key], element, False)}' for key in sorted(value))}]"


def _int_or_string(value: Any) -> str:
    number, text = (0, value) if isinstance(value, str) else (value or 0, "")
    return f"{{Type:(intstr.Type){int(isinstance(value, str))} IntVal:(int32){number} StrVal:(string){text}}}"


def _quantity(value: Any) -> str:
    """With the text that it was parsed from, where the real server takes that for its canonical form."""
    if value is None:
        return _amount(0, 0, "", "")
    text = str(value)
    suffix = text.lstrip("+-.0123456789")
    whole, _, fraction = text.removesuffix(suffix).partition(".")
    if suffix in BINARY_EXPONENTS:
        kept = BINARY_EXPONENTS[suffix] % 10 == 0 and not fraction and int(whole) % 8
        return _amount(quantity.parse(text).value(), 0, text if kept else "", "BinarySI")
    exponent, format_ = DECIMAL_EXPONENTS.get(suffix), "DecimalSI"
    if exponent is None:
        exponent, format_ = int(suffix[1:]), "DecimalExponent"
    digits, scale = whole.lstrip("+-") + fraction, exponent - len(fraction)
    kept = text == "0" or (scale % 3 == 0 and not digits.endswith("000") and not digits.startswith("0"))
    return _amount(int(whole + fraction), scale, text if kept else "", format_)


def _amount(value: int, scale: int, text: str, format_: str) -> str:
    number = f"(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}}"
    exact = "(resource.infDecAmount){Dec:(*inf.Dec)<nil>}"
    return f"{{i:{number} d:{exact} s:(string){text} Format:(resource.Format){format_}}}"


_SPECIAL = {
    "v1.Time": lambda _: ZERO_TIME,
    "resource.Quantity": _quantity,
    "intstr.IntOrString": _int_or_string,
}
"""Types that do not print as their JSON has them. A template has no times but the zero one."""
