from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import cron
from fakekube.machinery.cron import CronError
from fakekube.machinery.jsonpath import JSONPath, PathError
from fakekube.machinery.times import format_time, parse_time


@pytest.mark.parametrize(
    ("text", "after", "following"),
    [
        ("*/5 * * * *", "2021-01-30T12:03:10Z", "2021-01-30T12:05:00Z"),
        ("*/5 * * * *", "2021-01-30T12:05:00Z", "2021-01-30T12:10:00Z"),
        ("0 22 * * MON-FRI", "2021-01-29T22:00:00Z", "2021-02-01T22:00:00Z"),
        ("0 0 13 * 5", "2021-01-01T00:00:00Z", "2021-01-08T00:00:00Z"),  # by either day
        ("0 0 */13 * 5", "2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
        ("30 1 29 2 ?", "2021-01-01T00:00:00Z", "2024-02-29T01:30:00Z"),
        ("@yearly", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z"),
        ("@every 90s", "2021-01-01T00:00:00Z", "2021-01-01T00:01:30Z"),
    ],
)
def test_next(text: str, after: str, following: str) -> None:
    found = cron.parse(text).next(parse_time(after) - (after == following))
    assert found is not None
    assert format_time(found) == following


def test_never() -> None:
    assert cron.parse("0 0 31 2 *").next(0) is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Empty spec string"),
        ("* * *", "Expected exactly 5 fields, found 3: * * *"),
        ("60 * * * *", "End of range (60) above maximum (59): 60"),
        ("* * 0 * *", "Beginning of range (0) below minimum (1): 0"),
        ("5-1 * * * *", "Beginning of range (5) beyond end of range (1): 5-1"),
        ("a * * * *", 'Failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("*/0 * * * *", "Step of range should be a positive number: */0"),
        ("@foo", "Unrecognized descriptor: @foo"),
        ("@every x", 'Failed to parse duration @every x: time: invalid duration "x"'),
    ],
)
def test_cron_errors(text: str, error: str) -> None:
    with pytest.raises(CronError) as raised:
        cron.parse(text)
    assert str(raised.value) == error


@given(st.text(alphabet="0123456789*/,-? @MONje", max_size=20))
def test_any_cron_text(text: str) -> None:
    try:
        schedule = cron.parse(text)
    except CronError:
        return
    following = schedule.next(1.6e9)
    assert following is None or following > 1.6e9


DOCUMENT = {
    "spec": {"replicas": 3, "a.b": "dotted", "list": [10, 20, 30]},
    "status": {"conditions": [{"type": "Ready", "status": "True", "n": 1}, {"type": "Old", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.replicas", [3]),
        ("spec.replicas", [3]),
        ("{.spec.replicas}", [3]),
        (".spec['a.b']", ["dotted"]),
        (r".spec.a\.b", ["dotted"]),
        (".spec.list[1]", [20]),
        (".spec.list[-1]", [30]),
        (".spec.list[0,2]", [10, 30]),
        (".spec.list[1:]", [20, 30]),
        (".spec.list[*]", [10, 20, 30]),
        (".spec.list[7]", []),
        (".spec.missing.x", []),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Old')].status", ["False"]),
        (".status.conditions[?(@.n>0)].type", ["Ready"]),
        (".status.conditions[?(@.n)].type", ["Ready"]),
        (".status.conditions[*].type", ["Ready", "Old"]),
        ("..type", ["Ready", "Old"]),
        (".", [DOCUMENT]),
    ],
)
def test_jsonpath(path: str, found: list[object]) -> None:
    assert JSONPath(path).find(DOCUMENT) == found


@pytest.mark.parametrize("path", [".a[", ".a[x]", ".a[?(@.b==)]", ".a[0"])
def test_bad_paths(path: str) -> None:
    with pytest.raises(PathError):
        JSONPath(path)


@given(st.text(alphabet=".[]()?@='a\"*:,0-\\", max_size=15))
def test_any_path(text: str) -> None:
    try:
        path = JSONPath(text)
    except PathError:
        return
    assert isinstance(path.find({"a": [{"a": 1}]}), list)
