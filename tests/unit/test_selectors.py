from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import fieldselectors, selectors
from fakekube.machinery.fielderrors import Path
from fakekube.machinery.selectors import EVERYTHING, NOTHING, SelectorError

LABELS = {"app": "web", "tier": "", "n": "5"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,n", True),
        ("app!=web", False),
        ("other!=web", True),
        ("app in (web, db)", True),
        ("app notin (web)", False),
        ("other notin (web)", True),
        ("app in ()", False),
        ("tier in (,x)", True),
        ("tier=", True),
        ("tier", True),
        ("!tier", False),
        ("!other", True),
        ("n>4", True),
        ("n>5", False),
        ("n<6", True),
        ("app>1", False),
        ("other<1", False),
        ("in in (in)", False),
    ],
)
def test_matching(text: str, matches: bool) -> None:
    assert selectors.parse(text).matches(LABELS) is matches


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" b = c ,a in ( z , y )", "a in (y,z),b=c"),
        ("a,!b,c==d,e!=f,g>1,h<2,i notin ()", "a,!b,c==d,e!=f,g>1,h<2,i notin ()"),
        ("x in (,,a,)", "x in (,a)"),
    ],
)
def test_printing(text: str, shown: str) -> None:
    assert str(selectors.parse(text)) == shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (!)", "unable to parse requirement: found '!', expected: ',', ')' or identifier"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("(a", "found '(', expected: !, identifier, or 'end of string'"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a>x", "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"),
    ],
)
def test_parse_errors(text: str, error: str) -> None:
    with pytest.raises(SelectorError) as raised:
        selectors.parse(text)
    assert str(raised.value) == error


def test_keys_and_values_are_validated() -> None:
    with pytest.raises(
        SelectorError, match=r'^unable to parse requirement: invalid label key "-a": name part must consist'
    ):
        selectors.parse("-a=b")
    with pytest.raises(SelectorError, match='invalid label value: "b@": at key: "a": a valid label must be an empty'):
        selectors.parse("a=b@")


@given(st.text(alphabet="ab=!<>,() int\0\té", max_size=20))
def test_any_text_parses_or_is_refused_in_words(text: str) -> None:
    try:
        parsed = selectors.parse(text)
    except SelectorError as error:
        assert str(error)  # noqa: PT017
    else:
        assert selectors.parse(str(parsed)) == parsed


def test_objects() -> None:
    expressions = [{"key": "tier", "operator": "Exists"}, {"key": "n", "operator": "NotIn", "values": ["7", "6"]}]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}
    assert selectors.from_object(selector).matches(LABELS)
    assert selectors.format_object(selector) == "app=web,n notin (6,7),tier"
    assert selectors.format_object({}) == "<none>"
    assert selectors.format_object({"matchExpressions": [{"key": "a", "operator": "Gt"}]}) == "<error>"
    assert selectors.from_object(None) == NOTHING
    assert selectors.from_object({}) == EVERYTHING
    assert not NOTHING.matches({})
    assert selectors.to_object("a=b,c in (d)") == {
        "matchLabels": {"a": "b"},
        "matchExpressions": [{"key": "c", "operator": "In", "values": ["d"]}],
    }


def test_node_expressions_know_numbers() -> None:
    term = [{"key": "n", "operator": "Gt", "values": ["4"]}]
    assert selectors.from_node_expressions(term).matches(LABELS)
    assert selectors.from_node_expressions([]) == NOTHING


def test_object_errors() -> None:
    expressions = [
        {"key": "a", "operator": "In"},
        {"key": "a", "operator": "Exists", "values": ["x"]},
        {"key": "a", "operator": "Near"},
    ]
    errors = selectors.validate_object({"matchExpressions": expressions}, Path("spec") / "selector")
    assert [str(error) for error in errors] == [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",  # noqa: E501
        "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or "
        "'DoesNotExist'",
        'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
    ]


def test_exact() -> None:
    assert selectors.parse("a=b,c in (d),e!=f").exact("a") == "b"
    assert selectors.parse("a=b,c in (d),e!=f").exact("c") == "d"
    assert selectors.parse("a=b,c in (d,e)").exact("c") is None


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("metadata.name=a", True),
        ("metadata.name==a,spec.x!=b", True),
        ("metadata.name!=a", False),
        ("missing=", True),
        (r"status.y=c\,d\=e\\", True),
        ("", True),
    ],
)
def test_field_selectors(text: str, matches: bool) -> None:
    parsed = fieldselectors.parse(text)
    assert parsed.matches({"metadata.name": "a", "status.y": "c,d=e\\"}) is matches
    assert fieldselectors.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        (r"a=b\c", r"invalid field selector: invalid escape sequence: \c"),
        ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_field_selector_errors(text: str, error: str) -> None:
    with pytest.raises(SelectorError) as raised:
        fieldselectors.parse(text)
    assert str(raised.value) == error


def test_field_selector_is_transformed() -> None:
    parsed = fieldselectors.parse("a=b,c!=d")
    assert str(parsed.transform(lambda field, value: (field.upper(), value) if field == "a" else ("", ""))) == "A=b"


@given(st.text(max_size=20))
def test_field_values_survive_escaping(value: str) -> None:
    assert fieldselectors.unescape(fieldselectors.escape(value)) == value
