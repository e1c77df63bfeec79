"""What a shell remembers: variables, functions, options, traps, jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from fakekube.sandbox.kernel import Proc
from fakekube.sandbox.shell.syntax import Node

VALUE_LIMIT = 1 << 20
"""Characters of a variable."""
OPTIONS = {
    "e": "errexit",
    "f": "noglob",
    "n": "noexec",
    "u": "nounset",
    "v": "verbose",
    "x": "xtrace",
    "a": "allexport",
    "C": "noclobber",
    "m": "monitor",
    "i": "interactive",
    "s": "stdin",
}


class ShellError(Exception):
    """The command, and a shell that is not interactive, ends with this message and code."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


class Break(Exception):
    """Leave so many loops."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Continue(Break):
    """Begin the next round of a loop so many levels up."""


class Return(Exception):
    """Leave a function or a sourced script."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Variable(Struct):
    """One variable; a value of None is exported or read-only without being set."""

    value: str | None
    exported: bool = False
    read_only: bool = False


class Job(Struct):
    """What runs in the background."""

    number: int
    procs: list[Proc]
    text: str = ""

    @property
    def done(self) -> bool:
        """Whether all of it has ended."""
        return all(proc.ended.done() for proc in self.procs)


class State(Struct):
    """Copied for a subshell."""

    name: str
    arguments: list[str] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    """By letter."""
    traps: dict[int, str] = field(default_factory=dict)
    status: int = 0
    last_background: int = 0
    jobs: list[Job] = field(default_factory=list)
    locals: list[dict[str, Variable | None]] = field(default_factory=list)
    """What to restore when a function ends, innermost last."""
    substitution: int | None = None
    """The code of the last command substitution, for an assignment without a command."""

    def get(self, name: str) -> str | None:
        """A variable's value."""
        found = self.variables.get(name)
        return found.value if found is not None else None

    def put(self, name: str, value: str, *, export: bool = False) -> None:
        """Set a variable. Raises ShellError."""
        if len(value) > VALUE_LIMIT:
            raise ShellError("out of memory")
        found = self.variables.get(name)
        if found is None:
            self.variables[name] = Variable(value, export or "a" in self.options)
            return
        if found.read_only:
            raise ShellError(f"{name}: is read only")
        found.value = value
        found.exported = found.exported or export

    def unset(self, name: str) -> None:
        """Forget a variable. Raises ShellError."""
        found = self.variables.get(name)
        if found is not None and found.read_only:
            raise ShellError(f"{name}: is read only")
        self.variables.pop(name, None)

    def exported(self) -> dict[str, str]:
        """The environment."""
        return {name: one.value for name, one in self.variables.items() if one.exported and one.value is not None}

    def make_local(self, name: str) -> None:
        """Restore the variable when the function ends. Raises ShellError outside of one."""
        if not self.locals:
            raise ShellError("local: not in a function", 1)
        scope = self.locals[-1]
        if name not in scope:
            before = self.variables.get(name)
            scope[name] = Variable(before.value, before.exported, before.read_only) if before is not None else None

    def leave_function(self) -> None:
        """Restore what was local."""
        for name, before in self.locals.pop().items():
            if before is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = before

    def copy(self) -> State:
        """For a subshell: traps and jobs stay behind."""
        return State(
            self.name,
            list(self.arguments),
            {name: Variable(one.value, one.exported, one.read_only) for name, one in self.variables.items()},
            dict(self.functions),
            dict(self.aliases),
            self.options - {"i", "m"},
            {number: text for number, text in self.traps.items() if text == ""},
            self.status,
            self.last_background,
            locals=[{} for _ in self.locals],
        )

    def take_environment(self, env: Mapping[str, str]) -> None:
        """What the shell was started with."""
        for name, value in env.items():
            self.variables[name] = Variable(value, exported=True)

    def letters(self) -> Iterator[str]:
        """The options that are on, as $- shows them."""
        return (letter for letter in OPTIONS if letter in self.options)
