from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import times
from fakekube.machinery.times import TimeError

SHORT = "2006-01-02T15:04:05Z07:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2021-01-30T12:00:00Z", "2021-01-30T12:00:00Z"),
        ("2020-02-29T12:00:00.9+02:00", "2020-02-29T10:00:00Z"),
        ("2021-12-31T23:59:59-00:30", "2022-01-01T00:29:59Z"),
        ("2021-01-30T1:00:00Z", "2021-01-30T01:00:00Z"),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_times_are_written_anew(text: str, shown: str | None) -> None:
    assert times.canonical_time(text) == shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("yesterday", f'parsing time "yesterday" as "{SHORT}": cannot parse "yesterday" as "2006"'),
        ("2021-02-29T00:00:00Z", 'parsing time "2021-02-29T00:00:00Z": day out of range'),
        ("2021-13-01T00:00:00Z", 'parsing time "2021-13-01T00:00:00Z": month out of range'),
        ("2021-01-01T24:00:00Z", 'parsing time "2021-01-01T24:00:00Z": hour out of range'),
        ("2021-01-01T00:00:00Zz", 'parsing time "2021-01-01T00:00:00Zz": extra text: "z"'),
        ("2021-01-01", f'parsing time "2021-01-01" as "{SHORT}": cannot parse "" as "T"'),
        ("é", f'parsing time "\\xc3\\xa9" as "{SHORT}": cannot parse "\\xc3\\xa9" as "2006"'),
    ],
)
def test_time_errors(text: str, error: str) -> None:
    with pytest.raises(TimeError) as raised:
        times.canonical_time(text)
    assert str(raised.value) == error


def test_micro_times_want_six_digits() -> None:
    assert times.canonical_micro("2021-01-30T12:00:00.123456+01:00") == "2021-01-30T11:00:00.123456Z"
    with pytest.raises(TimeError, match=r'cannot parse "Z" as "[.]000000"'):
        times.canonical_micro("2021-01-30T12:00:00Z")


@given(st.integers(-62135596799, 253402300799))
def test_seconds_survive(seconds: int) -> None:
    text = times.format_time(seconds)
    assert times.parse_time(text) == seconds
    assert times.canonical_time(text) == text


@given(st.floats(0, 4e9))
def test_microseconds_survive(seconds: float) -> None:
    assert times.canonical_micro(times.format_micro(seconds)) == times.format_micro(seconds)


@pytest.mark.parametrize(
    ("text", "nanoseconds", "shown"),
    [
        ("1h30m", 5400 * times.SECOND, "1h30m0s"),
        ("-1.5s", -1500000000, "-1.5s"),
        ("0", 0, "0s"),
        ("300us", 300000, "300\u00b5s"),
        ("1.5ms", 1500000, "1.5ms"),
        ("7ns", 7, "7ns"),
        ("100h", 360000 * times.SECOND, "100h0m0s"),
    ],
)
def test_durations(text: str, nanoseconds: int, shown: str) -> None:
    assert times.parse_duration(text) == nanoseconds
    assert times.format_duration(nanoseconds) == shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", 'time: invalid duration ""'),
        ("x", 'time: invalid duration "x"'),
        ("5", 'time: missing unit in duration "5"'),
        ("5d", 'time: unknown unit "d" in duration "5d"'),
        ("9999999999999s", 'time: invalid duration "9999999999999s"'),
    ],
)
def test_duration_errors(text: str, error: str) -> None:
    with pytest.raises(TimeError) as raised:
        times.parse_duration(text)
    assert str(raised.value) == error


@given(st.integers(-(2**62), 2**62))
def test_durations_survive(nanoseconds: int) -> None:
    assert abs(times.parse_duration(times.format_duration(nanoseconds)) - nanoseconds) <= 1  # fractions are floats


@pytest.mark.parametrize(
    ("seconds", "shown", "short"),
    [
        (-5, "<invalid>", "<invalid>"),
        (-1, "0s", "0s"),
        (119, "119s", "1m"),
        (120, "2m", "2m"),
        (599, "9m59s", "9m"),
        (10799, "179m", "2h"),
        (3 * 3600, "3h", "3h"),
        (8 * 3600 - 60, "7h59m", "7h"),
        (47 * 3600, "47h", "1d"),
        (49 * 3600, "2d1h", "2d"),
        (192 * 3600, "8d", "8d"),
        (730 * 86400, "2y", "2y"),
        (741 * 86400, "2y11d", "2y"),
        (3000 * 86400, "8y", "8y"),
    ],
)
def test_durations_for_people(seconds: int, shown: str, short: str) -> None:
    assert (times.human_duration(seconds), times.short_human_duration(seconds)) == (shown, short)


def test_age() -> None:
    assert times.age("2021-01-30T12:00:00Z", times.parse_time("2021-01-30T12:05:00Z")) == "5m"
    assert times.age(None, 0) == "<unknown>"
