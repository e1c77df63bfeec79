"""What a shell script is made of, as the parser gives it and the interpreter walks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Characters; `quoted` ones are neither split nor patterns."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """$name, ${name}, ${#name}, ${name:-word} and its kin."""

    name: str
    operator: str = ""
    word: Word | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """$(script) or `script`."""

    script: Script
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """$((expression)); the expression is expanded first."""

    word: Word
    quoted: bool = False


Part = Text | Parameter | Command | Arithmetic
Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """[n]> word and its kin."""

    operator: str
    fd: int
    word: Word
    document: list[Part] | None = None
    """The body of a here-document, which follows later in the text."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its assignments."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    line: int = 1


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by "|"."""

    commands: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Commands joined by "&&" and "||", each with what is before it; the first as if it were "&&"."""

    nodes: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Commands one after the other; each with whether it runs in the background."""

    commands: tuple[tuple[Node, bool], ...]
    texts: tuple[str, ...] = ()
    """What each of them was written as."""


@dataclass(frozen=True, slots=True)
class Subshell:
    """( script )"""

    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """{ script; }"""

    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows them; the last may be without."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """while, and until if `until`."""

    condition: Script
    body: Script
    until: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """for name in words; without words over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """case word in patterns) script;; esac"""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """name() body"""

    name: str
    body: Node


Node = Simple | Pipeline | AndOr | Script | Subshell | Group | If | While | For | Case | Function


class SyntaxProblem(Exception):
    """Not a script; the text is the shell's."""


class Incomplete(SyntaxProblem):
    """Not a script yet: there has to be more of it."""
