"""Arithmetic expansion: C's integer expressions in 64 bits. Assignments change variables."""

from __future__ import annotations

import re
from collections.abc import Callable

TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|[0-9]+|[A-Za-z_][A-Za-z0-9_]*"
    r"|<<=|>>=|\*\*|&&|\|\||<<|>>|<=|>=|==|!=|\+\+|--|[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),])"
)
ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
LEVELS = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
DEPTH = 30


class ArithmeticProblem(Exception):
    """No number comes out; the text is the shell's."""


def wrapped(number: int) -> int:
    """In 64 bits, signed."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise ArithmeticProblem("divide by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ArithmeticProblem("exponent less than 0")
    return wrapped(pow(left, right, 1 << 64))


BINARY: dict[str, Callable[[int, int], int]] = {
    "||": lambda a, b: int(bool(a or b)),
    "&&": lambda a, b: int(bool(a and b)),
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": lambda a, b: a - _divide(a, b) * b,
    "**": _power,
}


def evaluate(text: str, get: Callable[[str], str], put: Callable[[str, str], None]) -> int:
    """The value of an expression. Raises ArithmeticProblem."""
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise ArithmeticProblem("arithmetic syntax error")
        tokens.append(found[1])
        at = found.end()
        while at < len(text) and text[at].isspace():
            at += 1
    if not tokens:
        return 0
    evaluation = _Evaluation(tokens, get, put)
    value = evaluation.comma()
    if evaluation.at < len(tokens):
        raise ArithmeticProblem("arithmetic syntax error")
    return value


def number(text: str) -> int:
    """Decimal, octal, hexadecimal. Raises ArithmeticProblem."""
    text = text.strip()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    try:
        if digits.lower().startswith("0x"):
            return wrapped(sign * int(digits, 16))
        if len(digits) > 1 and digits.startswith("0"):
            return wrapped(sign * int(digits, 8))
        return wrapped(sign * int(digits[:40] or "0"))
    except ValueError:
        raise ArithmeticProblem("arithmetic syntax error") from None


class _Evaluation:
    def __init__(self, tokens: list[str], get: Callable[[str], str], put: Callable[[str, str], None]) -> None:
        self.at = 0
        self._tokens = tokens
        self._get = get
        self._put = put
        self._depth = 0
        self._muted = 0

    def _peek(self) -> str:
        return self._tokens[self.at] if self.at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if token and token in wanted:
            self.at += 1
            return token
        return ""

    def comma(self) -> int:
        value = self._assignment()
        while self._take(","):
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        self._depth += 1
        if self._depth > DEPTH:
            raise ArithmeticProblem("expression recursion loop detected")
        name = self._peek()
        following = self._tokens[self.at + 1] if self.at + 1 < len(self._tokens) else ""
        if _is_name(name) and following in ASSIGNMENTS:
            self.at += 2
            value = self._assignment()
            if following != "=":
                value = self._apply(following[:-1], self._variable(name), value)
            self._store(name, value)
        else:
            value = self._condition()
        self._depth -= 1
        return value

    def _condition(self) -> int:
        value = self._binary(0)
        if not self._take("?"):
            return value
        first = self._maybe(bool(value), self._assignment)
        if not self._take(":"):
            raise ArithmeticProblem("malformed ?: operator")
        second = self._maybe(not value, self._assignment)
        return first if value else second

    def _maybe(self, counts: bool, call: Callable[[], int]) -> int:
        """A part that is only read, not carried out, if it does not count."""
        self._muted += not counts
        value = call()
        self._muted -= not counts
        return value

    def _binary(self, level: int) -> int:
        if level == len(LEVELS):
            return self._exponent()
        value = self._binary(level + 1)
        while operator := self._take(*LEVELS[level]):
            counts = {"||": not value, "&&": bool(value)}.get(operator, True)
            right = self._maybe(counts, lambda: self._binary(level + 1))
            value = self._apply(operator, value, right)
        return value

    def _exponent(self) -> int:
        value = self._unary()
        if self._take("**"):
            return self._apply("**", value, self._maybe(True, self._exponent))
        return value

    def _apply(self, operator: str, left: int, right: int) -> int:
        return 0 if self._muted else wrapped(BINARY[operator](left, right))

    def _unary(self) -> int:
        self._depth += 1
        if self._depth > DEPTH:
            raise ArithmeticProblem("expression recursion loop detected")
        value = self._signed()
        self._depth -= 1
        return value

    def _signed(self) -> int:
        if operator := self._take("++", "--"):
            name = self._peek()
            if _is_name(name):
                self.at += 1
                value = wrapped(self._variable(name) + (1 if operator == "++" else -1))
                self._store(name, value)
                return value
            return self._unary()
        if operator := self._take("+", "-", "!", "~"):
            value = self._unary()
            return {"+": value, "-": wrapped(-value), "!": int(not value), "~": ~value}[operator]
        return self._primary()

    def _primary(self) -> int:
        token = self._peek()
        self.at += 1
        if token == "(":  # noqa: S105
            value = self.comma()
            if not self._take(")"):
                raise ArithmeticProblem("arithmetic syntax error")
            return value
        if _is_name(token):
            value = self._variable(token)
            if operator := self._take("++", "--"):
                self._store(token, wrapped(value + (1 if operator == "++" else -1)))
            return value
        if not token or not token[0].isdigit():
            raise ArithmeticProblem("arithmetic syntax error")
        return number(token)

    def _variable(self, name: str) -> int:
        text = self._get(name)
        if _is_name(text.strip()) and self._depth < DEPTH:
            self._depth += 1
            value = self._variable(text.strip())
            self._depth -= 1
            return value
        return number(text)

    def _store(self, name: str, value: int) -> None:
        if not self._muted:
            self._put(name, str(value))


def _is_name(text: str) -> bool:
    return bool(text) and (text[0].isalpha() or text[0] == "_")
