"""Label selectors: the query string's grammar, LabelSelector objects, and matching. Follows apimachinery's labels.

    selector    = [ requirement *( "," requirement ) ]
    requirement = [ "!" ] key | key ( "=" | "==" | "!=" | ">" | "<" ) [ value ] | key ( "in" | "notin" ) "(" values ")"

Selectors are immutable and made once, so making one compiles it to functions; matching is a few dict lookups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.goformat import quote
from fakekube.machinery.metarules import validate_label_name, validate_labels
from fakekube.machinery.names import label_value, qualified_name
from fakekube.machinery.objects import Object

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

INT64 = range(-(2**63), 2**63)
OBJECT_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
NODE_OPERATORS = {**OBJECT_OPERATORS, "Gt": "gt", "Lt": "lt"}


class SelectorError(ValueError):
    """The selector makes no sense; its text is what the real server answers."""


def parse_int(text: str) -> int | None:
    """A decimal number of 64 bits, or None."""
    number = int(text) if re.fullmatch("[+-]?[0-9]+", text) and len(text) < 400 else None
    return number if number is not None and number in INT64 else None


class Requirement(Struct, frozen=True):
    """One condition on one label. The operators are apimachinery's: "=", "==", "!=", "in", "notin", "exists", "!",
    "gt", "lt"."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _PRINTED[self.operator].format(self.key, ",".join(sorted(self.values)))

    def test(self) -> Test:
        """The function that decides it."""
        return _TESTS[self.operator](self.key, self.values)


_PRINTED = {
    "=": "{}={}",
    "==": "{}=={}",
    "!=": "{}!={}",
    "in": "{} in ({})",
    "notin": "{} notin ({})",
    "gt": "{}>{}",
    "lt": "{}<{}",
    "exists": "{}",
    "!": "!{}",
}


def _is_one_of(key: str, values: tuple[str, ...]) -> Test:
    wanted = frozenset(values)
    return lambda labels: labels.get(key) in wanted  # a missing label is None, which no value is


def _is_none_of(key: str, values: tuple[str, ...]) -> Test:
    unwanted = frozenset(values)
    return lambda labels: labels.get(key) not in unwanted


def _exists(key: str, _: tuple[str, ...]) -> Test:
    return lambda labels: key in labels


def _is_absent(key: str, _: tuple[str, ...]) -> Test:
    return lambda labels: key not in labels


def _compares(sign: int) -> Callable[[str, tuple[str, ...]], Test]:
    """Labels that are no number match neither way."""

    def compile_(key: str, values: tuple[str, ...]) -> Test:
        bound = sign * int(values[0])

        def test(labels: Labels) -> bool:
            number = parse_int(labels.get(key, ""))
            return number is not None and sign * number > bound

        return test

    return compile_


_TESTS: dict[str, Callable[[str, tuple[str, ...]], Test]] = {
    "=": _is_one_of,
    "==": _is_one_of,
    "in": _is_one_of,
    "!=": _is_none_of,
    "notin": _is_none_of,
    "exists": _exists,
    "!": _is_absent,
    "gt": _compares(1),
    "lt": _compares(-1),
}


class Selector:
    """Requirements that must all hold, in order of their keys. Without any it selects everything."""

    __slots__ = ("_tests", "requirements", "selectable")

    def __init__(self, requirements: Iterable[Requirement] = (), *, selectable: bool = True) -> None:
        self.requirements = tuple(sorted(requirements, key=lambda requirement: requirement.key))
        self.selectable = selectable
        """False for NOTHING alone: it matches no object, whatever its labels."""
        self._tests = tuple(requirement.test() for requirement in self.requirements)

    def matches(self, labels: Labels) -> bool:
        """Whether these labels are selected."""
        for test in self._tests:  # a generator would cost more than the tests
            if not test(labels):
                return False
        return self.selectable

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return self.selectable and not self.requirements

    def exact(self, key: str) -> str | None:
        """The one value that this label must have, if there is one."""
        found = next((r for r in self.requirements if r.key == key), None)
        if found is None or found.operator not in ("=", "==", "in") or len(found.values) != 1:
            return None
        return found.values[0]

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"Selector({self})" if self.selectable else "Selector(nothing)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selector):
            return NotImplemented
        return (self.requirements, self.selectable) == (other.requirements, other.selectable)

    def __hash__(self) -> int:
        return hash((self.requirements, self.selectable))


EVERYTHING = Selector()
NOTHING = Selector(selectable=False)


def requirement(key: str, operator: str, values: Sequence[str] = ()) -> Requirement:
    """A checked Requirement. Raises SelectorError."""
    _check_key(key)
    if operator in ("in", "notin"):
        if not values:
            raise SelectorError("for 'in', 'notin' operators, values set can't be empty")
    elif operator in ("=", "==", "!="):
        if len(values) != 1:
            raise SelectorError("exact-match compatibility requires one single value")
    elif operator in ("exists", "!"):
        if values:
            raise SelectorError("values set must be empty for exists and does not exist")
    elif operator in ("gt", "lt"):
        _check_number(values)
    else:
        raise SelectorError(f"operator '{operator}' is not recognized")
    for value in values:
        if texts := "; ".join(label_value(value)):
            raise SelectorError(f"invalid label value: {quote(value)}: at key: {quote(key)}: {texts}")
    return Requirement(key, operator, tuple(values))


def _check_key(key: str) -> None:
    if texts := "; ".join(qualified_name(key)):
        raise SelectorError(f"invalid label key {quote(key)}: {texts}")


def _check_number(values: Sequence[str]) -> None:
    if len(values) != 1:
        raise SelectorError("for 'Gt', 'Lt' operators, exactly one value is required")
    if parse_int(values[0]) is None:
        raise SelectorError("for 'Gt', 'Lt' operators, the value must be an integer")


# The string form

_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>\0]+)\0?")
_SYMBOLS = frozenset(("==", "!=", *"=!(),<>"))
_OPERATORS = {"=": "=", "==": "==", "!=": "!=", "in": "in", "notin": "notin", ">": "gt", "<": "lt"}
_END = ""


def parse(text: str) -> Selector:
    """The selector that a query's labelSelector means. Raises SelectorError."""
    if not text:
        return EVERYTHING
    return Selector(_Parser(text).selector())


def _tokens(text: str) -> Iterator[str]:
    """A NUL ends the text, unless a token stands right before it."""
    position = 0
    while (match := _TOKEN.match(text, position)) is not None:
        yield match[1]
        position = match.end()


class _Parser:
    """Recursive descent over the tokens. The end of the text is the token ""; "in" and "notin" are also words."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def _next(self) -> str:
        found = self._peek()
        self._position += 1
        return found

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else _END

    def selector(self) -> Iterator[Requirement]:
        while (found := self._peek()) != _END:
            if found in _SYMBOLS and found != "!":
                raise SelectorError(f"found '{found}', expected: !, identifier, or 'end of string'")
            try:
                yield self._requirement()
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            self._separator()

    def _separator(self) -> None:
        found = self._next()
        if found == ",":
            after = self._peek()
            if after == _END or (after in _SYMBOLS and after != "!"):
                raise SelectorError(f"found '{after}', expected: identifier after ','")
        elif found != _END:
            raise SelectorError(f"found '{found}', expected: ',' or 'end of string'")

    def _requirement(self) -> Requirement:
        negated = self._peek() == "!"
        if negated:
            self._next()
        key = self._word()
        _check_key(key)
        if negated:  # whatever follows is left to the separator
            return requirement(key, "!")
        if self._peek() in (_END, ","):
            return requirement(key, "exists")
        operator = self._operator()
        values = self._set() if operator in ("in", "notin") else {self._value()}
        return requirement(key, operator, sorted(values))

    def _word(self) -> str:
        found = self._next()
        if found == _END or found in _SYMBOLS:
            raise SelectorError(f"found '{found}', expected: identifier")
        return found

    def _operator(self) -> str:
        found = self._next()
        if found not in _OPERATORS:
            raise SelectorError(f"found '{found}', expected: '=', '!=', '==', 'in', notin'")
        return _OPERATORS[found]

    def _value(self) -> str:
        return "" if self._peek() in (_END, ",") else self._word()

    def _set(self) -> set[str]:
        if (found := self._next()) != "(":
            raise SelectorError(f"found '{found}' expected: '('")
        first = self._peek()
        if first == ")":
            self._next()
            return {""}
        if first == _END or (first in _SYMBOLS and first != ","):
            raise SelectorError(f"found '{first}', expected: ',', ')' or identifier")
        values = self._values()
        self._next()  # the parenthesis that _values has seen
        return values

    def _values(self) -> set[str]:
        """Words between commas up to the closing parenthesis, which stays; nothing between two commas is ""."""
        values: set[str] = set()
        while True:
            found = self._next()
            if found == ",":
                if self._after_comma(values):
                    return values
            elif found == _END or found in _SYMBOLS:
                raise SelectorError(f"found '{found}', expected: ',', or identifier")
            else:
                values.add(found)
                after = self._peek()
                if after == ")":
                    return values
                if after != ",":
                    raise SelectorError(f"found '{after}', expected: ',' or ')'")

    def _after_comma(self, values: set[str]) -> bool:
        """Whether the list ends here."""
        if not values:
            values.add("")
        after = self._peek()
        if after in (")", ","):
            values.add("")
        if after == ",":
            self._next()
        return after == ")"


# The object form


def from_set(wanted: Labels | None) -> Selector:
    """Labels that must all be there, unchecked, as in a service's selector. None and {} select everything."""
    return Selector(Requirement(key, "=", (value,)) for key, value in (wanted or {}).items())


def from_object(selector: Mapping[str, Any] | None) -> Selector:
    """What a LabelSelector object selects: None nothing, an empty one everything. Raises SelectorError."""
    if selector is None:
        return NOTHING
    wanted = selector.get("matchLabels") or {}
    found = [requirement(key, "=", (value,)) for key, value in wanted.items()]
    for expression in selector.get("matchExpressions") or ():
        operator = expression.get("operator", "")
        if operator not in OBJECT_OPERATORS:
            raise SelectorError(f"{quote(operator)} is not a valid pod selector operator")
        found.append(requirement(expression.get("key", ""), OBJECT_OPERATORS[operator], expression.get("values") or ()))
    return Selector(found)


def from_node_expressions(expressions: Iterable[Mapping[str, Any]]) -> Selector:
    """What a node selector term's matchExpressions select; none select nothing. Raises SelectorError."""
    found = []
    for expression in expressions:
        operator = expression.get("operator", "")
        if operator not in NODE_OPERATORS:
            raise SelectorError(f"{quote(operator)} is not a valid node selector operator")
        found.append(requirement(expression.get("key", ""), NODE_OPERATORS[operator], expression.get("values") or ()))
    return Selector(found) if found else NOTHING


def to_object(text: str) -> Object:
    """The LabelSelector object of a selector's string form. Raises SelectorError."""
    try:
        parsed = parse(text)
    except SelectorError as error:
        raise SelectorError(f'couldn\'t parse the selector string "{text}": {error}') from None
    names = {operator: name for name, operator in OBJECT_OPERATORS.items()}
    exact: dict[str, str] = {}
    expressions = []
    for found in parsed.requirements:
        if found.operator in ("=", "=="):
            exact[found.key] = found.values[0]
        elif found.operator in ("gt", "lt"):
            raise SelectorError(f"{quote(found.operator)} isn't supported in label selectors")
        elif found.operator not in names:
            raise SelectorError(f"{quote(found.operator)} is not a valid label selector operator")
        else:
            expression: Object = {"key": found.key, "operator": names[found.operator]}
            expressions.append(expression | ({"values": sorted(found.values)} if found.values else {}))
    selector: Object = {"matchLabels": exact} if exact else {}
    return selector | ({"matchExpressions": expressions} if expressions else {})


def format_object(selector: Mapping[str, Any] | None) -> str:
    """A LabelSelector object as tables show it."""
    try:
        return str(from_object(selector)) or "<none>"
    except SelectorError:
        return "<error>"


def validate_object(selector: Mapping[str, Any] | None, path: Path) -> Iterator[FieldError]:
    """Errors of a LabelSelector object. Values of its expressions are not looked at, as on the real server."""
    if selector is None:
        return
    yield from validate_labels(selector.get("matchLabels") or {}, path / "matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        yield from validate_expression(expression, path / "matchExpressions" @ index)


def validate_expression(expression: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    """Errors of one entry of matchExpressions."""
    operator, values = expression.get("operator", ""), expression.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            yield required(path / "values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(path / "values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    else:
        yield invalid(path / "operator", operator, "not a valid selector operator")
    yield from validate_label_name(expression.get("key", ""), path / "key")
