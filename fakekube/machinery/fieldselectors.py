r"""Field selectors: field=value, field==value and field!=value, joined by commas; \ escapes "\", "," and "=" in values.

Follows apimachinery's fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from fakekube.machinery.selectors import SelectorError

_TERM = re.compile(r"((?:\\.|[^\\,])*\\?)(,|\Z)", re.DOTALL)
_OPERATOR = re.compile("!=|==|=")
_SPECIAL = re.compile(r"\\(.?)|([,=])", re.DOTALL)

Transform = Callable[[str, str], tuple[str, str]]
"""Checks or renames a field and its value; ("", "") drops the term. Raises SelectorError."""


class Term(Struct, frozen=True):
    """One condition: the field has (or, negated, has not) this value. A field that is missing is ""."""

    field: str
    value: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.field}{'!=' if self.negated else '='}{escape(self.value)}"


class FieldSelector(Struct, frozen=True):
    """Terms that must all hold. Without any it selects everything."""

    terms: tuple[Term, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether an object with these fields is selected."""
        for term in self.terms:  # noqa: SIM110  a generator would cost more than the comparisons
            if (fields.get(term.field, "") == term.value) is term.negated:
                return False
        return True

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return not self.terms

    def exact(self, field: str) -> str | None:
        """The one value that this field must have, if there is one."""
        return next((term.value for term in self.terms if term.field == field and not term.negated), None)

    def transform(self, convert: Transform) -> FieldSelector:
        """The selector with every term's field and value converted."""
        terms = ((*convert(term.field, term.value), term.negated) for term in self.terms)
        return FieldSelector(tuple(Term(*term) for term in terms if term[0] or term[1]))

    def __str__(self) -> str:
        return ",".join(map(str, self.terms))


EVERYTHING = FieldSelector()


def escape(value: str) -> str:
    """The value as it may stand in a selector."""
    return re.sub(r"([\\,=])", r"\\\1", value)


def unescape(value: str) -> str:
    """The value that is meant. Raises SelectorError."""

    def plain(match: re.Match[str]) -> str:
        escaped, bare = match.groups()
        if bare:
            raise SelectorError(f"invalid field selector: unescaped character in value: {ord(bare)}")
        if escaped not in ("\\", ",", "="):  # "" at the end of the text
            raise SelectorError(f"invalid field selector: invalid escape sequence: \\{escaped}")
        return escaped

    return _SPECIAL.sub(plain, value)


def parse(text: str) -> FieldSelector:
    """The selector that a query's fieldSelector means, its terms in alphabetical order. Raises SelectorError."""
    if not text:
        return EVERYTHING
    parts = sorted(match[1] for match in _TERM.finditer(text))
    terms = (_term(text, part) for part in parts if part)
    return FieldSelector(tuple(term for term in terms if term.field or term.value))


def _term(text: str, part: str) -> Term:
    operator = _OPERATOR.search(part)
    if operator is None:
        raise SelectorError(f"invalid selector: '{text}'; can't understand '{part}'")
    return Term(part[: operator.start()], unescape(part[operator.end() :]), operator[0] == "!=")
