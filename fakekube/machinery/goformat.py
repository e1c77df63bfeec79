"""Values printed the way Go's fmt prints them, because clients see it in error messages.

`bad_value` is what a FieldError prints. Structs are printed by their Go type, so their values are wrapped:
Go(volume, "core.Volume"), Go(names, "[]string"), Go(quantity, "resource.Quantity"). The types, with the order of their
fields, are data: gotypes.json has those that validation handles on the real server,

    {"structs": {"core.Volume": [[GO NAME, GO TYPE(, JSON NAME)], ...]}, "named": {"core.Protocol": "string", ...}}

where the JSON name is left out if it is the Go name in lower case, and "" says that the struct is inlined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from msgspec import Struct

ADDRESS = "0xc000530a80"
"""Stands for the address that a pointer prints. A real one differs each time."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Go(Struct, frozen=True):
    """A value with the Go type that the real server holds it in, such as "core.Volume" or "[]string"."""

    value: Any
    type: str


_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quote(text: str) -> str:
    """%q of a string: what cannot be printed is escaped."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def aggregate(errors: Iterable[str]) -> str:
    """Several errors as one text, as apimachinery's Aggregate prints them: equal ones once."""
    unique = list(dict.fromkeys(errors))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


def _escaped(char: str) -> str:
    code = ord(char)
    if (escape := _ESCAPES.get(code)) is not None:
        return escape
    if char.isprintable():
        return char
    if 0xD800 <= code < 0xE000:  # Go's strings have no surrogates
        return "\ufffd"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def bad_value(value: Any) -> str:
    """As field.Error.ErrorBody prints BadValue: %q of strings, %v of numbers and booleans, %#v of the rest.

    A value that is not wrapped as Go is printed as JSON of no known type would be: []interface {}{...}. A pointer is
    printed as what it points to, a time in its own way.
    """
    if isinstance(value, Go):
        return _typed_bad_value(value.value, value.type)
    if value is None:
        return '"null"'
    return float_text(value) if isinstance(value, float) else go_syntax(value)


def _typed_bad_value(value: Any, type_: str) -> str:
    if value is None and type_.startswith("*"):
        return '"null"'
    type_ = type_.removeprefix("*")
    if type_ in ("v1.Time", "v1.MicroTime"):
        return time_text(value)
    return typed(value, type_)


# %v


def float_text(value: float) -> str:
    """%v of a float64: an exponent from a million on."""
    if value != value or value in (float("inf"), float("-inf")):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    exponent = int(f"{value:.16e}".rpartition("e")[2])
    return f"{value!r}".removesuffix(".0") if -4 <= exponent < 6 else _exponential(value)


def _exponential(value: float) -> str:
    return next(text for text in (f"{value:.{count}e}" for count in range(18)) if float(text) == value)


def time_text(value: str | None) -> str:
    """String() of a time: "2021-01-30 12:00:00 +0000 UTC"."""
    date, _, clock = (value or "0001-01-01T00:00:00Z").removesuffix("Z").partition("T")
    return f"{date} {clock} +0000 UTC"


# %#v of what has no type of ours: JSON and YAML


def go_syntax(value: Any, key: str = "string") -> str:
    """JSON as Go holds it without knowing a type; `key` is the type of maps' keys. None is <nil> here, not within."""
    if value is None:
        return "<nil>"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        names = sorted(value, key=_key_order)
        items = (f"{go_syntax(_plain_key(name), key)}:{_inside(value[name], key)}" for name in names)
        return f"map[{key or 'interface {}'}]interface {{}}{{{', '.join(items)}}}"
    if isinstance(value, list | tuple):
        return f"[]interface {{}}{{{', '.join(_inside(item, key) for item in value)}}}"
    return float_text(value) if isinstance(value, float) else str(value)


def _inside(value: Any, key: str) -> str:
    return "interface {}(nil)" if value is None else go_syntax(value, key)


def _plain_key(key: Any) -> Any:
    return getattr(key, "value", key)  # machinery.goyaml wraps its keys


def _key_order(key: Any) -> tuple[str, Any]:
    plain = _plain_key(key)
    return type(plain).__name__, "" if plain is None else plain


# %#v of typed values


class _Types(Struct, frozen=True):
    structs: dict[str, list[list[str]]]
    named: dict[str, str]


@lru_cache(maxsize=1)
def _types() -> _Types:
    import orjson

    return _Types(**orjson.loads(resources.files(__package__).joinpath("gotypes.json").read_bytes()))


def struct_fields(type_: str) -> list[tuple[str, str, str]] | None:
    """The fields of a struct as (Go name, Go type, JSON name or "" where it is inlined); None for other types."""
    fields = _types().structs.get(type_)
    if fields is None:
        return None
    return [(name, of, *(rest or [name[:1].lower() + name[1:]])) for name, of, *rest in fields]  # type: ignore[misc]


def underlying(type_: str) -> str:
    """What a named type is made of: "string" of core.Protocol; other types are themselves."""
    return _types().named.get(type_, type_)


ZEROES = {"string": '""', "bool": "false", "float64": "0", "float32": "0"}
INTEGERS = frozenset({"int", "int8", "int16", "int32", "int64", "time.Duration"})


def typed(value: Any, type_: str) -> str:
    """The value, as JSON has it, printed as a Go value of that type. None is the type's zero value."""
    if (special := _SPECIAL.get(type_)) is not None:
        return special(value)
    for prefix, printer in _PREFIXES:
        if type_.startswith(prefix):
            return printer(value, type_)
    types = _types()
    if (fields := types.structs.get(type_)) is not None:
        return _struct(value or {}, type_, fields)
    if (underlying := types.named.get(type_)) is not None and underlying != "interface":
        return _named(value, type_, underlying)
    return _scalar(value, type_)


def _scalar(value: Any, type_: str) -> str:
    if value is None:
        return "0" if type_ in INTEGERS else ZEROES.get(type_, f"{type_}(nil)")
    return go_syntax(value)


def _named(value: Any, type_: str, underlying: str) -> str:
    text = typed(value, underlying)
    return f"{type_}{text.removeprefix(underlying)}" if text.startswith(underlying) else text


def _struct(value: Mapping[str, Any], type_: str, fields: list[list[str]]) -> str:
    return f"{type_}{{{', '.join(_field(value, *field) for field in fields)}}}"


def _field(value: Mapping[str, Any], name: str, type_: str, key: str | None = None) -> str:
    if key == "":
        return f"{name}:{typed(value, type_)}"
    return f"{name}:{typed(value.get(name[:1].lower() + name[1:] if key is None else key), type_)}"


def _pointer(value: Any, type_: str) -> str:
    if type_[1:] in ("v1.Time", "v1.MicroTime"):  # they print themselves, even through a pointer
        return "<nil>" if value is None else typed(value, type_[1:])
    return f"({type_})({'nil' if value is None else ADDRESS})"


def _slice(value: Any, type_: str) -> str:
    if value is None:
        return f"{type_}(nil)"
    return f"{type_}{{{', '.join(typed(item, type_[2:]) for item in value)}}}"


def _map(value: Any, type_: str) -> str:
    if value is None:
        return f"{type_}(nil)"
    element = type_.partition("]")[2]
    return f"{type_}{{{', '.join(f'{quote(key)}:{typed(value[key], element)}' for key in sorted(value))}}}"


def _bytes(value: Any, type_: str) -> str:
    """Base64 text, or bytes."""
    if value is None:
        return f"{type_}(nil)"
    if isinstance(value, str):
        import base64

        value = base64.b64decode(value)
    return f"{type_}{{{', '.join(f'{byte:#x}' for byte in value)}}}"


_PREFIXES: tuple[tuple[str, Callable[[Any, str], str]], ...] = (
    ("*", _pointer),
    ("[]byte", _bytes),
    ("[]uint8", _bytes),
    ("[]", _slice),
    ("map[", _map),
)


def _quantity(value: Any) -> str:
    """Only a text that is canonical already is remembered."""
    from fakekube.machinery.quantity import parse

    if value is None:
        number, scale, text, format_ = 0, 0, "", ""
    else:
        quantity = getattr(value, "quantity", None) or parse(str(value))
        number, scale, text, format_ = quantity.unscaled, quantity.exponent, quantity.text, quantity.format
    amount = f"i:resource.int64Amount{{value:{number}, scale:{scale}}}, d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}"
    return f"resource.Quantity{{{amount}, s:{quote(text)}, Format:{quote(format_)}}}"


def _int_or_string(value: Any) -> str:
    kind, number, text = (1, 0, value) if isinstance(value, str) else (0, value or 0, "")
    return f"intstr.IntOrString{{Type:{kind}, IntVal:{number}, StrVal:{quote(text)}}}"


def _time(value: Any) -> str:
    from fakekube.machinery.times import SECOND, parse, parts

    nanoseconds = parse(value or "0001-01-01T00:00:00Z")
    year, month, *rest = parts(nanoseconds // SECOND)
    numbers = ", ".join(str(number) for number in (*rest, nanoseconds % SECOND))
    return f"time.Date({year}, time.{MONTHS[month - 1]}, {numbers}, time.UTC)"


def _unknown(value: Any) -> str:
    """What a RawExtension holds on the real server, when nothing is known of its kind."""
    raw = _bytes(_raw(value), "[]uint8")
    meta = 'TypeMeta:runtime.TypeMeta{APIVersion:"", Kind:""}'
    return f'runtime.Unknown{{{meta}, Raw:{raw}, ContentEncoding:"", ContentType:"application/json"}}'


def _raw_extension(value: Any) -> str:
    raw = _bytes(None if value is None else _raw(value), "[]uint8")
    return f"runtime.RawExtension{{Raw:{raw}, Object:runtime.Object(nil)}}"


def _raw(value: Any) -> bytes:
    from fakekube.machinery.jsontext import text_of

    return text_of(value)


_SPECIAL: dict[str, Callable[[Any], str]] = {
    "resource.Quantity": _quantity,
    "intstr.IntOrString": _int_or_string,
    "v1.Time": _time,
    "v1.MicroTime": _time,
    "runtime.Unknown": _unknown,
    "runtime.RawExtension": _raw_extension,
    "uint64": lambda value: f"{value or 0:#x}",
    "interface {}": lambda value: _inside(value, "string"),
}
