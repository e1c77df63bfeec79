"""What a shell script is made of, as the parser gives it and the interpreter walks it."""

from __future__ import annotations

from msgspec import Struct


class Text(Struct, frozen=True):
    """Characters; `quoted` ones are neither split nor patterns."""

    text: str
    quoted: bool = False


class Parameter(Struct, frozen=True):
    """$name, ${name}, ${#name}, ${name:-word} and its kin."""

    name: str
    operator: str = ""
    word: Word | None = None
    quoted: bool = False


class Command(Struct, frozen=True):
    """$(script) or `script`."""

    script: Script
    quoted: bool = False


class Arithmetic(Struct, frozen=True):
    """$((expression)); the expression is expanded first."""

    word: Word
    quoted: bool = False


Part = Text | Parameter | Command | Arithmetic
Word = tuple[Part, ...]


class Redirect(Struct, frozen=True):
    """[n]> word and its kin."""

    operator: str
    fd: int
    word: Word
    document: list[Part] | None = None
    """The body of a here-document, which follows later in the text."""


class Simple(Struct, frozen=True):
    """A command with its assignments."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    line: int = 1


class Pipeline(Struct, frozen=True):
    """Commands joined by "|"."""

    commands: tuple[Node, ...]
    negated: bool = False


class AndOr(Struct, frozen=True):
    """Commands joined by "&&" and "||", each with what is before it; the first as if it were "&&"."""

    nodes: tuple[tuple[str, Node], ...]


class Script(Struct, frozen=True):
    """Commands one after the other; each with whether it runs in the background."""

    commands: tuple[tuple[Node, bool], ...]
    texts: tuple[str, ...] = ()
    """What each of them was written as."""


class Subshell(Struct, frozen=True):
    """( script )"""

    body: Script
    redirects: tuple[Redirect, ...] = ()


class Group(Struct, frozen=True):
    """{ script; }"""

    body: Script
    redirects: tuple[Redirect, ...] = ()


class If(Struct, frozen=True):
    """Conditions with what follows them; the last may be without."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirects: tuple[Redirect, ...] = ()


class While(Struct, frozen=True):
    """while, and until if `until`."""

    condition: Script
    body: Script
    until: bool
    redirects: tuple[Redirect, ...] = ()


class For(Struct, frozen=True):
    """for name in words; without words over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...] = ()


class Case(Struct, frozen=True):
    """case word in patterns) script;; esac"""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirects: tuple[Redirect, ...] = ()


class Function(Struct, frozen=True):
    """name() body"""

    name: str
    body: Node


Node = Simple | Pipeline | AndOr | Script | Subshell | Group | If | While | For | Case | Function


class SyntaxProblem(Exception):
    """Not a script; the text is the shell's."""


class Incomplete(SyntaxProblem):
    """Not a script yet: there has to be more of it."""
