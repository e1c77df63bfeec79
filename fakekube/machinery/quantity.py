"""Quantities such as "100m", "1.5Gi" or "12e6": exact arithmetic, and the text in which the real server writes them.

Follows apimachinery's api/resource: a text that is canonical already, or merely looks so ("+5", "1.500"), stays as it
is; others are rewritten with the largest suffix that needs no fraction. Nothing smaller than a nano is kept.
"""

from __future__ import annotations

import re

from msgspec import Struct

DECIMAL_SI = "DecimalSI"
DECIMAL_EXPONENT = "DecimalExponent"
BINARY_SI = "BinarySI"

_PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
FORMAT_TEXT = f"quantities must match the regular expression '{_PATTERN}'"
NUMERIC_TEXT = "unable to parse numeric part of quantity"
SUFFIX_TEXT = "unable to parse quantity's suffix"

DECIMAL_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES = {exponent: suffix for suffix, exponent in DECIMAL_SUFFIXES.items()}
_BINARY_NAMES = {exponent: suffix for suffix, exponent in BINARY_SUFFIXES.items()} | {0: ""}

NANO = -9
MILLI = -3
MAX_INT64 = 2**63 - 1
_GAP = 2000
"""Decimal digits between two operands beyond which the smaller one only counts as more or less than nothing."""

_PARTS = re.compile(r"([+-]?)(0*)([0-9]*)(?:(\.)([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")
_PLAIN = re.compile(r"[1-9][0-9]{0,2}[KMGTP]i|[1-9][0-9]{0,14}(?<!000)[numkMGTPE]?|0")
"""Most texts: what parsing would leave as it is."""


class QuantityError(ValueError):
    """The text is no quantity; says why in the real server's words."""


class Quantity(Struct, frozen=True, eq=False):
    """unscaled * 10 ** exponent, and how to write it. Compare with `compare`, for "1" and "1000m" are the same."""

    unscaled: int
    exponent: int = 0
    format: str = DECIMAL_SI
    text: str = ""
    """What str() gives; "" until it has to be worked out."""

    def __str__(self) -> str:
        return self.text or canonicalize(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and compare(self, other) == 0

    def __ne__(self, other: object) -> bool:
        return not self == other  # a Struct has its own, which does not ask __eq__

    def __lt__(self, other: Quantity) -> bool:
        return compare(self, other) < 0

    def __le__(self, other: Quantity) -> bool:
        return compare(self, other) <= 0

    def __gt__(self, other: Quantity) -> bool:
        return compare(self, other) > 0

    def __ge__(self, other: Quantity) -> bool:
        return compare(self, other) >= 0

    def __hash__(self) -> int:
        unscaled, exponent = _reduced(self.unscaled, self.exponent, 10)
        return hash((unscaled, exponent if unscaled else 0))

    def __bool__(self) -> bool:
        return self.unscaled != 0

    def __add__(self, other: Quantity) -> Quantity:
        """The sum, written as this one is, or as the other if this one is zero."""
        format_ = self.format if self.unscaled else other.format
        a, b, exponent = _aligned(self, other)
        return Quantity(a + b, exponent, format_)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other

    def __neg__(self) -> Quantity:
        return Quantity(-self.unscaled, self.exponent, self.format)

    @property
    def sign(self) -> int:
        """-1, 0 or 1."""
        return (self.unscaled > 0) - (self.unscaled < 0)

    def scaled_value(self, exponent: int) -> int:
        """In units of 10 ** exponent, rounded away from zero."""
        return _rounded(self.unscaled, self.exponent, exponent)

    def value(self) -> int:
        """The whole number, rounded away from zero."""
        return self.scaled_value(0)

    def milli_value(self) -> int:
        """In thousandths, rounded away from zero."""
        return self.scaled_value(MILLI)

    def round_up(self, exponent: int) -> Quantity:
        """The quantity with nothing below 10 ** exponent, rounded away from zero."""
        if self.exponent >= exponent:
            return self
        return Quantity(self.scaled_value(exponent), exponent, self.format)


ZERO = Quantity(0, text="0")


def parse(text: str) -> Quantity:
    """The quantity. Raises QuantityError."""
    match = _PARTS.fullmatch(text)
    if not text or match is None:
        raise QuantityError(FORMAT_TEXT)
    sign, zeros, whole, dot, fraction, suffix = match.groups()
    if not whole and not dot and not suffix:
        return Quantity(0, text="0" if text == "0" else "")
    format_, exponent = _interpret(suffix)
    digits = zeros + whole + (fraction or "")
    whole, fraction = whole or "0", fraction or ""
    quantity = _small(text, whole, fraction, format_, exponent)
    if quantity is None:
        if not digits:
            raise QuantityError(NUMERIC_TEXT)
        quantity = _large(whole, fraction, format_, exponent)
    if sign != "-":
        return quantity
    return Quantity(-quantity.unscaled, quantity.exponent, quantity.format, quantity.text)


def _interpret(suffix: str) -> tuple[str, int]:
    """The format and the exponent, of 2 for BINARY_SI and of 10 otherwise."""
    if suffix in DECIMAL_SUFFIXES:
        return DECIMAL_SI, DECIMAL_SUFFIXES[suffix]
    if suffix in BINARY_SUFFIXES:
        return BINARY_SI, BINARY_SUFFIXES[suffix]
    number = suffix[1:]
    if suffix[0] in "eE" and re.fullmatch("[+-]?[0-9]{1,30}", number) and -(2**63) <= int(number) <= MAX_INT64:
        return DECIMAL_EXPONENT, (int(number) + 2**31) % 2**32 - 2**31  # the real one keeps 32 bits
    raise QuantityError(SUFFIX_TEXT)


def _small(text: str, whole: str, fraction: str, format_: str, exponent: int) -> Quantity | None:
    """What the real one holds in 64 bits, None if that may not do. Only such keep their text."""
    if format_ == BINARY_SI:
        precision = -1 if fraction else 15 - len(whole) - exponent * 3 // 10 - 1
        factor, scale = 2**exponent, 0
    else:
        precision = 18 - len(whole) - len(fraction)
        factor, scale = 1, exponent - len(fraction)
    digits = whole + fraction
    if precision < 0 or scale < NANO or int(digits) * factor > MAX_INT64:
        return None
    if format_ == BINARY_SI:
        keep = int(digits) & 7 != 0
    else:
        keep = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return Quantity(int(digits) * factor, scale, format_, text if keep else "")


def _large(whole: str, fraction: str, format_: str, exponent: int) -> Quantity:
    unscaled, scale = _digits(whole + fraction), -len(fraction)
    if format_ == BINARY_SI:
        unscaled *= 2**exponent
    else:
        scale += exponent
    if scale < NANO:
        unscaled, scale = _rounded(unscaled, scale, NANO), NANO
    quantity = Quantity(unscaled, scale, format_)
    if format_ == BINARY_SI and quantity > Quantity(MAX_INT64):
        return Quantity(MAX_INT64, 0, format_)
    if format_ == BINARY_SI and unscaled and quantity < Quantity(1):
        return Quantity(unscaled, scale, DECIMAL_SI)
    return quantity


def _digits(text: str) -> int:
    """int() of any length: Python refuses more than some thousand digits."""
    if len(text) <= 4000:
        return int(text)
    middle = len(text) // 2
    return _digits(text[:middle]) * _power(len(text) - middle) + _digits(text[middle:])


def _power(exponent: int) -> int:
    """10 ** exponent, for exponents that are not negative."""
    return int(10**exponent)


class Rewritten(str):
    """A canonical text that was written in another way, which messages about the value tell."""

    __slots__ = ("quantity",)
    quantity: Quantity
    """As it was sent, or as it has been rounded."""


def rewritten(quantity: Quantity) -> str:
    """The canonical text of a quantity that remembers no text."""
    text = Rewritten(quantity)
    text.quantity = quantity
    return text


def canonical(text: str) -> str:
    """The text that the real server answers for a quantity that was sent as `text`. Raises QuantityError."""
    text = str(text).strip()
    if _PLAIN.fullmatch(text):
        return text
    quantity = parse(text)
    if quantity.text:
        return quantity.text
    return rewritten(quantity)


def canonicalize(quantity: Quantity) -> str:
    """The canonical text."""
    if not quantity.unscaled:
        return "0"
    if quantity.format == BINARY_SI:
        whole = quantity.exponent >= 0 or quantity.unscaled % 10**-quantity.exponent == 0
        if whole and abs(quantity.value()) >= 1024:
            number, times = _reduced(quantity.value(), 0, 1024)
            return f"{number}{_BINARY_NAMES.get(times * 10, '')}"
    number, exponent = _reduced(quantity.unscaled, quantity.exponent, 10)
    number, exponent = number * 10 ** (exponent % 3), exponent - exponent % 3
    if quantity.format == DECIMAL_EXPONENT:
        return f"{number}e{exponent}" if exponent else str(number)
    return f"{number}{_DECIMAL_NAMES.get(exponent, '')}"  # the real one, too, forgets what has no suffix


def _reduced(number: int, exponent: int, base: int) -> tuple[int, int]:
    """Move factors of the base into the exponent."""
    while number and number % base == 0:
        number, exponent = number // base, exponent + 1
    return number, exponent


def _rounded(unscaled: int, exponent: int, wanted: int) -> int:
    """unscaled * 10 ** exponent in units of 10 ** wanted, rounded away from zero."""
    if exponent >= wanted:
        return unscaled * _power(min(exponent - wanted, _GAP))
    magnitude = abs(unscaled)
    away = -(-magnitude // _power(min(wanted - exponent, _GAP + magnitude.bit_length())))
    return away if unscaled > 0 else -away


def _aligned(a: Quantity, b: Quantity) -> tuple[int, int, int]:
    """Both numbers in units of the smaller exponent."""
    if not a.unscaled or not b.unscaled:
        return a.unscaled, b.unscaled, a.exponent if a.unscaled else b.exponent
    gap = a.exponent - b.exponent
    if gap >= 0:
        return a.unscaled * 10 ** min(gap, _GAP), b.unscaled, b.exponent
    return a.unscaled, b.unscaled * 10 ** min(-gap, _GAP), a.exponent


def compare(a: Quantity, b: Quantity) -> int:
    """Negative, zero or positive, as a is less than, equal to or greater than b."""
    if a.exponent == b.exponent:
        return (a.unscaled > b.unscaled) - (a.unscaled < b.unscaled)
    left, right, _ = _aligned(a, b)
    return (left > right) - (left < right)
