"""Parsers meet everything: each gives an answer or its own error, and none takes long."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.sandbox.awk.parser import AwkProblem, Parser
from fakekube.sandbox.commands.editing import SedProblem, _SedParser
from fakekube.sandbox.regex import RegexProblem, compiled
from fakekube.sandbox.shell import patterns
from fakekube.sandbox.shell.arithmetic import ArithmeticProblem, evaluate
from fakekube.sandbox.shell.parser import parse
from fakekube.sandbox.shell.syntax import Incomplete, Script, SyntaxProblem

PIECES = st.sampled_from(
    [
        *(
            "if ",
            "then ",
            "fi",
            "for ",
            "in ",
            "do ",
            "done",
            "case ",
            "esac",
            "{ ",
            "}",
            "(",
            ")",
            ";",
            ";;",
            "&&",
            "||",
        ),
        *("|", "&", "\n", " ", "$", "${", "$(", "$((", "))", "'", '"', "`", "\\", "<<E", "E", ">", "2>&1", "x", "="),
        *("a b", "#", "!", "~", "*"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_script(text):
    with suppress(SyntaxProblem):
        assert isinstance(parse(text), Script)


@given(st.text(max_size=60))
def test_any_text(text):
    with suppress(SyntaxProblem):
        assert isinstance(parse(text), Script)


@pytest.mark.parametrize(
    "text", ["if true", "for x in a", "echo 'a", 'echo "a', "echo $(", "a |", "a &&", "f() {", "cat <<E\nx"]
)
def test_what_may_go_on(text):
    with pytest.raises(Incomplete):
        parse(text)


OPERATORS = ["+", "-", "*", "&", "|", "^", "<", ">", "==", "!="]
NUMBERS = st.integers(-50, 50).map(str)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from(OPERATORS), inner).map(lambda x: f"({x[0]}){x[1]}({x[2]})"),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_arithmetic_is_right(text):
    assert evaluate(text, lambda _: "", lambda *_: None) == int(eval(text))


@given(st.text("0123456789+-*/%<>=!&|^~?:(),x ", max_size=30))
def test_any_expression(text):
    with suppress(ArithmeticProblem):
        assert -(2**63) <= evaluate(text, lambda _: "3", lambda *_: None) < 2**63


REGEX = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from("*+?")).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)


@given(REGEX, st.text("abc", max_size=8))
def test_regular_expressions_find_what_pythons_find(pattern, text):
    ours, theirs = compiled(pattern, extended=True).search(text), re.search(pattern, text)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        longest = max(
            (
                m.end()
                for end in range(len(text) + 1)
                if (m := re.compile(pattern).fullmatch(text, theirs.start(), end))
            ),
            default=-1,
        )
        assert (ours.start, ours.end) == (theirs.start(), longest)


@given(st.text("ab.*[]^$+?(){}|\\-,:1", max_size=12), st.booleans(), st.text("ab1", max_size=10))
def test_any_regular_expression(pattern, extended, text):
    with suppress(RegexProblem):
        found = compiled(pattern, extended).search(text)
        assert found is None or 0 <= found.start <= found.end <= len(text)


@pytest.mark.parametrize(
    ("pattern", "extended", "text", "groups"),
    [
        (r"\(a*\)b", False, "xaab", ["aab", "aa"]),
        ("a+", False, "a+aa", ["a+"]),
        (r"a\+", False, "xaa", ["aa"]),
        ("^b|c$", True, "abc", ["c"]),
        (r"\bfoo\b", True, "a foo b", ["foo"]),
        ("[[:digit:]]{2,3}", True, "a12345", ["123"]),
        (r"(a|ab)(c|bcd)", True, "abcd", ["abcd", "a", "bcd"]),
        ("*a", False, "*a", ["*a"]),
    ],
)
def test_dialects(pattern, extended, text, groups):
    found = compiled(pattern, extended).search(text)
    assert found is not None
    assert [found.group(number) for number in range(len(groups))] == groups


@given(st.text("ab*?[]!-\\", max_size=8), st.text("ab]", max_size=8))
def test_shell_patterns(pattern, text):
    items = patterns.compiled([(pattern, False)])
    ends = patterns.prefix_ends(items, text)
    assert (len(text) in ends) == patterns.matches(items, text)


@given(st.text('{}()$ab1+=/~!,;[]"\\ \n<>?:', max_size=25))
def test_any_awk(text):
    with suppress(AwkProblem, RegexProblem):
        assert isinstance(Parser(text).rules(), list)


@given(st.text("s/ab.*\\()12,$!{};pdgn \n&", max_size=20))
def test_any_sed(text):
    with suppress(SedProblem, RegexProblem):
        assert isinstance(_SedParser(text, extended=False).commands(), list)
