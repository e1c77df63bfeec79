"""A container's log."""

from __future__ import annotations

from fakekube.sandbox.logs import Log


def test_lines_and_their_moments() -> None:
    moments = iter((1.0, 1.0, 2.0))
    log = Log(lambda: next(moments))
    log.write(b"one\ntwo\n")
    log.write(b"three", "stderr")
    log.write(b" more\n", "stderr")
    assert [(line.stream, line.data) for line in log.lines()] == [
        ("stdout", b"one\n"), ("stdout", b"two\n"), ("stderr", b"three more\n")
    ]  # fmt: skip
    first, second, third = (line.nanoseconds for line in log.lines())
    assert first < second < third


def test_the_oldest_lines_are_dropped() -> None:
    log = Log(lambda: 1.0, limit=10)
    for number in range(6):
        log.write(f"{number}__\n".encode())
    assert log.text() == b"4__\n5__\n"
    assert log.end == 6
    assert [line.data for line in log.lines(5)] == [b"5__\n"]
    assert log.lines(0) == log.lines(4)


def test_the_tail() -> None:
    log = Log(lambda: 1.0)
    log.write(b"a\nb\nc\n")
    assert (log.tail(2, 100), log.tail(2, 3), log.tail(0, 9)) == (b"b\nc\n", b"\nc\n", b"")


async def test_followers_are_woken() -> None:
    log = Log(lambda: 1.0)
    changed = log.changed()
    assert not changed.done()
    log.write(b"x\n")
    assert changed.done()
    end = log.changed()
    log.close()
    assert end.done()
    assert log.closed
