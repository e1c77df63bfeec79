"""The words of a script (POSIX, XCU 2.2 to 2.6): quoting, parameters, substitutions, here-documents."""

from __future__ import annotations

import re
from typing import Self

from fakekube.sandbox.shell.syntax import (
    Arithmetic,
    Command,
    Incomplete,
    Parameter,
    Part,
    Script,
    SyntaxProblem,
    Text,
    Word,
)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPECIAL = "@*#?-$!0123456789"
OPERATOR_CHARS = "&|;()<>"
OPERATORS = ("<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&", "|", ";", "(", ")", "<", ">")
PARAMETER_OPERATORS = (":-", ":=", ":?", ":+", "##", "%%", "-", "=", "?", "+", "#", "%")
DEPTH = 40
"""Constructs inside one another."""


class Words:
    """Reads words from a position on; whoever knows commands says what a script is."""

    def __init__(self, text: str, position: int = 0, depth: int = 0) -> None:
        self._text = text
        self._at = position
        self._depth = depth
        self._documents: list[tuple[str, bool, bool, list[Part]]] = []
        """Here-documents whose bodies follow the line: delimiter, strip tabs, quoted, where the body goes."""

    # characters

    def at_end(self) -> bool:
        """Whether nothing is left."""
        self._blanks()
        return self._at >= len(self._text)

    def unexpected(self) -> SyntaxProblem:
        """What the shell says about the token at hand."""
        if self._at >= len(self._text):
            return Incomplete("syntax error: unexpected end of file")
        operator = self._operator()
        shown = operator or (self._peek_word() if self._peek() != "\n" else "newline")
        return SyntaxProblem(
            f"syntax error: unexpected {shown}" if shown == "newline" else f'syntax error: unexpected "{shown}"'
        )

    def expected(self, word: str) -> SyntaxProblem:
        """What the shell says if something else than this stands here."""
        problem = self.unexpected()
        return type(problem)(f'{problem} (expecting "{word}")')

    def _peek(self, ahead: int = 0) -> str:
        return self._text[self._at + ahead : self._at + ahead + 1]

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _blanks(self) -> None:
        while True:
            if self._take("\\\n"):
                continue
            if self._peek() in (" ", "\t"):
                self._at += 1
            elif self._peek() == "#":
                while self._peek() not in ("\n", ""):
                    self._at += 1
            else:
                return

    def _newlines(self) -> None:
        while True:
            self._blanks()
            if self._peek() != "\n":
                return
            self._newline()

    def _newline(self) -> None:
        self._at += 1
        documents, self._documents = self._documents, []
        for delimiter, strip, quoted, body in documents:
            body += self._document(delimiter, strip, quoted)

    def _operator(self) -> str:
        """The operator at hand, which is not taken."""
        self._blanks()
        return next((one for one in OPERATORS if self._text.startswith(one, self._at)), "")

    def _peek_word(self) -> str:
        """The unquoted word at hand, which is not taken; "" for anything else."""
        self._blanks()
        at = self._at
        while at < len(self._text) and self._text[at] not in " \t\n" + OPERATOR_CHARS:
            if self._text[at] in "\\'\"$`":
                return ""
            at += 1
        return self._text[self._at : at]

    def script(self, ends: tuple[str, ...]) -> Script:
        """Commands up to one of these words or operators, which is left."""
        raise NotImplementedError

    def _inside(self, text: str, position: int = 0) -> Self:
        """A reader of what is inside of a word."""
        return type(self)(text, position, self._depth + 1)

    def word(self) -> Word:
        """One word."""
        parts: list[Part] = []
        while (char := self._peek()) and char not in " \t\n" + OPERATOR_CHARS:
            if self._take("\\\n"):
                continue
            parts += self._part(char)
        if not parts:
            raise self.unexpected()
        return tuple(parts)

    def _part(self, char: str) -> list[Part]:
        if char == "\\":
            self._at += 2
            return [Text(self._text[self._at - 1 : self._at] or "\\", quoted=True)]
        if char == "'":
            end = self._text.find("'", self._at + 1)
            if end < 0:
                raise Incomplete("syntax error: unterminated quoted string")
            text = self._text[self._at + 1 : end]
            self._at = end + 1
            return [Text(text, quoted=True)]
        if char == '"':
            self._at += 1
            return self._double_quoted('"')
        if char in "$`":
            return [self._dollar(quoted=False)]
        start = self._at
        while (char := self._peek()) and char not in " \t\n\\'\"$`" + OPERATOR_CHARS:
            self._at += 1
        return [Text(self._text[start : self._at])]

    def _double_quoted(self, end: str) -> list[Part]:
        """Up to the closing quote; a here-document ("" as the end) goes to the end of the text."""
        parts: list[Part] = [Text("", quoted=True)]
        text: list[str] = []

        def flush() -> None:
            if text:
                parts.append(Text("".join(text), quoted=True))
                text.clear()

        while True:
            char = self._peek()
            if char == end:
                self._at += len(end)
                flush()
                return parts
            if not char:
                raise Incomplete("syntax error: unterminated quoted string")
            if char == "\\":
                self._at += 2
                after = self._text[self._at - 1 : self._at]
                if after != "\n":
                    text.append(after if after and after in "$`\\" + end else "\\" + after)
            elif char in "$`":
                flush()
                parts.append(self._dollar(quoted=True))
            else:
                text.append(char)
                self._at += 1

    def _dollar(self, *, quoted: bool) -> Part:
        if self._take("`"):
            return Command(self._backquoted(quoted), quoted)
        self._at += 1
        if self._take("(("):
            saved = self._at
            arithmetic = self._arithmetic()
            if arithmetic is not None:
                return Arithmetic(arithmetic, quoted)
            self._at = saved - 1
            return Command(self._nested(), quoted)
        if self._take("("):
            return Command(self._nested(), quoted)
        if self._take("{"):
            return self._braced(quoted=quoted)
        char = self._peek()
        if char and char in SPECIAL:
            self._at += 1
            return Parameter(char, quoted=quoted)
        found = NAME.match(self._text, self._at)
        if found is None:
            return Text("$", quoted=quoted)
        self._at = found.end()
        return Parameter(found[0], quoted=quoted)

    def _nested(self) -> Script:
        inner = self._inside(self._text, self._at)
        script = inner.script(())
        if inner._operator() != ")":
            raise inner.expected(")")
        self._at = inner._at + 1
        return script

    def _backquoted(self, quoted: bool) -> Script:
        text: list[str] = []
        while True:
            char = self._peek()
            if not char:
                raise Incomplete("syntax error: EOF in backquote substitution")
            self._at += 1
            if char == "`":
                return self._inside("".join(text)).script(())
            if char == "\\" and self._peek() in ("$", "`", "\\", *('"' * quoted)):
                char = self._peek()
                self._at += 1
            text.append(char)

    def _arithmetic(self) -> Word | None:
        """Up to the closing "))"; None if it turns out to be a command."""
        depth, at = 0, self._at
        while at < len(self._text):
            char = self._text[at]
            if char == "(":
                depth += 1
            elif char == ")":
                if depth == 0:
                    if not self._text.startswith("))", at):
                        if at + 1 >= len(self._text):
                            raise Incomplete("syntax error: missing '))'")
                        return None
                    break
                depth -= 1
            at += 1
        else:
            raise Incomplete("syntax error: missing '))'")
        word = tuple(self._inside(self._text[self._at : at])._document_text())
        self._at = at + 2
        return word

    def _braced(self, *, quoted: bool) -> Part:
        if self._text.startswith("#}", self._at):
            self._at += 2
            return Parameter("#", quoted=quoted)
        length = self._peek() == "#" and self._peek(1) not in ("", "}", "#", "%", ":", "-", "=", "?", "+")
        if length:
            self._at += 1
        found = NAME.match(self._text, self._at) or re.compile(r"[0-9]+|[@*#?$!-]").match(self._text, self._at)
        if found is None:
            raise (
                Incomplete("syntax error: bad substitution")
                if not self._peek()
                else SyntaxProblem("syntax error: bad substitution")
            )
        self._at = found.end()
        if length:
            self._close_brace()
            return Parameter(found[0], "length", None, quoted)
        operator = next((one for one in PARAMETER_OPERATORS if self._take(one)), "")
        if not operator and self._peek() in (":", "/"):
            operator = self._peek()
            self._at += 1
        word = self._brace_word(quoted=quoted and operator not in ("#", "##", "%", "%%")) if operator else None
        self._close_brace()
        return Parameter(found[0], operator, word, quoted)

    def _close_brace(self) -> None:
        if not self._take("}"):
            if not self._peek():
                raise Incomplete("syntax error: missing '}'")
            raise SyntaxProblem("syntax error: bad substitution")

    def _brace_word(self, *, quoted: bool) -> Word:
        self._depth += 1
        if self._depth > DEPTH:
            raise SyntaxProblem("syntax error: too many nested constructs")
        parts: list[Part] = []
        while (char := self._peek()) != "}":
            if not char:
                raise Incomplete("syntax error: missing '}'")
            if char == "\\":
                after = self._peek(1)
                self._at += 2
                keep = quoted and after not in tuple('$`"\\}')
                parts.append(Text(("\\" if keep else "") + after, quoted=True))
            elif char == "'" and not quoted:
                parts += self._part(char)
            elif char == '"':
                self._at += 1
                parts += self._double_quoted('"')
            elif char in "$`":
                parts.append(self._dollar(quoted=quoted))
            else:
                self._at += 1
                parts.append(Text(char, quoted=quoted))
        self._depth -= 1
        return _joined(parts)

    # here-documents

    def _begin_document(self, strip: bool) -> list[Part]:
        word = self.word()
        delimiter = "".join(part.text for part in word if isinstance(part, Text))
        quoted = any(isinstance(part, Text) and part.quoted for part in word)
        body: list[Part] = []
        self._documents.append((delimiter, strip, quoted, body))
        return body

    def _document(self, delimiter: str, strip: bool, quoted: bool) -> list[Part]:
        lines = []
        while True:
            if self._at >= len(self._text):
                raise Incomplete("syntax error: unexpected end of file")
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end
            line = self._text[self._at : end]
            self._at = min(end + 1, len(self._text))
            line = line.lstrip("\t") if strip else line
            if line == delimiter:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        if quoted:
            return [Text(text, quoted=True)]
        return self._inside(text)._document_text()

    def _document_text(self) -> list[Part]:
        return self._double_quoted("")


def _joined(parts: list[Part]) -> Word:
    """Neighbouring texts of one kind as one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text) and part.quoted == last.quoted:
            joined[-1] = Text(last.text + part.text, part.quoted)
        else:
            joined.append(part)
    return tuple(joined)
