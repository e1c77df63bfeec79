from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import quantity
from fakekube.machinery.quantity import Quantity, QuantityError, canonical, parse


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1", "1"),
        ("0", "0"),
        ("0.0", "0"),
        ("-0", "0"),
        ("100m", "100m"),
        ("1000m", "1"),
        ("0.5", "500m"),
        ("1.5", "1500m"),
        ("1.500", "1.500"),  # kept: the real one takes it for canonical
        ("+5", "+5"),
        ("0100", "0100"),
        ("1000", "1k"),
        ("1e3", "1e3"),
        ("1e4", "10e3"),
        ("1500e-3", "1500e-3"),
        ("1024Ki", "1Mi"),
        ("1000Ki", "1000Ki"),
        ("128Mi", "128Mi"),
        ("1.5Gi", "1536Mi"),
        ("1.1Ki", "1126400m"),
        (".5Ki", "512"),
        ("0.0000000001", "1n"),
        ("1E", "1E"),
        ("8Ei", "9223372036854775807"),
        ("1.", "1."),
        ("12345678901234567890123", "12345678901234567890123"),
        (" 5 ", "5"),
        ("1e99999999999", "10e1215752190"),
    ],
)
def test_canonical_text(text: str, shown: str) -> None:
    assert canonical(text) == shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", quantity.FORMAT_TEXT),
        ("x", quantity.FORMAT_TEXT),
        ("1 2", quantity.FORMAT_TEXT),
        ("1.2.3", quantity.FORMAT_TEXT),
        ("1ki", quantity.SUFFIX_TEXT),
        ("1KB", quantity.FORMAT_TEXT),
        ("1e", quantity.SUFFIX_TEXT),
        ("1e99999999999999999999", quantity.SUFFIX_TEXT),
        ("Ei", quantity.NUMERIC_TEXT),
    ],
)
def test_errors(text: str, error: str) -> None:
    with pytest.raises(QuantityError) as raised:
        parse(text)
    assert str(raised.value) == error


@pytest.mark.parametrize(
    ("a", "b", "total", "difference"),
    [
        ("1", "1000m", "2", "0"),
        ("1Gi", "1", "1073741825", "1073741823"),
        ("0", "1Ki", "1Ki", "-1Ki"),
        ("1500m", "0.5", "2", "1"),
        ("1e3", "1", "1001", "999"),
    ],
)
def test_sums_keep_the_first_ones_format(a: str, b: str, total: str, difference: str) -> None:
    assert (str(parse(a) + parse(b)), str(parse(a) - parse(b))) == (total, difference)


def test_whole_values_are_rounded_away_from_zero() -> None:
    assert parse("1001m").value() == 2
    assert parse("1").milli_value() == 1000
    assert parse("0.1m").milli_value() == 1
    assert Quantity(-15, -1).value() == -2
    assert str(parse("1500u").round_up(quantity.MILLI)) == "2m"


NUMBERS = st.builds(
    lambda sign, whole, fraction, suffix: f"{sign}{whole}{fraction}{suffix}",
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**12),
    st.one_of(st.just(""), st.integers(0, 999).map(lambda digits: f".{digits}")),
    st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "E-2"]),
)


def exactly(number: Quantity) -> Fraction:
    return Fraction(number.unscaled) * Fraction(10) ** number.exponent


def value(text: str) -> Fraction:
    return exactly(parse(text))


@given(NUMBERS)
def test_canonical_text_means_the_same(text: str) -> None:
    assert value(canonical(text)) == value(text)
    assert canonical(canonical(text)) == canonical(text)


@given(NUMBERS, NUMBERS)
def test_arithmetic_is_exact(a: str, b: str) -> None:
    left, right = parse(a), parse(b)
    assert exactly(left + right) == value(a) + value(b)
    assert exactly(left - right) == value(a) - value(b)
    assert (left < right, left == right) == (value(a) < value(b), value(a) == value(b))
    assert left != right or hash(left) == hash(right)


@given(st.text(alphabet="0123456789.+-eEinumkKMGTP", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        number = parse(text)
    except QuantityError:
        return
    assert str(number)
    assert quantity.compare(number, number + parse("1")) <= 0


def test_the_same_in_other_words_is_equal() -> None:
    assert parse("1") == parse("1000m")
    assert not parse("1") != parse("1000m")  # noqa: SIM202 (Structs bring a != of their own)
    assert parse("1") != parse("2")
