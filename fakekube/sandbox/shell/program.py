"""sh: the shell as a program, with its command line, its prompts and its interactive life."""

from __future__ import annotations

import asyncio
import posixpath
import re
import time
from collections.abc import Mapping
from contextlib import suppress

from fakekube.sandbox.commands.filesystem import user_name
from fakekube.sandbox.executing import locate
from fakekube.sandbox.files import Directory
from fakekube.sandbox.kernel import Exit, OutOfMemory, Proc, Program, decode
from fakekube.sandbox.shell.builtins import SPECIAL, table
from fakekube.sandbox.shell.editor import Editor, Ended, Interrupted
from fakekube.sandbox.shell.interpreter import Shell, terminal_of
from fakekube.sandbox.shell.parser import parse
from fakekube.sandbox.shell.state import OPTIONS, Break, Return, ShellError, State
from fakekube.sandbox.shell.syntax import Incomplete, Script, SyntaxProblem
from fakekube.sandbox.tty import Tty

INTERRUPT = 130


async def sh(proc: Proc) -> int:
    """Run a command line, a script, or whatever is typed."""
    words = proc.argv[1:]
    options: set[str] = set()
    text: str | None = None
    login = proc.argv[0].startswith("-")
    while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
        word = words.pop(0)
        if word in ("--", "-"):
            break
        if word.startswith("--"):
            login = login or word == "--login"
            continue
        login = login or "l" in word
        options |= {letter for letter in word[1:] if letter in OPTIONS}
        if word.endswith("o") and words:
            words.pop(0)
        if "c" in word:
            if not words:
                return await proc.fail("-c requires an argument", 2)
            text = words.pop(0)
            break
    state = _state(proc, options | ({"c"} if text is not None else set()))
    shell = Shell(proc, state, table(), SPECIAL)
    if text is not None:
        state.name, state.arguments = (words[0], words[1:]) if words else (state.name, [])
        return await shell.main(lambda one: one.run_text(text))
    if words and "s" not in options:
        return await _script(shell, words)
    state.arguments = words
    terminal = terminal_of(proc)
    if terminal is not None:
        return await Session(shell, terminal, login).run()
    return await shell.main(_from_stdin)


def _state(proc: Proc, options: set[str]) -> State:
    state = State(proc.argv[0].lstrip("-"), options=options)
    state.take_environment(proc.env)
    state.put("PWD", proc.cwd, export=True)
    shlvl = proc.env.get("SHLVL", "0")
    state.put("SHLVL", str(int(shlvl) + 1 if shlvl.isdigit() else 1), export=True)
    for name, value in (("PS2", "> "), ("PS4", "+ "), ("IFS", " \t\n"), ("OPTIND", "1")):
        if state.get(name) is None or name == "IFS":
            state.put(name, value)
    return state


def script(text: str, words: list[str]) -> Program:
    """Runs a script file that was called as a command."""

    async def program(proc: Proc) -> int:
        state = _state(proc, set())
        state.name, state.arguments = locate(proc, words[0], proc.env.get("PATH")), words[1:]
        if "/" in words[0]:
            state.name = words[0]
        state.file = state.name
        return await Shell(proc, state, table(), SPECIAL).main(lambda shell: shell.run_text(text))

    return program


async def _script(shell: Shell, words: list[str]) -> int:
    try:
        text = decode(shell.proc.read_file(words[0]))
    except OSError as error:
        await shell.complain(f"can't open '{words[0]}': {error.strerror}")
        return 2
    shell.state.name, shell.state.arguments, shell.state.file = words[0], words[1:], words[0]
    return await shell.main(lambda one: one.run_text(text))


async def _from_stdin(shell: Shell) -> int:
    """Commands as they come; what they leave of the input is theirs to read."""
    text = ""
    while line := await shell.proc.stdin.read_line():
        text += decode(line)
        try:
            parsed = parse(text)
        except Incomplete:
            continue
        text = ""
        await shell.run(parsed)
    if text:
        await shell.run_text(text)
    return shell.state.status


class Session:
    """A shell at a terminal."""

    def __init__(self, shell: Shell, tty: Tty, login: bool) -> None:
        self._shell = shell
        self._tty = tty
        self._login = login
        self._editor = Editor(tty, self._completions)
        self._task: asyncio.Task[int] | None = None
        self._interrupted = False

    async def run(self) -> int:
        """Until the user leaves."""
        shell, state = self._shell, self._shell.state
        state.options |= {"i", "m", "s"}
        before, self._tty.foreground = self._tty.foreground, self._signal
        try:
            await self._profiles()
            while True:
                await shell.tell_jobs()
                state.warned = max(state.warned - 1, 0)
                await self._carry_out(await self._command())
        except Exit as end:
            return await shell.finish(end.code)
        finally:
            self._tty.foreground = before
            self._tty.set_raw(False)

    async def _profiles(self) -> None:
        paths = (
            ["/etc/profile", posixpath.join(self._shell.state.get("HOME") or "/", ".profile")] if self._login else []
        )
        paths.append(self._shell.state.get("ENV") or "")
        for path in paths:
            if path and self._shell.proc.fs.exists(path):
                with suppress(OSError, SyntaxProblem):
                    await self._carry_out(parse(decode(self._shell.proc.read_file(path))))

    async def _command(self) -> Script:
        """The next whole command; at the end of the input that is `exit`."""
        text, prompt = "", self.prompt(self._shell.state.get("PS1"))
        while True:
            try:
                text += await self._editor.read(prompt) + "\n"
                return parse(text)
            except Incomplete:
                prompt = self.prompt(self._shell.state.get("PS2") or "> ")
            except SyntaxProblem as problem:
                await self._shell.complain(str(problem))
                self._shell.state.status = 2
                return Script(())
            except Ended:
                return parse("exit")
            except Interrupted:
                self._shell.state.status = INTERRUPT
                return Script(())

    async def _carry_out(self, parsed: Script) -> None:
        """Run it so that Ctrl-C ends it and not the shell. Raises Exit."""
        state = self._shell.state
        self._interrupted = False
        self._task = asyncio.ensure_future(self._shell.run(parsed))
        try:
            await self._task
        except asyncio.CancelledError:
            if not self._interrupted:
                self._task.cancel()
                raise
            state.status = INTERRUPT
        except (Break, Return):
            pass
        except ShellError as error:
            await self._shell.tell(error)
            state.status = error.code
        except (OutOfMemory, RecursionError, MemoryError):
            await self._shell.complain("out of memory")
            state.status = 2
        finally:
            self._task = None
            self._shell.loops = self._shell.tested = 0
            state.locals.clear()

    def _signal(self, number: int) -> None:
        for leader in self._shell.foreground:
            for proc in self._shell.proc.kernel.family(leader):
                proc.kill(number)
        if number == 2 and self._task is not None:
            self._interrupted = True
            self._task.cancel()

    def prompt(self, template: str | None) -> str:
        """A prompt with what its escapes stand for."""
        proc = self._shell.proc
        default = "\\w # " if proc.uid == 0 else "\\w $ "
        template = default if template is None else template
        home = self._shell.state.get("HOME") or ""
        cwd = "~" + proc.cwd[len(home) :] if home not in ("", "/") and proc.cwd.startswith(home) else proc.cwd
        values = {
            "u": user_name(proc, proc.uid),
            "h": proc.kernel.hostname.partition(".")[0],
            "H": proc.kernel.hostname,
            "w": cwd,
            "W": posixpath.basename(cwd) or "/",
            "$": "#" if proc.uid == 0 else "$",
            "n": "\n",
            "t": time.strftime("%H:%M:%S", time.gmtime(proc.kernel.clock.now())),
            "[": "",
            "]": "",
            "e": "\x1b",
            "s": self._shell.state.name,
            "v": "1.32",
            "a": "\a",
            "\\": "\\",
        }
        text = re.sub(
            r"\\(033|.)", lambda found: "\x1b" if found[1] == "033" else values.get(found[1], found[1]), template
        )
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self._shell.expander.lookup(found[1]) or "", text)

    def _completions(self, before: str) -> list[str]:
        word = before.rpartition(" ")[2]
        first = " " not in before.lstrip()
        if first and "/" not in word:
            names = {*self._shell.builtins, *self._shell.state.functions, *self._programs()}
            return sorted(name for name in names if name.startswith(word))
        folder, name = posixpath.split(word)
        proc = self._shell.proc
        try:
            entries = proc.fs.listing(proc.path(folder or "."))
        except OSError:
            return []
        prefix = word[: len(word) - len(name)]
        return [
            prefix + entry + "/" * isinstance(node, Directory)
            for entry, node in sorted(entries.items())
            if entry.startswith(name) and (name.startswith(".") or not entry.startswith("."))
        ]

    def _programs(self) -> list[str]:
        proc = self._shell.proc
        names: list[str] = []
        for folder in (self._shell.state.get("PATH") or "").split(":"):
            with suppress(OSError):
                names += proc.fs.listing(proc.path(folder or "."))
        return names


PROGRAMS: Mapping[str, Program] = {"sh": sh, "ash": sh, "bash": sh}
