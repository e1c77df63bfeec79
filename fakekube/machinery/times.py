"""Moments and durations as text. Follows metav1.Time, MicroTime and Duration, and Go's time package, errors included.

Moments are nanoseconds or seconds since the epoch, durations nanoseconds or seconds, as each function says. Texts of
moments are in UTC: "2021-01-30T12:00:00Z", and "2021-01-30T12:00:00.123456Z" where microseconds are kept.
"""

from __future__ import annotations

import re
from calendar import monthrange
from functools import lru_cache
from time import gmtime

SECOND = 1_000_000_000
LAYOUT = "2006-01-02T15:04:05Z07:00"
MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"
ZERO = "0001-01-01T00:00:00Z"
"""Go's zero time. It is written as null."""

_DATE = "[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_CANONICAL = re.compile(f"{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_CANONICAL_MICRO = re.compile(_CANONICAL.pattern[:-1] + r"\.[0-9]{6}Z")


class TimeError(ValueError):
    """The text is no time or duration; says why in Go's words."""


def format_time(seconds: float) -> str:
    """The moment as metav1.Time is written: the seconds' fraction is cut off."""
    return _whole_seconds(seconds // 1)


@lru_cache(maxsize=64)
def _whole_seconds(seconds: float) -> str:
    year, month, day, hour, minute, second = parts(seconds)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


def parts(seconds: float) -> tuple[int, int, int, int, int, int]:
    """Year, month, day, hour, minute and second of the moment, in UTC."""
    return gmtime(seconds // 1)[:6]


def format_micro(seconds: float) -> str:
    """The moment as metav1.MicroTime is written."""
    whole, micros = divmod(int(seconds * 1_000_000), 1_000_000)
    return f"{format_time(whole)[:-1]}.{micros:06}Z"


def parse_time(text: str) -> float:
    """Seconds since the epoch of RFC 3339 text. Raises TimeError."""
    return parse(text, LAYOUT) / SECOND


def canonical_time(text: str) -> str | None:
    """What metav1.Time writes after it has read `text`; None stands for null. Raises TimeError."""
    if _CANONICAL.fullmatch(text):
        return text if text != ZERO else None
    shown = format_time(parse(text, LAYOUT) // SECOND)
    return shown if shown != ZERO else None


def canonical_micro(text: str) -> str | None:
    """The same for metav1.MicroTime, which takes six digits of a second and no other number."""
    if not _CANONICAL_MICRO.fullmatch(text):
        whole, nanos = divmod(parse(text, MICRO_LAYOUT), SECOND)
        text = f"{format_time(whole)[:-1]}.{nanos // 1000:06}Z"
    return text if text != f"{ZERO[:-1]}.000000Z" else None


# Go's time.Parse, for the two layouts

_ELEMENTS = re.compile("2006|01|02|15|04|05|[.]0+|Z07:00")
_LIMITS = {"01": (13, "month"), "15": (24, "hour"), "04": (60, "minute"), "05": (60, "second")}
_FRACTION = re.compile("[.,][0-9]+")


class _Moment:
    """What has been read, and what has not."""

    def __init__(self, layout: str, text: str) -> None:
        self.layout = layout
        self.text = self.rest = _bytes(text)
        self.numbers: dict[str, int] = {}
        self.nanos = 0
        self.offset = 0

    def bad(self, element: str) -> TimeError:
        shown = (_quote(part) for part in (self.text, self.layout, self.rest, element))
        return TimeError("parsing time {} as {}: cannot parse {} as {}".format(*shown))

    def wrong(self, why: str) -> TimeError:
        return TimeError(f"parsing time {_quote(self.text)}: {why}")

    def literal(self, char: str) -> None:
        """Read what stands between two elements of the layout, one character or none."""
        if not self.rest.startswith(char):
            raise self.bad(char)
        self.rest = self.rest[len(char) :]

    def element(self, name: str) -> None:
        """Read one element of the layout."""
        if name == "2006":
            self.year()
        elif name == "Z07:00":
            self.zone()
        elif name[0] == ".":
            self.fraction(name)
        else:
            self.number(name)

    def year(self) -> None:
        year = self.rest[:4]
        if len(year) < 4 or not _digits(year[0]):
            raise self.bad("2006")
        self.rest = self.rest[4:]
        if not _digits(year):
            raise self.bad("2006")
        self.numbers["2006"] = int(year)

    def number(self, name: str) -> None:
        digits = self.rest[:2]
        if name == "15" and _digits(digits[:1]) and not _digits(digits[1:]):
            digits = digits[:1]  # an hour of one digit is good enough for Go
        elif len(digits) < 2 or not _digits(digits):
            digits = ""
        self.rest = self.rest[len(digits) :]
        value = self.numbers[name] = int(digits or 0)
        self.check(name, value, missing=not digits)

    def check(self, name: str, value: int, missing: bool) -> None:
        limit, what = _LIMITS.get(name, (100, ""))
        if value >= limit or (value == 0 and name == "01" and not missing):
            raise self.wrong(f"{what} out of range")
        if name == "05" and ".0" not in self.layout and (match := _FRACTION.match(self.rest)):
            self.take(match[0])  # a fraction that the layout does not ask for; it even makes up for missing seconds
        elif missing:
            raise self.bad(name)

    def fraction(self, name: str) -> None:
        digits = self.rest[: len(name)]
        if len(digits) < len(name):
            raise self.bad(name)
        self.rest = self.rest[len(name) :]
        if digits[0] not in ".," or not _number(digits[1:]):
            raise self.bad(name)
        if int(digits[1:]) < 0:
            raise self.wrong("fractional second out of range")
        self.nanos = int(digits[1:]) * 10 ** (10 - len(name))

    def take(self, fraction: str) -> None:
        self.nanos = int(fraction[1:10].ljust(9, "0"))
        self.rest = self.rest[len(fraction) :]

    def zone(self) -> None:
        if self.rest[:1] == "Z":
            self.rest = self.rest[1:]
            return
        if len(self.rest) < 6 or self.rest[3] != ":":
            raise self.bad("Z07:00")
        sign, hours, minutes = self.rest[0], self.rest[1:3], self.rest[4:6]
        self.rest = self.rest[6:]
        if sign not in "+-" or not _number(hours) or not _number(minutes):
            raise self.bad("Z07:00")
        offset = (int(hours) * 60 + int(minutes)) * 60
        self.offset = offset if sign == "+" else -offset


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(text: str) -> bool:
    return _digits(text) or (text[:1] in "+-" and _digits(text[1:]))


def parse(text: str, layout: str = LAYOUT) -> int:
    """Nanoseconds since the epoch of `text`, which has to look like `layout`. Raises TimeError."""
    moment = _Moment(layout, text)
    position = 0
    for element in _ELEMENTS.finditer(layout):
        moment.literal(layout[position : element.start()])
        moment.element(element[0])
        position = element.end()
    if moment.rest:
        raise moment.wrong(f"extra text: {_quote(moment.rest)}")
    year, month, day, hour, minute, second = (moment.numbers[name] for name in ("2006", "01", "02", "15", "04", "05"))
    if not 1 <= day <= days_in(year, month):
        raise moment.wrong("day out of range")
    seconds = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - moment.offset
    return seconds * SECOND + moment.nanos


def days_in(year: int, month: int) -> int:
    """Days of a month."""
    return monthrange(year or 400, month)[1]  # calendar knows no year 0, which is a leap year


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, in the proleptic Gregorian calendar; the year may be 0."""
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)  # the year begins in March
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day - 1 - 719468


def _quote(text: str) -> str:
    """As Go's time package quotes; the text's characters are bytes."""
    shown = "".join(_quoted(char) for char in text)
    return f'"{shown}"'


def _quoted(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if " " <= char < "\x80" else f"\\x{ord(char):02x}"


def _bytes(text: str) -> str:
    """The text's bytes of UTF-8 as characters, because Go cuts between bytes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")


# Durations

UNITS = {
    "ns": 1,
    "us": 1000,
    "\xc2\xb5s": 1000,  # micro sign, as bytes
    "\xce\xbcs": 1000,  # Greek mu
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"([0-9]*)(\.([0-9]*))?([^0-9.]*)")
_LIMIT = 2**63


def parse_duration(text: str) -> int:
    """Nanoseconds of a Go duration such as "1h30m" or "-1.5s". Raises TimeError."""
    text = _bytes(text)
    invalid = TimeError(f"time: invalid duration {_quote(text)}")
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    if not rest:
        raise invalid
    total = 0
    while rest:
        match = _PART.match(rest)
        whole, _, fraction, unit = match.groups() if match else ("", "", "", "")
        if not (whole or fraction) or int(whole or 0) > _LIMIT:
            raise invalid
        total += _part(text, int(whole or 0), fraction or "", unit)
        if total > _LIMIT:
            raise invalid
        rest = rest[match.end() if match else 0 :]
    if text[0] == "-":
        return -total
    if total == _LIMIT:
        raise invalid
    return total


def _part(text: str, whole: int, fraction: str, unit: str) -> int:
    if not unit:
        raise TimeError(f"time: missing unit in duration {_quote(text)}")
    if (size := UNITS.get(unit)) is None:
        raise TimeError(f"time: unknown unit {_quote(unit)} in duration {_quote(text)}")
    value, scale = _leading_fraction(fraction)
    return whole * size + int(float(value) * (size / scale))


def _leading_fraction(digits: str) -> tuple[int, float]:
    """The digits as a number, as many as fit into 63 bits, and what to divide it by."""
    value, scale = 0, 1.0
    for digit in digits:
        longer = value * 10 + int(digit)
        if value > (_LIMIT - 1) // 10 or longer > _LIMIT:
            break
        value, scale = longer, scale * 10
    return value, scale


def format_duration(nanoseconds: int) -> str:
    """As Go's Duration.String: "1h30m0s", "1.5s", "2ms", "0s"."""
    sign, left = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if left == 0:
        return "0s"
    if left < SECOND:
        unit, size = next((u, s) for u, s in (("ms", 1_000_000), ("\u00b5s", 1000), ("ns", 1)) if left >= s)
        return f"{sign}{_decimal(left, size)}{unit}"
    minutes, seconds = divmod(left, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    shown = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{shown}{_decimal(seconds, SECOND)}s"


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    digits = f"{rest:0{len(str(size)) - 1}}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


# Durations for people


def human_duration(seconds: float) -> str:
    """Two or three figures, as ages in tables: "5m", "3d4h", "2y11d". Follows apimachinery's HumanDuration."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 120:
        return f"{max(whole, 0)}s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(days // 365, "y", days % 365 if days < 2920 else 0, "d")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def short_human_duration(seconds: float) -> str:
    """One figure: "5m", "3d", "2y"."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    units = ((31536000, "y"), (86400, "d"), (3600, "h"), (60, "m"))
    size, unit = next(((size, unit) for size, unit in units if whole >= size), (1, "s"))
    return f"{max(whole, 0) // size}{unit}"


def age(timestamp: str | None, now: float) -> str:
    """How old a moment (RFC 3339 text) is at `now`, as tables show it; "<unknown>" if there is none."""
    return human_duration(now - parse_time(timestamp)) if timestamp else "<unknown>"
