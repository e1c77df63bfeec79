"""Carries a script out: lists, pipelines, compound commands, functions, redirections (XCU 2.7 to 2.10)."""

from __future__ import annotations

import asyncio
import posixpath
import re
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from fakekube.sandbox.executing import program_at
from fakekube.sandbox.kernel import INT, PIPE, Exit, Handle, OutOfMemory, Proc, Program, decode, pipe
from fakekube.sandbox.kernel import Reading as Bytes
from fakekube.sandbox.shell import patterns
from fakekube.sandbox.shell.expansion import Expander
from fakekube.sandbox.shell.parser import parse
from fakekube.sandbox.shell.redirections import RedirectProblem, opened
from fakekube.sandbox.shell.state import VALUE_LIMIT, Break, Continue, Job, Return, ShellError, State
from fakekube.sandbox.shell.syntax import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
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
from fakekube.sandbox.streams import CHUNK

if TYPE_CHECKING:
    from fakekube.sandbox.tty import Tty

CALLS = 30
"""Functions inside one another."""
TRANSPARENT = frozenset((".", "source", "eval", "command"))
"""Builtins that run others, which tell of their own problems."""
TRACED = re.compile(r"[^-+,./0-9:@A-Z\]^_a-z]")
"""What has to stand in quotes where `set -x` shows it."""
TTIN = 21
"""The signal for who reads the terminal in the background."""


class Builtin(Protocol):
    """A command that is part of the shell: it sees and changes the shell's own state."""

    async def __call__(self, shell: Shell, arguments: list[str]) -> int:
        """The exit code."""


class Shell:
    """One shell process, or a subshell of it."""

    def __init__(self, proc: Proc, state: State, builtins: Mapping[str, Builtin], special: Iterable[str]) -> None:
        self.proc = proc
        self.state = state
        self.builtins = builtins
        self.special = frozenset(special)
        self.foreground: list[Proc] = []
        """What is waited for; it gets the signals that are typed."""
        self.text = ""
        """The command at hand."""
        self.expander = Expander(state, proc, self._substitute)
        self.final = False
        """Whether the process is there for one command only, whose program it may become."""
        self.loops = 0
        self.tested = 0
        """How deep the command at hand is in conditions, where failures do not end the shell."""
        self._calls = 0
        self._pending: list[int] = []
        self._signalled = asyncio.Event()
        proc.on_signal = self._take_signal

    # signals and the end

    def _take_signal(self, number: int) -> bool:
        if self.state.traps.get(number) is not None:
            self._pending.append(number)
            self._signalled.set()
            return True
        return "i" in self.state.options and number in (2, 15, 3)

    async def run_traps(self) -> None:
        """What was trapped meanwhile."""
        while self._pending:
            text = self.state.traps.get(self._pending.pop(0))
            if text:
                status = self.state.status
                await self.run_text(text)
                self.state.status = status

    async def finish(self, code: int) -> int:
        """The trap of the exit; gives the code to exit with."""
        text = self.state.traps.pop(0, None)
        if not text:
            return code
        self.state.status = code
        try:
            await self.run_text(text)
        except Exit as end:
            return end.code
        return code

    @property
    def applet(self) -> str:
        """What its builtins call themselves in messages."""
        return posixpath.basename(self.proc.argv[0]).lstrip("-") if self.proc.argv else "sh"

    async def complain(self, text: str) -> None:
        """A message of the shell's own, with who says it and where."""
        state = self.state
        where = state.builtin or state.file
        parts = [state.name, *([where] if where not in ("", state.name) else [])]
        if where and (state.file or "i" not in state.options):
            parts.append(f"line {state.line - (not state.file and 'c' in state.options)}")
        with suppress(OSError):
            await self.proc.err(f"{': '.join([*parts, text])}\n")

    # scripts

    async def run_text(self, text: str) -> int:
        """Parse and run. Raises ShellError for what is no script."""
        try:
            script = parse(text)
        except SyntaxProblem as problem:
            raise ShellError(str(problem)) from None
        return await self.run(script)

    async def run(self, script: Script) -> int:
        """Commands one after the other."""
        for (node, background), self.text in zip(script.commands, script.texts, strict=True):
            if "n" in self.state.options and "i" not in self.state.options:
                break
            if background:
                self.state.status = await self._background(node, self.text)
            else:
                self.state.status = await self.execute(node)
            if self._pending:
                await self.run_traps()
        return self.state.status

    async def execute(self, node: Node) -> int:
        """One command. Raises Exit, Break, Return and ShellError."""
        await self.proc.kernel.budget.spend()
        if self.proc.stopped:
            await self.proc.going()
        match node:
            case Simple():
                return self._checked(await self._guarded(self._simple(node)))
            case Pipeline():
                return await self._pipeline(node)
            case AndOr():
                return await self._and_or(node)
            case Script():
                return await self.run(node)
            case Function(name, body):
                self.state.functions[name] = body
                return 0
            case Subshell():
                return self._checked(await self._subshell(node))
        return await self._guarded(self._redirected(node.redirects, lambda: self._compound(node)))

    async def _guarded(self, work: Awaitable[int]) -> int:
        """An OSError of a redirection or builtin is a failed command."""
        try:
            return await work
        except BrokenPipeError:
            raise
        except BlockingIOError:
            raise ShellError("can't fork: Resource temporarily unavailable") from None
        except OSError as error:
            await self.complain(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror))
            return 1

    def _checked(self, status: int) -> int:
        """Raises Exit for a failure under -e."""
        if status and "e" in self.state.options and not self.tested:
            raise Exit(status)
        return status

    async def _and_or(self, node: AndOr) -> int:
        status = 0
        last = len(node.nodes) - 1
        for number, (operator, one) in enumerate(node.nodes):
            if (operator == "&&") != (status == 0):
                continue
            if number == last:
                status = await self.execute(one)
            else:
                status = await self._test(one)
            self.state.status = status
        return status

    async def _test(self, node: Node) -> int:
        """A command whose failure is not an error."""
        self.tested += 1
        try:
            return await self.execute(node)
        finally:
            self.tested -= 1

    # compound commands

    async def _compound(self, node: Node) -> int:
        match node:
            case Group(body):
                return await self.run(body)
            case If():
                return await self._if(node)
            case While():
                return await self._while(node)
            case For():
                return await self._for(node)
            case Case():
                return await self._case(node)
        raise AssertionError(node)

    async def _if(self, node: If) -> int:
        for condition, body in node.branches:
            if await self._test(condition) == 0:
                return await self.run(body)
        return await self.run(node.otherwise) if node.otherwise is not None else 0

    async def _while(self, node: While) -> int:
        status = 0
        while (await self._test(node.condition) == 0) != node.until:
            more, status = await self._round(node.body)
            if not more:
                break
        return status

    async def _for(self, node: For) -> int:
        words = list(self.state.arguments) if node.words is None else await self.expander.fields(node.words)
        status = 0
        for word in words:
            self.state.put(node.name, word)
            more, status = await self._round(node.body)
            if not more:
                break
        return status

    async def _round(self, body: Script) -> tuple[bool, int]:
        """(whether the loop goes on, status)"""
        await self.proc.kernel.budget.spend()
        self.loops += 1
        try:
            return True, await self.run(body)
        except Break as leaving:
            if leaving.levels > 1 and self.loops > 1:
                leaving.levels -= 1
                raise
            return isinstance(leaving, Continue), 0
        finally:
            self.loops -= 1

    async def _case(self, node: Case) -> int:
        text = await self.expander.text(node.word)
        for candidates, body in node.branches:
            for candidate in candidates:
                if patterns.matches(patterns.compiled(await self.expander.pieces(candidate)), text):
                    return await self.run(body)
        return 0

    # processes

    def _fds(self, changed: Mapping[int, Handle] | None = None) -> dict[int, Handle]:
        """The open files for a child."""
        fds = {number: handle.share() for number, handle in self.proc.fds.items() if number not in (changed or {})}
        return {**fds, **(changed or {})}

    def fork(self, body: Callable[[Shell], Awaitable[int]], changed: Mapping[int, Handle] | None = None) -> Proc:
        """A subshell. Raises ShellError."""
        state, special, builtins = self.state.copy(), self.special, self.builtins
        pid = self.state.get(" pid") or str(self.proc.pid)

        async def program(proc: Proc) -> int:
            state.put(" pid", pid)
            shell = Shell(proc, state, builtins, special)
            shell.tested = self.tested
            return await shell.main(body)

        proc = self.proc
        user = (proc.uid, proc.gid)
        try:
            return proc.kernel.spawn(
                proc, proc.argv, program, env=proc.env, cwd=proc.cwd, fds=self._fds(changed), user=user
            )
        except BlockingIOError:
            raise ShellError("can't fork: Resource temporarily unavailable") from None

    async def main(self, body: Callable[[Shell], Awaitable[int]]) -> int:
        """The whole life of a shell process that is not interactive."""
        try:
            code = await body(self)
        except Exit as end:
            code = end.code
        except Break:
            code = 0
        except Return as end:
            code = end.code
        except SyntaxProblem as error:
            await self.complain(str(error))
            code = 2
        except ShellError as error:
            await self.tell(error)
            code = error.code
        except (OutOfMemory, RecursionError, MemoryError):
            await self.complain("out of memory")
            code = 2
        return await self.finish(code)

    async def wait_for(self, procs: list[Proc], job: Job | None = None) -> list[int]:
        """Wait for what runs in the foreground; if it is stopped, it becomes a job."""
        self.foreground = procs
        try:
            if "m" in self.state.options and await stopped(procs):
                self.add_job(job or Job(self._next_job(), procs, self.text))
                return [128 + next(proc.stopped for proc in procs if proc.stopped)]
            return [await proc.wait() for proc in procs]
        finally:
            self.foreground = []

    def _next_job(self) -> int:
        numbers = {job.number for job in self.state.jobs}
        return next(number for number in range(1, len(numbers) + 2) if number not in numbers)

    def add_job(self, job: Job) -> None:
        """Make it the current one; one that runs comes after all that are stopped."""
        jobs = self.state.jobs
        jobs.insert(0 if job.stopped else sum(one.stopped for one in jobs), job)

    async def tell_jobs(self) -> None:
        """Tell what has become of jobs since, and forget those that have ended."""
        jobs = self.state.jobs
        jobs.sort(key=lambda job: not (job.stopped and job.status != job.told))  # what has just stopped comes first
        for job in list(jobs):
            if job.status != job.told:
                await self.proc.err(job.line(self.mark(job)))
                job.told = job.status
            if job.done:
                jobs.remove(job)

    def mark(self, job: Job) -> str:
        """ "+" for the current job, "-" for the one before it."""
        place = self.state.jobs.index(job)
        return "+-"[place] if place < 2 else " "

    async def _subshell(self, node: Subshell) -> int:
        async def body(shell: Shell) -> int:
            return await shell._guarded(shell._redirected(node.redirects, lambda: shell.run(node.body)))

        return (await self.wait_for([self.fork(body)]))[-1]

    async def _pipeline(self, node: Pipeline) -> int:
        if len(node.commands) == 1:
            return int(not await self._test(node.commands[0]))
        procs = self._start_pipeline(node.commands)
        codes = await self.wait_for(procs)
        status = next((code for code in reversed(codes) if code), 0) if "p" in self.state.options else codes[-1]
        return int(not status) if node.negated else self._checked(status)

    def _start_pipeline(self, commands: tuple[Node, ...]) -> list[Proc]:
        procs: list[Proc] = []
        source: Handle | None = None
        for number, command in enumerate(commands):
            changed = {0: source} if source is not None else {}
            source = None
            if number < len(commands) - 1:
                source, changed[1] = pipe()
            try:
                procs.append(self.fork(_running(command), changed))
            except ShellError:
                if source is not None:
                    source.close()
                raise
        return procs

    async def _background(self, node: Node, text: str) -> int:
        controlled = "m" in self.state.options
        terminal = terminal_of(self.proc)
        procs: list[Proc] = []
        stdin = Waiting(self, procs, terminal) if controlled and terminal is not None else Bytes(b"")
        procs.append(self.fork(_running(node), {0: Handle(stdin)}))
        self.state.last_background = procs[0].pid
        self.add_job(Job(self._next_job(), procs, text if controlled else ""))
        return 0

    async def wait_or_signal(self, proc: Proc) -> int | None:
        """Wait for a background process; None if a trapped signal came first."""
        self._signalled.clear()
        if self._pending:
            return None
        ended = asyncio.ensure_future(proc.wait())
        signalled = asyncio.ensure_future(self._signalled.wait())
        try:
            await asyncio.wait((ended, signalled), return_when=asyncio.FIRST_COMPLETED)
            return ended.result() if ended.done() else None
        finally:
            ended.cancel()
            signalled.cancel()

    async def _substitute(self, script: Script) -> str:
        reader, writer = pipe()

        async def body(shell: Shell) -> int:
            return await shell.run(script)

        proc = self.fork(body, {1: writer})
        output = bytearray()
        try:
            while data := await reader.read():
                output += data
                if len(output) > VALUE_LIMIT:
                    raise ShellError("out of memory")
        finally:
            reader.close()
            if len(output) > VALUE_LIMIT:
                proc.kill(9)
        self.state.substitution = (await self.wait_for([proc]))[0]
        return decode(bytes(output)).rstrip("\n").replace("\0", "")

    # simple commands

    async def _simple(self, node: Simple) -> int:
        self.state.substitution, self.state.line = None, node.line
        words = await self.expander.fields(node.words)
        words = self._alias(words)
        values = await self._values(node.assignments, keep=not words)
        if "x" in self.state.options:
            shown = [f"{name}={traced(value)}" for name, value in values] + [traced(word) for word in words]
            await self.proc.err(f"{self.state.get('PS4') or '+ '}{' '.join(shown)}\n")
        if not words:
            return await self._redirected(node.redirects, self._nothing)
        return await self.command(words, values, node.redirects)

    async def _values(self, assignments: tuple[tuple[str, Word], ...], *, keep: bool) -> list[tuple[str, str]]:
        """What is assigned, one after the other: each sees those before it. They stay only if they are to be kept."""
        values: list[tuple[str, str]] = []
        if not keep:
            self.state.locals.append({})
        try:
            for name, word in assignments:
                values.append((name, await self.expander.text(self.expander.homes(word))))
                if not keep:
                    self.state.make_local(name)
                self.state.put(*values[-1])
        finally:
            if not keep:
                self.state.leave_function()
        return values

    def _alias(self, words: list[str]) -> list[str]:
        if words and words[0] in self.state.aliases and "i" in self.state.options:
            return [*self.state.aliases[words[0]].split(), *words[1:]]
        return words

    async def _nothing(self) -> int:
        return self.state.substitution or 0

    async def command(
        self, words: list[str], values: list[tuple[str, str]], redirects: tuple[Redirect, ...], functions: bool = True
    ) -> int:
        """A function, a builtin or a program. Raises OSError."""
        name = words[0]
        if name == "exec" and len(words) == 1:
            return await self._keep(redirects)
        if name in self.special or name in self.builtins or (functions and name in self.state.functions):
            self.final = False
        if name in self.special:
            for key, value in values:
                self.state.put(key, value)
            return await self._redirected(redirects, lambda: self._builtin(name, words[1:]))
        if functions and name in self.state.functions:
            with self._assigned(values):
                return await self._redirected(redirects, lambda: self._call(name, words[1:]))
        if name in self.builtins:
            with self._assigned(values):
                return await self._redirected(redirects, lambda: self._builtin(name, words[1:]))
        return await self._redirected(redirects, lambda: self._program(words, dict(values)))

    async def _builtin(self, name: str, arguments: list[str]) -> int:
        """Raises what the builtin raises; a ShellError then is told as its."""
        before, self.state.builtin = self.state.builtin, name if name not in TRANSPARENT else ""
        try:
            return await self.builtins[name](self, arguments)
        except ShellError as error:
            error.teller = error.teller or self.state.builtin
            raise
        finally:
            self.state.builtin = before

    async def tell(self, error: ShellError) -> None:
        """The message of an error, as of whoever met it."""
        before, self.state.builtin = self.state.builtin, error.teller
        await self.complain(str(error))
        self.state.builtin = before

    @contextmanager
    def _assigned(self, values: list[tuple[str, str]]) -> Iterator[None]:
        """Assignments for the time of one command."""
        if not values:
            yield
            return
        self.state.locals.append({})
        try:
            for name, value in values:
                self.state.make_local(name)
                self.state.put(name, value, export=True)
            yield
        finally:
            self.state.leave_function()

    async def _call(self, name: str, arguments: list[str]) -> int:
        if self._calls >= CALLS:
            raise ShellError("maximum function recursion depth exceeded")
        state = self.state
        before, state.arguments = state.arguments, arguments
        loops, self.loops = self.loops, 0
        state.locals.append({})
        self._calls += 1
        try:
            return await self.execute(state.functions[name])
        except Return as end:
            return end.code
        finally:
            self._calls -= 1
            state.leave_function()
            state.arguments, self.loops = before, loops

    async def _program(self, words: list[str], values: Mapping[str, str]) -> int:
        program = await self.find(words, values.get("PATH"))
        if isinstance(program, int):
            return program
        env = {**self.state.exported(), **values}
        proc, user = self.proc, (self.proc.uid, self.proc.gid)
        if self.final:
            proc.argv, proc.env, proc.on_signal = words, env, None
            return await program(proc)
        child = proc.kernel.spawn(proc, words, program, env=env, cwd=proc.cwd, fds=self._fds(), user=user)
        status = (await self.wait_for([child]))[0]
        await self.tell_death(child)
        return status

    async def tell_death(self, proc: Proc) -> None:
        """What killed a process, if that is worth a line."""
        if proc.killed_by not in (0, INT, PIPE):
            await self.proc.err(f"{signal.strsignal(proc.killed_by)}\n")

    async def find(self, words: list[str], path: str | None = None) -> Program | int:
        """The program of a command, or the code of the failure to find one."""
        try:
            return program_at(self.proc, words, path if path is not None else self.state.get("PATH"))
        except PermissionError:
            await self.complain(f"{words[0]}: Permission denied")
            return 126
        except OSError:
            missing = "command not found" if self.state.name.endswith("bash") and "/" not in words[0] else "not found"
            await self.complain(f"{words[0]}: {missing}")
            return 127

    # redirections

    async def _redirected(self, redirects: tuple[Redirect, ...], work: Callable[[], Awaitable[int]]) -> int:
        """Do something with files changed. Raises OSError."""
        if not redirects:
            return await work()
        saved: dict[int, Handle | None] = {}
        try:
            for redirect in redirects:
                handle = await self._open(redirect)
                if redirect.fd in saved:
                    self._close(redirect.fd)
                else:
                    saved[redirect.fd] = self.proc.fds.pop(redirect.fd, None)
                if handle is not None:
                    self.proc.fds[redirect.fd] = handle
            return await work()
        except RedirectProblem as problem:
            await self.complain(str(problem))
            return 1
        finally:
            for number, before in saved.items():
                self._close(number)
                if before is not None:
                    self.proc.fds[number] = before

    def _close(self, number: int) -> None:
        handle = self.proc.fds.pop(number, None)
        if handle is not None:
            handle.close()

    async def _keep(self, redirects: tuple[Redirect, ...]) -> int:
        """`exec` without a command: the changes stay. Raises ShellError."""
        try:
            for redirect in redirects:
                handle = await self._open(redirect)
                self._close(redirect.fd)
                if handle is not None:
                    self.proc.fds[redirect.fd] = handle
        except RedirectProblem as problem:
            raise ShellError(str(problem)) from None
        return 0

    async def _open(self, redirect: Redirect) -> Handle | None:
        return await opened(redirect, self.proc, self.expander, spares_files="C" in self.state.options)


class Waiting:
    """The terminal as a job reads it: in the background that stops the job."""

    def __init__(self, shell: Shell, procs: list[Proc], tty: Tty) -> None:
        self._shell = shell
        self._procs = procs
        self._tty = tty

    async def read(self, limit: int = CHUNK) -> bytes:
        """What is typed once the job is in the foreground."""
        while not set(self._procs) & set(self._shell.foreground):
            for proc in self._procs:
                proc.kill(TTIN)
                await proc.going()
        return await self._tty.read(limit)


async def _all_ended(procs: list[Proc]) -> None:
    for proc in procs:
        await proc.wait()


async def stopped(procs: list[Proc]) -> bool:
    """Wait until all have ended, or one of them has stopped."""
    halted = asyncio.Event()
    for proc in procs:
        proc.on_stop = halted.set
    ended = asyncio.ensure_future(_all_ended(procs))
    stop = asyncio.ensure_future(halted.wait())
    try:
        await asyncio.wait((ended, stop), return_when=asyncio.FIRST_COMPLETED)
        return not ended.done()
    finally:
        ended.cancel()
        stop.cancel()
        for proc in procs:
            proc.on_stop = None


def _running(node: Node) -> Callable[[Shell], Awaitable[int]]:
    async def body(shell: Shell) -> int:
        shell.final = isinstance(node, Simple)
        return await shell.execute(node)

    return body


def quote(text: str) -> str:
    """As the shell would read it back."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def traced(text: str) -> str:
    """As `set -x` shows it."""
    return quote(text) if TRACED.search(text) else text


def terminal_of(proc: Proc) -> Tty | None:
    """The terminal that a shell on it would talk to: its input and its errors."""
    handles = [proc.fds.get(number) for number in (0, 2)]
    found = [handle.tty for handle in handles if handle is not None]
    return found[0] if len(found) == 2 and found[0] is found[1] else None
