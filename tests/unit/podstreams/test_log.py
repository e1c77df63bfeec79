"""Which lines of a log are sent, and which log is meant."""

import asyncio

import pytest

from fakekube.endpoints.podstreams.log import Options, finished, follow, render, tailed
from fakekube.sandbox.logs import Log


def written(*lines):
    moments = iter(range(1, 100))
    log = Log(lambda: next(moments))
    for line in lines:
        log.write(line)
    return log


LOG = written(b"one\n", b"two\n", b"three\n")
AT = {"one": 1_000_000_000, "two": 2_000_000_000, "three": 3_000_000_000}


@pytest.mark.parametrize(
    ("options", "since", "text"),
    [
        (Options(), 0, b"one\ntwo\nthree\n"),
        (Options(tail=2), 0, b"two\nthree\n"),
        (Options(tail=0), 0, b""),
        (Options(tail=9), 0, b"one\ntwo\nthree\n"),
        (Options(limit=6), 0, b"one\ntw"),
        (Options(limit=8), 0, b"one\ntwo\n"),
        (Options(), AT["two"], b"two\nthree\n"),
        (Options(tail=2), AT["three"], b"three\n"),
        (Options(timestamps=True, tail=1), 0, b"1970-01-01T00:00:03.000000000Z three\n"),
        (Options(timestamps=True, limit=4), 0, b"1970"),
    ],
)
async def test_lines(options, since, text):
    lines = tailed(finished(LOG), options.tail)
    assert b"".join(render(lines, options, since, options.limit)) == text
    ended = written(b"one\n", b"two\n", b"three\n")
    ended.close()
    assert b"".join([piece async for piece in follow(ended, options, since)]) == text


async def test_following():
    log, got = written(b"one\n"), []

    async def reader():
        async for piece in follow(log, Options(tail=0), 0):
            got.append(piece)  # noqa: PERF401  seen as they come

    task = asyncio.create_task(reader())
    await asyncio.sleep(0)
    for piece in (b"two\n", b"thr", b"ee\n", b"end"):
        log.write(piece)
        await asyncio.sleep(0)
    assert got == [b"two\n", b"three\n"]
    log.close()
    await task
    assert got[-1] == b"end"


async def test_following_stops_when_enough_is_sent():
    log = written(b"one\n", b"two\n")
    assert [piece async for piece in follow(log, Options(limit=5), 0)] == [b"one\n", b"t"]
