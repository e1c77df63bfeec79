"""The line discipline: keys in, lines, echo and signals out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.wire.terminal import Discipline, Modes, Signal, Size, SizeReader, printed


@pytest.mark.parametrize(
    ("keys", "lines", "echo", "signals"),
    [
        (b"ls\r", [b"ls\n"], b"ls\r\n", []),
        (b"ab\x7fc\n", [b"ac\n"], b"ab\b \bc\r\n", []),
        (b"\x7f", [], b"", []),
        (b"a b\x17c\r", [b"a c\n"], b"a b\b \bc\r\n", []),
        (b"abc\x15d\r", [b"d\n"], b"abc\b \b\b \b\b \bd\r\n", []),
        (b"\x04", [b""], b"", []),
        (b"ab\x04", [b"ab"], b"ab", []),
        (b"ab\x03c\r", [b"c\n"], b"ab^C\r\nc\r\n", [Signal.INT]),
        (b"\x16\x03\r", [b"\x03\n"], b"^C\r\n", []),
        (b"\x01\x7f\r", [b"\n"], b"^A\b \b\b \b\r\n", []),
        ("é\x7f\r".encode(), [b"\n"], "é\b \b\r\n".encode(), []),
    ],
)
def test_canonical(keys, lines, echo, signals):
    typed = Discipline().type(keys)
    assert (typed.lines, typed.echo, typed.signals) == (lines, echo, signals)


def test_without_echo():
    discipline = Discipline()
    discipline.modes.echo = False
    assert discipline.type(b"secret\x7f\r").echo == b""


def test_raw():
    discipline = Discipline()
    discipline.modes = Modes(canonical=False, echo=False)
    typed = discipline.type(b"a\x7f\x1b[A\r\x03b")
    assert (typed.lines, typed.echo, typed.signals) == ([b"a\x7f\x1b[A\nb"], b"", [Signal.INT])


def test_a_line_that_was_begun_is_not_lost():
    discipline = Discipline()
    discipline.type(b"half")
    assert (discipline.release(), discipline.release()) == (b"half", b"")


@given(st.lists(st.binary(max_size=20)), st.booleans(), st.booleans())
def test_any_keys(pieces, canonical, echo):
    discipline = Discipline()
    discipline.modes = Modes(canonical=canonical, echo=echo)
    for piece in pieces:
        typed = discipline.type(piece)
        assert echo or not typed.echo


def test_lines_are_bounded():
    assert len(Discipline().type(b"x" * 10_000 + b"\r").lines[0]) == 4096


def test_printing():
    assert printed(b"a\nb\n") == b"a\r\nb\r\n"


def test_sizes():
    reader = SizeReader()
    assert reader.receive(b'{"Width":80,"Hei') == []
    assert reader.receive(b'ght":24}\n{"width":1,"height":2}') == [Size(80, 24), Size(1, 2)]


@given(st.lists(st.binary(max_size=60)))
def test_any_sizes(pieces):
    reader = SizeReader()
    for piece in pieces:
        assert all(0 <= size.width < 65536 for size in reader.receive(piece))
