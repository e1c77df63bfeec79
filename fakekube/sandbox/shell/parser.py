"""Text to syntax: the grammar of POSIX (XCU 2.10), by recursive descent over characters."""

from __future__ import annotations

import re
from collections.abc import Callable

from fakekube.sandbox.shell.syntax import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
    Incomplete,
    Node,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Subshell,
    SyntaxProblem,
    While,
    Word,
)
from fakekube.sandbox.shell.words import DEPTH, NAME, OPERATOR_CHARS, Words

RESERVED = frozenset(
    ("if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "{", "}", "!", "in")
)
REDIRECTIONS = frozenset(("<", ">", ">>", "<<", "<<-", "<&", ">&", "<>", ">|"))
LENGTH = 256 * 1024
"""Characters of a script."""


def parse(text: str) -> Script:
    """A whole script. Raises SyntaxProblem, Incomplete if more text could make it one."""
    if len(text) > LENGTH:
        raise SyntaxProblem("script too long")
    parser = Parser(text)
    script = parser.script(())
    if not parser.at_end():
        raise parser.unexpected()
    return script


class Parser(Words):
    """Reads commands from a position on."""

    def script(self, ends: tuple[str, ...]) -> Script:
        """Commands up to one of these words or operators, which is left."""
        self._depth += 1
        if self._depth > DEPTH:
            raise SyntaxProblem("syntax error: too many nested constructs")
        commands: list[tuple[Node, bool]] = []
        texts: list[str] = []
        while True:
            self._newlines()
            if self._at >= len(self._text) or self._ends(ends):
                break
            begun = self._at
            node = self._and_or()
            texts.append(self._text[begun : self._at].strip())
            operator = self._operator()
            background = operator == "&"
            commands.append((node, background))
            if operator in ("&", ";"):
                self._at += 1
            elif self._peek() != "\n":
                break
        self._depth -= 1
        if self._documents and self._at >= len(self._text):
            raise Incomplete("syntax error: unexpected end of file")
        return Script(tuple(commands), tuple(texts))

    def _ends(self, ends: tuple[str, ...]) -> bool:
        operator = self._operator()
        return operator in (")", ";;") or (not operator and self._peek_word() in ends)

    def _body(self, *ends: str) -> Script:
        """A script that must not be empty."""
        script = self.script(ends)
        if not script.commands:
            if self._at >= len(self._text):
                raise self.expected(ends[-1] if ends else ")")
            raise self.unexpected()
        return script

    def _and_or(self) -> Node:
        nodes = [("&&", self._pipeline())]
        while (operator := self._operator()) in ("&&", "||"):
            self._at += 2
            self._newlines()
            nodes.append((operator, self._pipeline()))
        return AndOr(tuple(nodes)) if len(nodes) > 1 else nodes[0][1]

    def _pipeline(self) -> Node:
        negated = False
        while self._keyword("!"):
            negated = not negated
        commands = [self._command()]
        while self._operator() == "|":
            self._at += 1
            self._newlines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated) if negated or len(commands) > 1 else commands[0]

    def _command(self) -> Node:
        if self._operator() == "(":
            self._at += 1
            body = self._body()
            if self._operator() != ")":
                raise self.expected(")")
            self._at += 1
            return Subshell(body, self._redirects())
        word = self._peek_word()
        compound = self._compounds().get(word)
        if compound is not None:
            self._at += len(word)
            return compound()
        if word in RESERVED:
            raise self.unexpected()
        if word == "function":
            found = re.compile(rf"function[ \t]+({NAME.pattern})").match(self._text, self._at)
            if found is not None:
                self._at = found.end()
                return self._function(found[1], bare=not self._is_function(found.end()))
        name = NAME.match(self._text, self._at)
        if name is not None and self._is_function(name.end()):
            return self._function(name[0])
        if name is not None and self._text[name.end() : name.end() + 1] == "(":
            raise SyntaxProblem('syntax error: unexpected word (expecting ")")')
        return self._simple()

    def _compounds(self) -> dict[str, Callable[[], Node]]:
        return {
            "{": self._group,
            "if": self._if,
            "while": lambda: self._while(until=False),
            "until": lambda: self._while(until=True),
            "for": self._for,
            "case": self._case,
        }

    def _is_function(self, end: int) -> bool:
        return re.compile(r"[ \t]*\([ \t]*\)").match(self._text, end) is not None

    def _function(self, name: str, *, bare: bool = False) -> Node:
        self._at = self._at if bare else self._text.index(")", self._at) + 1
        self._newlines()
        if self._at >= len(self._text):
            raise self.unexpected()
        return Function(name, self._command())

    def _group(self) -> Node:
        body = self._body("}")
        self._expect("}")
        return Group(body, self._redirects())

    def _if(self) -> Node:
        branches = []
        otherwise = None
        while True:
            condition = self._body("then")
            self._expect("then")
            branches.append((condition, self._body("elif", "else", "fi")))
            if self._keyword("elif"):
                continue
            if self._keyword("else"):
                otherwise = self._body("fi")
            self._expect("fi")
            return If(tuple(branches), otherwise, self._redirects())

    def _while(self, *, until: bool) -> Node:
        condition = self._body("do")
        return While(condition, self._do(), until, self._redirects())

    def _do(self) -> Script:
        self._expect("do")
        body = self._body("done")
        self._expect("done")
        return body

    def _for(self) -> Node:
        self._blanks()
        found = NAME.match(self._text, self._at)
        if found is None:
            raise (
                self.unexpected()
                if self._at >= len(self._text)
                else SyntaxProblem("syntax error: bad for loop variable")
            )
        self._at = found.end()
        self._newlines()
        words: tuple[Word, ...] | None = None
        if self._keyword("in"):
            words = self._words()
        if self._operator() == ";":
            self._at += 1
        return For(found[0], words, self._do(), self._redirects())

    def _words(self) -> tuple[Word, ...]:
        words = []
        while not self._operator() and self._peek() not in ("\n", ""):
            words.append(self.word())
        return tuple(words)

    def _case(self) -> Node:
        self._blanks()
        word = self.word()
        self._expect("in")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while True:
            self._newlines()
            if self._keyword("esac"):
                return Case(word, tuple(branches), self._redirects())
            if self._at >= len(self._text):
                raise self.unexpected()
            if self._operator() == "(":
                self._at += 1
            branches.append((self._patterns(), self.script(("esac",))))
            if self._operator() == ";;":
                self._at += 2

    def _patterns(self) -> tuple[Word, ...]:
        patterns = []
        while True:
            self._blanks()
            patterns.append(self.word())
            operator = self._operator()
            if operator == "|":
                self._at += 1
            elif operator == ")":
                self._at += 1
                return tuple(patterns)
            else:
                raise self.unexpected()

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
        return tuple(found)

    def _redirect(self) -> Redirect | None:
        self._blanks()
        number = re.compile(r"[0-9](?=[<>])").match(self._text, self._at)
        start = self._at
        if number is not None:
            self._at = number.end()
        operator = self._operator()
        if operator not in REDIRECTIONS:
            self._at = start
            return None
        self._at += len(operator)
        fd = int(number[0]) if number is not None else int(operator[0] == ">")
        self._blanks()
        if self._operator() or self._peek() in ("\n", ""):
            raise self.unexpected()
        if operator in ("<<", "<<-"):
            return Redirect(operator, fd, (), self._begin_document(operator == "<<-"))
        return Redirect(operator, fd, self.word())

    def _simple(self) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        line = self._text.count("\n", 0, self._at) + 1 if len(self._text) < 10_000 else 1
        while True:
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            if self._operator() or self._peek() in ("\n", ""):
                break
            found = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=").match(self._text, self._at) if not words else None
            if found is not None:
                self._at = found.end()
                blank = self._peek() in (" ", "\t", "\n", "") or bool(self._peek() in OPERATOR_CHARS)
                assignments.append((found[1], () if blank else self.word()))
            else:
                words.append(self.word())
        if not (assignments or words or redirects):
            raise self.unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirects), line)

    def _keyword(self, word: str) -> bool:
        if self._peek_word() == word:
            self._at += len(word)
            return True
        return False

    def _expect(self, word: str) -> None:
        self._newlines()
        if not self._keyword(word):
            raise self.expected(word)
