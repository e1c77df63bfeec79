"""Quantities as integers that can be compared: the number of billionths."""

from __future__ import annotations

import re

NANO = 10**9
BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
QUANTITY = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([eE])([+-]?[0-9]+)|([A-Za-z]*))")


def nanos(text: str) -> int:
    """The value of a well-formed quantity in billionths, rounded away from zero."""
    match = QUANTITY.fullmatch(text)
    if match is None:
        return 0
    sign, whole, fraction, _, exponent, suffix = match.groups()
    fraction = fraction or ""
    digits = int((whole + fraction) or "0")
    if suffix in BINARY:
        value = _ceil(digits * BINARY[suffix] * NANO, 10 ** len(fraction))
    else:
        power = (int(exponent) if exponent else DECIMAL.get(suffix or "", 0)) + 9 - len(fraction)
        value = digits * 10**power if power >= 0 else _ceil(digits, 10**-power)
    return -value if sign == "-" else value


def rounded_to_milli(text: str) -> str:
    """The quantity rounded up to thousandths, as it is written then."""
    value = nanos(text)
    milli = -(-value // 10**6)
    if "e-" in text:
        return _exponent(milli)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def _exponent(milli: int) -> str:
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}e-3"


def _ceil(value: int, divisor: int) -> int:
    return -(-value // divisor)
