"""Text to syntax: tokens, and a recursive descent over them."""

from __future__ import annotations

import re
from typing import Any

from fakekube.sandbox.commands import basic

TOKEN = re.compile(
    r"""[ \t]*(?:\\\n|(?P<comment>\#[^\n]*)|(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"""
    r"""|(?P<string>"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_]\w*)|(?P<op>\|\||&&|[-+*/%^<>=!]=|>>|\+\+|--|[-+*/%^<>=!~?:,;(){}\[\]$\n]))"""
)
KEYWORDS = frozenset(("if", "else", "while", "for", "do", "in", "print", "printf", "next", "exit", "delete", "break"))
KEYWORDS |= {"continue", "BEGIN", "END", "function", "func", "return"}
DEPTH = 40
"""Constructs inside one another."""
Node = tuple[Any, ...]
"""(what it is, its parts…)"""


class AwkProblem(Exception):
    """Not a program, or one that asks for too much."""


class Parser:
    """Reads a program. Raises AwkProblem, IndexError at an unexpected end."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self.functions: dict[str, tuple[list[str], Node]] = {}
        """Name -> (parameters, body); known once the rules are read."""

    def rules(self) -> list[tuple[Node | None, Node | None, Node | None]]:
        """(pattern, end of a range, action)."""
        found = []
        self._skip()
        while self._peek() != "":
            if self._take("function", "func"):
                self._function()
                self._skip()
                continue
            first = second = action = None
            if self._peek() != "{":
                first = ("special", self._next()) if self._peek() in ("BEGIN", "END") else self._expression()
                if self._take(","):
                    second = self._expression()
            if self._peek() == "{":
                action = self._block()
            found.append((first, second, action))
            self._skip()
        return found

    def _function(self) -> None:
        name, parameters = self._next(), []
        self._expect("(")
        while not self._take(")"):
            parameters.append(self._next())
            self._take(",")
        while self._take("\n"):
            pass
        self.functions[name] = parameters, self._block()

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *wanted: str) -> str:
        if self._kind() != "string" and self._peek() in wanted and self._peek():
            return self._next()
        return ""

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise AwkProblem(f"syntax error at '{self._peek() or 'end'}'")

    def _skip(self) -> None:
        while self._take("\n", ";"):
            pass

    def _block(self) -> Node:
        self._expect("{")
        self._depth += 1
        if self._depth > DEPTH:
            raise AwkProblem("too deep")
        statements = []
        self._skip()
        while not self._take("}"):
            if self._peek() == "":
                raise AwkProblem("unexpected end of program")
            statements.append(self._statement())
            self._skip()
        self._depth -= 1
        return ("block", statements)

    def _statement(self) -> Node:
        if self._peek() == "{":
            return self._block()
        if self._kind() == "name" and self._peek() in KEYWORDS:
            return self._keyword(self._next())
        return ("expr", self._expression())

    def _body(self) -> Node:
        while self._take("\n"):
            pass
        if self._take(";"):
            return ("block", [])
        return self._statement()

    def _keyword(self, word: str) -> Node:
        if word in ("print", "printf"):
            return self._print(word)
        if word == "if":
            self._expect("(")
            condition = self._expression()
            self._expect(")")
            then = self._body()
            mark = self._at
            self._skip()
            if self._take("else"):
                return ("if", condition, then, self._body())
            self._at = mark
            return ("if", condition, then, None)
        if word == "while":
            self._expect("(")
            condition = self._expression()
            self._expect(")")
            return ("while", condition, self._body())
        if word == "for":
            return self._for()
        if word in ("next", "break", "continue"):
            return ("jump", word, None)
        if word == "return":
            return ("return", None if self._peek() in ("\n", ";", "}", "") else self._expression())
        if word == "exit":
            return ("jump", "exit", None if self._peek() in ("\n", ";", "}", "") else self._expression())
        if word == "delete":
            name = self._next()
            keys = self._subscript() if self._take("[") else None
            return ("delete", name, keys)
        raise AwkProblem(f"syntax error at '{word}'")

    def _for(self) -> Node:
        self._expect("(")
        if self._kind() == "name" and self._tokens[self._at + 1 : self._at + 2] == [("name", "in")]:
            name = self._next()
            self._next()
            array = self._next()
            self._expect(")")
            return ("forin", name, array, self._body())
        first = None if self._peek() == ";" else ("expr", self._expression())
        self._expect(";")
        condition = None if self._peek() == ";" else self._expression()
        self._expect(";")
        step = None if self._peek() == ")" else ("expr", self._expression())
        self._expect(")")
        return ("for", first, condition, step, self._body())

    def _print(self, word: str) -> Node:
        values: list[Node] = []
        if self._peek() not in ("\n", ";", "}", "", ">", ">>"):
            values.append(self._expression(redirects=False))
            while self._take(","):
                values.append(self._expression(redirects=False))
        if len(values) == 1 and values[0][0] == "group":
            values = values[0][1]
        target = self._take(">", ">>")
        return (word, values, target, self._binary(5) if target else None)

    def _expression(self, redirects: bool = True) -> Node:
        self._depth += 1
        if self._depth > DEPTH:
            raise AwkProblem("too deep")
        node = self._ternary(redirects)
        operator = self._take("=", "+=", "-=", "*=", "/=", "%=", "^=")
        if operator:
            if node[0] not in ("var", "field", "cell"):
                raise AwkProblem("assignment to what is no variable")
            node = ("assign", operator, node, self._expression(redirects))
        self._depth -= 1
        return node

    def _ternary(self, redirects: bool) -> Node:
        node = self._binary(0, redirects)
        if self._take("?"):
            first = self._expression(redirects)
            self._expect(":")
            return ("cond", node, first, self._expression(redirects))
        return node

    LEVELS = (
        ("||",),
        ("&&",),
        ("in",),
        ("~", "!~"),
        ("<", "<=", "!=", "==", ">", ">="),
        (),
        ("+", "-"),
        ("*", "/", "%"),
    )

    def _binary(self, level: int, redirects: bool = True) -> Node:
        if level == len(self.LEVELS):
            return self._unary()
        if level == 5:
            return self._concatenation(redirects)
        node = self._binary(level + 1, redirects)
        while True:
            operators = [one for one in self.LEVELS[level] if redirects or one != ">"]
            operator = self._take(*operators)
            if (
                operator == ""
                and level == 3
                and self._peek() == "!"
                and self._tokens[self._at + 1 : self._at + 2] == [("op", "~")]
            ):
                self._at += 2
                operator = "!~"
            if not operator:
                return node
            if operator == "in":
                node = ("in", node, self._next())
            else:
                node = ("bin", operator, node, self._binary(level + 1, redirects))

    def _concatenation(self, redirects: bool) -> Node:
        node = self._binary(6, redirects)
        while (
            self._kind() in ("number", "string", "regex")
            or (self._kind() == "name" and self._peek() not in KEYWORDS)
            or (
                self._kind() == "op"
                and self._peek() in ("$", "(", "!", "-")
                and not (self._peek() == "!" and self._tokens[self._at + 1 : self._at + 2] == [("op", "~")])
            )
        ):
            node = ("cat", node, self._binary(6, redirects))
        return node

    def _unary(self) -> Node:
        if operator := self._take("!", "-", "+"):
            return ("unary", operator, self._unary())
        node = self._postfix()
        if self._take("^"):
            return ("bin", "^", node, self._unary())
        return node

    def _postfix(self) -> Node:
        if operator := self._take("++", "--"):
            return ("step", operator, self._primary(), True)
        node = self._primary()
        if node[0] in ("var", "field", "cell") and (operator := self._take("++", "--")):
            return ("step", operator, node, False)
        return node

    def _primary(self) -> Node:
        kind, word = self._kind(), self._next()
        if kind == "number":
            return ("const", float(word))
        if kind == "string":
            return ("const", basic.unescaped(word[1:-1].replace('\\"', '"').replace("\\/", "/"))[0])
        if kind == "regex":
            return ("match", word)
        if word == "$":
            return ("field", self._postfix_field())
        if word == "(":
            inner = [self._expression()]
            while self._take(","):
                inner.append(self._expression())
            self._expect(")")
            if len(inner) > 1 and self._take("in"):
                return ("in", ("join", inner), self._next())
            return inner[0] if len(inner) == 1 else ("group", inner)
        if kind == "name" and word not in KEYWORDS:
            if self._take("("):
                arguments = []
                while not self._take(")"):
                    arguments.append(self._expression())
                    self._take(",")
                return ("call", word, arguments)
            if self._take("["):
                return ("cell", word, self._subscript())
            return ("call", "length", []) if word == "length" else ("var", word)
        raise AwkProblem(f"syntax error at '{word or 'end'}'")

    def _postfix_field(self) -> Node:
        if operator := self._take("++", "--"):
            return ("step", operator, self._primary(), True)
        return ("unary", "-", self._primary()) if self._take("-") else self._primary()

    def _subscript(self) -> Node:
        keys = [self._expression()]
        while self._take(","):
            keys.append(self._expression())
        self._expect("]")
        return ("join", keys)


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text); a "/" begins a regular expression where no value is before it."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        before = found[-1] if found else ("", "")
        value = (
            before[0] in ("number", "string", "regex")
            or before[1] in (")", "]", "$")
            or (before[0] == "name" and before[1] not in KEYWORDS)
        )
        regex = None if value else re.compile(r"[ \t]*/((?:\\.|\[[^\]]*\]|[^/\\\n])*)/", re.DOTALL).match(text, at)
        match = regex or TOKEN.match(text, at)
        if match is None or match.end() == at:
            if not text[at:].strip(" \t\r"):
                break
            raise AwkProblem(f"syntax error at '{text[at : at + 10]}'")
        at = match.end()
        if regex is not None:
            found.append(("regex", regex[1].replace("\\/", "/")))
        elif match.lastgroup and match.lastgroup != "comment":
            found.append((match.lastgroup, match[match.lastgroup]))
    return found
