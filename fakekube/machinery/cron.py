"""Schedules of cron jobs: "*/5 * * * *", "0 22 * * MON-FRI", "@hourly", "@every 1h30m". Follows robfig/cron v1, in UTC.

A day matches by both its fields if one of them is a star, and by either of them otherwise.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from fakekube.machinery.times import SECOND, TimeError, parse_duration


class CronError(ValueError):
    """No schedule; the text is the real server's."""


class _Bounds(Struct, frozen=True):
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Of the numbers from `low` on."""


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BOUNDS = (
    _Bounds(0, 59),
    _Bounds(0, 23),
    _Bounds(1, 31),
    _Bounds(1, 12, _MONTHS),
    _Bounds(0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "
_YEARS = 5
"""How far ahead a next time is looked for."""


class Schedule(Struct, frozen=True):
    """When something happens: either every so many seconds, or in the minutes that all fields allow."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    """One of the two fields for days is a star."""
    every: int = 0
    """Seconds, if it is an @every."""

    def next(self, after: float) -> float | None:
        """The first time later than `after`, both in seconds since the epoch; None if there is none in five years."""
        if self.every:
            return float(int(after) + self.every)
        moment = datetime.fromtimestamp(int(after), UTC) + timedelta(minutes=1)
        moment = moment.replace(second=0, microsecond=0)
        last = moment.year + _YEARS
        while moment.year <= last:
            following = self._step(moment)
            if following is None:
                return moment.timestamp()
            moment = following
        return None

    def _step(self, moment: datetime) -> datetime | None:
        """Where to look next; None if this is the minute."""
        if moment.month not in self.months:
            return (moment.replace(day=1, hour=0, minute=0) + timedelta(days=32)).replace(day=1)
        if not self._is_day(moment):
            return moment.replace(hour=0, minute=0) + timedelta(days=1)
        if moment.hour not in self.hours:
            return moment.replace(minute=0) + timedelta(hours=1)
        return None if moment.minute in self.minutes else moment + timedelta(minutes=1)

    def _is_day(self, moment: datetime) -> bool:
        matches = moment.day in self.days, moment.isoweekday() % 7 in self.weekdays
        return all(matches) if self.any_day else any(matches)


def parse(text: str) -> Schedule:
    """The schedule. Raises CronError."""
    if not text:
        raise CronError("Empty spec string")
    if text.startswith("@"):
        if text.startswith(_EVERY):
            return _every(text)
        if text not in _DESCRIPTORS:
            raise CronError(f"Unrecognized descriptor: {text}")
        text = _DESCRIPTORS[text]
    fields = text.split()
    if len(fields) != len(_BOUNDS):
        raise CronError(f"Expected exactly {len(_BOUNDS)} fields, found {len(fields)}: {text}")
    found = [_field(field, bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)]
    minutes, hours, days, months, weekdays = (numbers for numbers, _ in found)
    return Schedule(minutes, hours, days, months, weekdays, any_day=found[2][1] or found[4][1])


def _every(text: str) -> Schedule:
    try:
        duration = parse_duration(text[len(_EVERY) :])
    except TimeError as error:
        raise CronError(f"Failed to parse duration {text}: {error}") from None
    return Schedule(every=max(duration // SECOND, 1))


def _field(text: str, bounds: _Bounds) -> tuple[frozenset[int], bool]:
    """The numbers that a field allows, and whether a star is among them."""
    found: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        found.update(_range(part, bounds))
        star = star or part.partition("/")[0].partition("-")[0] in ("*", "?")
    return frozenset(found), star


def _range(text: str, bounds: _Bounds) -> range:
    """One item of a field: number | number "-" number, either with "/" step; a star stands for all."""
    span, *steps = text.split("/")
    ends = span.split("-")
    low, high = _ends(text, ends, bounds)
    if len(steps) > 1:
        raise CronError(f"Too many slashes: {text}")
    step = _number(steps[0]) if steps else 1
    if steps and len(ends) == 1:
        high = bounds.high
    if low < bounds.low:
        raise CronError(f"Beginning of range ({low}) below minimum ({bounds.low}): {text}")
    if high > bounds.high:
        raise CronError(f"End of range ({high}) above maximum ({bounds.high}): {text}")
    if low > high:
        raise CronError(f"Beginning of range ({low}) beyond end of range ({high}): {text}")
    if step == 0:
        raise CronError(f"Step of range should be a positive number: {text}")
    return range(low, high + 1, step)


def _ends(text: str, ends: list[str], bounds: _Bounds) -> tuple[int, int]:
    if ends[0] in ("*", "?"):
        return bounds.low, bounds.high
    low = _number_or_name(ends[0], bounds)
    if len(ends) > 2:
        raise CronError(f"Too many hyphens: {text}")
    return low, _number_or_name(ends[1], bounds) if len(ends) == 2 else low


def _number_or_name(text: str, bounds: _Bounds) -> int:
    name = text.lower()
    return bounds.names.index(name) + bounds.low if name in bounds.names else _number(text)


def _number(text: str) -> int:
    if not re.fullmatch("[+-]?[0-9]+", text):
        why = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise CronError(f"Failed to parse int from {text}: {why}")
    number = int(text) if len(text) < 25 else 2**63
    if not -(2**63) <= number < 2**63:
        raise CronError(f'Failed to parse int from {text}: strconv.Atoi: parsing "{text}": value out of range')
    if number < 0:
        raise CronError(f"Negative number ({number}) not allowed: {text}")
    return number
