"""The formats of strings that a schema may ask for. Follows kube-openapi's strfmt; all others mean nothing."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

HEX = "[0-9a-fA-F]"
PATTERNS = {
    "uuid": f"{HEX}{{8}}-?{HEX}{{4}}-?{HEX}{{4}}-?{HEX}{{4}}-?{HEX}{{12}}",
    "uuid3": f"{HEX}{{8}}-?{HEX}{{4}}-?3{HEX}{{3}}-?{HEX}{{4}}-?{HEX}{{12}}",
    "uuid4": f"{HEX}{{8}}-?{HEX}{{4}}-?4{HEX}{{3}}-?[89abAB]{HEX}{{3}}-?{HEX}{{12}}",
    "uuid5": f"{HEX}{{8}}-?{HEX}{{4}}-?5{HEX}{{3}}-?[89abAB]{HEX}{{3}}-?{HEX}{{12}}",
    "email": r"[^\s@<>(),;:\\\"\[\]]+@[^\s@<>(),;:\\\"\[\]]+",
    "hostname": r"([a-zA-Z0-9\-]+\.)+[a-zA-Z]{2,63}|[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?",
    "hexcolor": f"#?({HEX}{{3}}|{HEX}{{6}})",
    "ssn": r"\d{3}[- ]?\d{2}[- ]?\d{4}",
    "bsonobjectid": f"{HEX}{{24}}",
    "mac": f"({HEX}{{2}}[:-]){{5}}({HEX}{{2}}[:-]{HEX}{{2}}[:-])?{HEX}{{2}}|({HEX}{{4}}\\.){{2,3}}{HEX}{{4}}",
    "datetime": r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?",
    "date-time": r"\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?",
    "duration": r"(\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|m|mins?|h|hrs?|hours?"
    r"|d|days?|w|weeks?|(micro|milli|nano)?seconds?|minutes?)\s*)+|0",
}
COLOUR = r"\s*(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\s*"
PATTERNS["rgbcolor"] = rf"rgb\({COLOUR},{COLOUR},{COLOUR}\)"


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, binascii.Error):
            return False
        return True

    return check


def _date(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _bytes(text: str) -> bytes:
    if not text:
        raise ValueError("empty")
    return base64.b64decode(text, validate=True)


def _cidr(text: str) -> object:
    if "/" not in text:
        raise ValueError(text)
    return ipaddress.ip_interface(text)


def _is_uri(text: str) -> bool:
    """Follows Go's url.ParseRequestURI: an absolute one, or a path."""
    if " " in text or not text:
        return False
    return text.startswith("/") or (re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text) is not None and bool(urlsplit(text)))


def _luhn(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [digit if index % 2 == 0 else sum(divmod(2 * digit, 10)) for index, digit in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 16 and sum(doubled) % 10 == 0


def _isbn10(text: str) -> bool:
    text = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d{9}[\dX]", text) is None:
        return False
    return sum((10 - at) * (10 if char == "X" else int(char)) for at, char in enumerate(text)) % 11 == 0


def _isbn13(text: str) -> bool:
    text = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d{13}", text) is None:
        return False
    return sum(int(char) * (1 if at % 2 == 0 else 3) for at, char in enumerate(text)) % 10 == 0


FORMATS: dict[str, Callable[[str], bool]] = {name: _matches(pattern) for name, pattern in PATTERNS.items()} | {
    "date": _parses(_date),
    "byte": _parses(_bytes),
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "cidr": _parses(_cidr),
    "uri": _is_uri,
    "creditcard": _luhn,
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "password": lambda _: True,
}
"""Format -> whether a text has it."""
