"""What a shell remembers: variables, functions, options, traps, jobs."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from fakekube.sandbox.kernel import STOPS, Proc
from fakekube.sandbox.shell.syntax import Node

VALUE_LIMIT = 1 << 20
"""Characters of a variable."""
OPTIONS = {
    "e": "errexit",
    "f": "noglob",
    "I": "ignoreeof",
    "i": "interactive",
    "m": "monitor",
    "n": "noexec",
    "s": "stdin",
    "c": "",
    "x": "xtrace",
    "v": "verbose",
    "C": "noclobber",
    "a": "allexport",
    "b": "notify",
    "u": "nounset",
    "p": "pipefail",
}
"""By letter, in ash's order; "p" is no letter of ash's: pipefail has none."""
UNSEEN = frozenset("p")
"""Options that $- does not show."""


class ShellError(Exception):
    """The command, and a shell that is not interactive, ends with this message and code."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code
        self.teller = ""
        """The builtin that met it."""


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
    """What runs in the background, or is stopped."""

    number: int
    procs: list[Proc]
    text: str = ""
    told: str = "Running"
    """The status that was told last."""

    @property
    def done(self) -> bool:
        """Whether all of it has ended."""
        return all(proc.ended.done() for proc in self.procs)

    @property
    def stopped(self) -> bool:
        """Whether it waits to go on."""
        return not self.done and any(proc.stopped for proc in self.procs)

    @property
    def status(self) -> str:
        """As it is told."""
        if self.stopped:
            return STOPS[next(proc.stopped for proc in self.procs if proc.stopped)]
        if not self.done:
            return "Running"
        last = self.procs[-1]
        code = last.ended.result()
        if last.killed_by:
            return signal.strsignal(last.killed_by) or ""
        return f"Done({code})" if code else "Done"

    def line(self, mark: str, *, pid: bool = False) -> str:
        """One of the list that `jobs` gives."""
        number = f"{self.procs[0].pid} " if pid else ""
        return f"{f'[{self.number}]{mark}  {number}{self.status}':<33}{self.text}\n"


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
    """The current one first, the one before it second."""
    warned: int = 0
    """Commands for which `exit` does not ask again about stopped jobs."""
    locals: list[dict[str, Variable | None]] = field(default_factory=list)
    """What to restore when a function ends, innermost last."""
    file: str = ""
    """The script file that runs, for messages; "" for what was typed or came with -c."""
    builtin: str = ""
    """The builtin that runs, for messages."""
    line: int = 0
    """Of the command at hand."""
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
            raise ShellError("not in a function")
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
            file=self.file,
            builtin=self.builtin,
            line=self.line,
            locals=[{} for _ in self.locals],
        )

    def take_environment(self, env: Mapping[str, str]) -> None:
        """What the shell was started with."""
        for name, value in env.items():
            self.variables[name] = Variable(value, exported=True)

    def letters(self) -> Iterator[str]:
        """The options that are on, as $- shows them."""
        return (letter for letter in reversed(OPTIONS) if letter in self.options - UNSEEN)
