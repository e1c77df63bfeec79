"""The commands that are part of the shell (XCU 2.14, and those that change or show its state)."""

from __future__ import annotations

import asyncio
import errno
import posixpath
import re
from collections.abc import Mapping

from fakekube.sandbox import commands
from fakekube.sandbox.executing import locate
from fakekube.sandbox.files import fail
from fakekube.sandbox.kernel import SIGNALS, Exit, Program, decode
from fakekube.sandbox.shell import jobs
from fakekube.sandbox.shell.interpreter import Builtin, Shell, quote
from fakekube.sandbox.shell.parser import RESERVED
from fakekube.sandbox.shell.state import OPTIONS, Break, Continue, Return, ShellError, Variable

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPECIAL = (
    *("break", ":", "continue", ".", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times"),
    *("trap", "unset", "source"),
)
"""Assignments before them stay."""
SHARED = ("echo", "printf", "test", "[", "true", "false", "kill")
"""Programs that a shell runs without a process."""


async def colon(shell: Shell, arguments: list[str]) -> int:
    """Nothing."""
    return 0


async def cd(shell: Shell, arguments: list[str]) -> int:
    """Change the folder."""
    state, proc = shell.state, shell.proc
    arguments = [one for one in arguments if one not in ("-L", "-P", "--")]
    target = arguments[0] if arguments else state.get("HOME") or "/"
    if target == "-":
        target = state.get("OLDPWD") or proc.cwd
    full = posixpath.normpath(posixpath.join(proc.cwd, target))
    try:
        node = proc.fs.lookup(full)
        proc.fs.listing(full)
        if not proc.may(node, 1):
            raise fail(errno.EACCES, target)
    except OSError as error:
        await shell.complain(f"can't cd to {target}: {error.strerror}")
        return 2
    state.put("OLDPWD", proc.cwd)
    proc.cwd = full.replace("//", "/")
    state.put("PWD", proc.cwd)
    if arguments[:1] == ["-"]:
        await proc.out(proc.cwd + "\n")
    return 0


async def pwd(shell: Shell, arguments: list[str]) -> int:
    """Show the folder."""
    await shell.proc.out(shell.proc.cwd + "\n")
    return 0


async def export(shell: Shell, arguments: list[str]) -> int:
    """Mark variables for the environment, or show those that are."""
    return await _mark(shell, arguments, "export")


async def readonly(shell: Shell, arguments: list[str]) -> int:
    """Make variables read-only, or show those that are."""
    return await _mark(shell, arguments, "readonly")


async def _mark(shell: Shell, arguments: list[str], verb: str) -> int:
    state = shell.state
    unmark = arguments[:1] == ["-n"]
    names = [one for one in arguments if one not in ("-p", "-n")]
    if not names:
        for name, variable in sorted(state.variables.items()):
            marked = variable.exported if verb == "export" else variable.read_only
            if marked and not name.startswith(" "):
                shown = f"={quote(variable.value)}" if variable.value is not None else ""
                await shell.proc.out(f"{verb} {name}{shown}\n")
        return 0
    for text in names:
        name, equals, value = text.partition("=")
        if not NAME.fullmatch(name):
            raise ShellError(f"{text}: bad variable name")
        if equals:
            state.put(name, value)
        variable = state.variables.setdefault(name, Variable(None))
        if verb == "export":
            variable.exported = not unmark
        else:
            variable.read_only = True
    return 0


async def local(shell: Shell, arguments: list[str]) -> int:
    """Variables of a function."""
    for text in arguments:
        name, equals, value = text.partition("=")
        shell.state.make_local(name)
        if equals:
            shell.state.put(name, value)
    return 0


async def unset(shell: Shell, arguments: list[str]) -> int:
    """Forget variables or functions."""
    functions = arguments[:1] == ["-f"]
    for name in arguments[1:] if arguments[:1] in (["-f"], ["-v"]) else arguments:
        if functions or name not in shell.state.variables:
            shell.state.functions.pop(name, None)
        else:
            shell.state.unset(name)
    return 0


async def set_(shell: Shell, arguments: list[str]) -> int:
    """Options and positional parameters, or all variables."""
    state = shell.state
    if not arguments:
        for name, variable in sorted(state.variables.items()):
            if variable.value is not None and not name.startswith(" "):
                await shell.proc.out(f"{name}={quote(variable.value)}\n")
        return 0
    rest = list(arguments)
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        word = rest.pop(0)
        if word == "--":
            state.arguments = rest
            return 0
        await _options(shell, word, rest)
    if rest or arguments[-1] == "-":
        state.arguments = rest
    return 0


async def _options(shell: Shell, word: str, rest: list[str]) -> None:
    for letter in word[1:]:
        if letter == "o":
            if not rest:
                await _show_options(shell)
                continue
            name = rest.pop(0)
            letter = next((one for one, long in OPTIONS.items() if long == name), "")
            if not letter:
                await shell.complain(f"illegal option {word[0]}o {name}")
                return
        if letter not in OPTIONS:
            raise ShellError(f"illegal option {word[:1]}{letter}")
        if word[0] == "-":
            shell.state.options.add(letter)
        else:
            shell.state.options.discard(letter)


async def _show_options(shell: Shell) -> None:
    for letter, name in OPTIONS.items():
        if name:
            await shell.proc.out(f"{name:<16}{'on' if letter in shell.state.options else 'off'}\n")


async def shift(shell: Shell, arguments: list[str]) -> int:
    """Drop positional parameters."""
    count = _number(arguments, 1)
    if count > len(shell.state.arguments):
        return 1
    del shell.state.arguments[:count]
    return 0


def _number(arguments: list[str], default: int) -> int:
    if not arguments:
        return default
    if not arguments[0].isdigit():
        raise ShellError(f"Illegal number: {arguments[0]}")
    return int(arguments[0][:18])


async def exit_(shell: Shell, arguments: list[str]) -> int:
    """End the shell; with stopped jobs, only if that is asked for twice."""
    if "i" in shell.state.options and not shell.state.warned and any(job.stopped for job in shell.state.jobs):
        await shell.proc.err("You have stopped jobs.\n")
        shell.state.warned = 2
        return 0
    raise Exit(_number(arguments, shell.state.status) & 0xFF)


async def return_(shell: Shell, arguments: list[str]) -> int:
    """Leave a function."""
    raise Return(_number(arguments, shell.state.status) & 0xFF)


async def break_(shell: Shell, arguments: list[str]) -> int:
    """Leave loops."""
    if shell.loops:
        raise Break(max(_number(arguments, 1), 1))
    return 0


async def continue_(shell: Shell, arguments: list[str]) -> int:
    """Next round."""
    if shell.loops:
        raise Continue(max(_number(arguments, 1), 1))
    return 0


async def eval_(shell: Shell, arguments: list[str]) -> int:
    """Run text."""
    return await shell.run_text(" ".join(arguments))


async def source(shell: Shell, arguments: list[str]) -> int:
    """Run a file in this shell."""
    if not arguments:
        raise ShellError("filename argument required")
    name = arguments[0]
    try:
        text = decode(shell.proc.read_file(name))
    except OSError as error:
        problem = ShellError(f"can't open '{name}': {error.strerror}")
        problem.teller = "."
        raise problem from None
    state = shell.state
    before, file, line = state.arguments, state.file, state.line
    state.arguments, state.file = arguments[1:] or before, name
    try:
        return await shell.run_text(text)
    except Return as end:
        return end.code
    finally:
        state.arguments, state.file, state.line = before, file, line


async def exec_(shell: Shell, arguments: list[str]) -> int:
    """Become another program."""
    if not arguments:
        return 0
    program = await shell.find(arguments)
    if isinstance(program, int):
        raise Exit(program)
    proc = shell.proc
    proc.argv, proc.env, proc.on_signal = arguments, shell.state.exported(), None
    raise Exit(await program(proc))


async def trap(shell: Shell, arguments: list[str]) -> int:
    """What to do on signals."""
    traps = shell.state.traps
    if not arguments:
        names = {number: name for name, number in SIGNALS.items()}
        for number, text in sorted(traps.items()):
            await shell.proc.out(f"trap -- {quote(text)} {names[number]}\n")
        return 0
    rest = arguments[1:] if arguments[0] == "--" else arguments
    action = rest[0] if len(rest) > 1 else "-"
    for name in rest[1:] if len(rest) > 1 else rest:
        found = signal_number(name)
        if found is None:
            await shell.complain(f"{name}: invalid signal specification")
            return 1
        if action == "-":
            traps.pop(found, None)
        else:
            traps[found] = action
    return 0


def signal_number(name: str) -> int | None:
    """Of "TERM", "SIGTERM", "15"."""
    if name.isdigit():
        return int(name) if int(name) < 65 else None
    return SIGNALS.get(name.upper().removeprefix("SIG"))


async def read(shell: Shell, arguments: list[str]) -> int:
    """A line into variables."""
    raw, prompt, seconds, count, names = _read_options(arguments)
    wrong = next((name for name in names if not NAME.fullmatch(name)), None)
    if wrong is not None:
        await shell.proc.err(f"{shell.applet}: read: '{wrong}': bad variable name\n")
        return 1
    if prompt:
        await shell.proc.err(prompt)
    try:
        work = _read_text(shell, raw=raw, count=count)
        text, ended = await (asyncio.wait_for(work, seconds) if seconds else work)
    except TimeoutError:
        return 142
    _assign(shell, names or ["REPLY"], text, split=bool(names))
    return int(ended)


def _read_options(arguments: list[str]) -> tuple[bool, str, float, int, list[str]]:
    raw, prompt, seconds, count = False, "", 0.0, 0
    rest = list(arguments)
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        word = rest.pop(0)
        raw = raw or "r" in word
        if word[-1] in "ptndu" and rest:
            value = rest.pop(0)
            if word[-1] == "p":
                prompt = value
            elif word[-1] == "t":
                seconds = float(value) if value.replace(".", "", 1).isdigit() else 0.0
            elif word[-1] == "n":
                count = int(value) if value.isdigit() else 0
    return raw, prompt, seconds, count, rest


async def _read_text(shell: Shell, *, raw: bool, count: int) -> tuple[str, bool]:
    """(the line, whether the input has ended)"""
    stdin = shell.proc.stdin
    if count:
        data = b""
        while len(data) < count and (more := await stdin.read(count - len(data))):
            data += more
        return decode(data).rstrip("\n"), not data
    text = ""
    while True:
        line = decode(await stdin.read_line())
        ended = not line.endswith("\n")
        line = line.removesuffix("\n")
        if not raw and line.endswith("\\") and not ended:
            text += line[:-1]
            continue
        return text + (line if raw else re.sub(r"\\(.)", r"\1", line)), ended


def _assign(shell: Shell, names: list[str], text: str, *, split: bool) -> None:
    separators = shell.state.get("IFS")
    separators = " \t\n" if separators is None else separators
    blanks = "".join(char for char in separators if char in " \t\n")
    rest = text.strip(blanks) if split else text
    for name in names[:-1]:
        at = next((number for number, char in enumerate(rest) if char in separators), len(rest))
        shell.state.put(name, rest[:at])
        rest = rest[at:].lstrip(blanks)
        if at < len(text) and rest[:1] and rest[0] in separators and rest[0] not in blanks:
            rest = rest[1:].lstrip(blanks)
    shell.state.put(names[-1], rest)


async def type_(shell: Shell, arguments: list[str]) -> int:
    """What a name is."""
    status = 0
    for name in arguments:
        kind = _kind(shell, name)
        status = status or int(kind is None)
        await shell.proc.out(f"{name}{': not found' if kind is None else ' is ' + kind}\n")
    return 127 if status else 0


def _kind(shell: Shell, name: str) -> str | None:
    if name in RESERVED:
        return "a shell keyword"
    if name in shell.state.aliases:
        return f"an alias for {shell.state.aliases[name]}"
    if name in shell.state.functions:
        return "a function"
    if name in shell.special:
        return "a special shell builtin"
    if name in shell.builtins:
        return "a shell builtin"
    try:
        return locate(shell.proc, name, shell.state.get("PATH"))
    except OSError:
        return None


async def command(shell: Shell, arguments: list[str]) -> int:
    """A command that is no function, or with -v what it is."""
    if arguments[:1] in (["-v"], ["-V"]):
        if arguments[0] == "-V":
            return await type_(shell, arguments[1:])
        for name in arguments[1:]:
            kind = _kind(shell, name)
            if kind is None:
                return 127
            await shell.proc.out(f"{kind if kind.startswith('/') else name}\n")
        return 0
    rest = arguments[1:] if arguments[:1] == ["-p"] else arguments
    return await shell.command(rest, [], (), functions=False) if rest else 0


async def alias(shell: Shell, arguments: list[str]) -> int:
    """Short names."""
    for text in arguments or sorted(shell.state.aliases):
        name, equals, value = text.partition("=")
        if equals:
            shell.state.aliases[name] = value
        elif name in shell.state.aliases:
            await shell.proc.out(f"{name}={quote(shell.state.aliases[name])}\n")
        else:
            await shell.proc.err(f"alias: {name} not found\n")
            return 1
    return 0


async def unalias(shell: Shell, arguments: list[str]) -> int:
    """Forget short names."""
    for name in arguments:
        shell.state.aliases.pop(name, None)
    return 0


async def umask(shell: Shell, arguments: list[str]) -> int:
    """What new files are not to allow."""
    proc = shell.proc
    values = [one for one in arguments if one != "-S"]
    if values:
        if not re.fullmatch("[0-7]{1,4}", values[0]):
            raise ShellError(f"Illegal number: {values[0]}")
        proc.umask = int(values[0], 8)
    elif "-S" in arguments:
        allowed = [
            "".join(letter for bit, letter in ((4, "r"), (2, "w"), (1, "x")) if ~proc.umask >> shift & bit)
            for shift in (6, 3, 0)
        ]
        await proc.out("u={},g={},o={}\n".format(*allowed))
    else:
        await proc.out(f"{proc.umask:04o}\n")
    return 0


async def times(shell: Shell, arguments: list[str]) -> int:
    """The time that it took, of which nothing is counted here."""
    await shell.proc.out("0m0.00s 0m0.00s\n" * 2)
    return 0


async def getopts(shell: Shell, arguments: list[str]) -> int:
    """The next option of the positional parameters."""
    if len(arguments) < 2:
        raise ShellError("usage: getopts optstring var [arg]")
    letters, name, words = arguments[0], arguments[1], arguments[2:] or shell.state.arguments
    state = shell.state
    index = int(state.get("OPTIND") or "1")
    inner = int(state.get(" optpos") or "1")
    word = words[index - 1] if index <= len(words) else ""
    if not word.startswith("-") or word == "-" or word == "--":
        state.put(name, "?")
        if word == "--":
            state.put("OPTIND", str(index + 1))
        return 1
    letter = word[inner]
    more = inner + 1 < len(word)
    quiet, known = letters.startswith(":"), letter in letters and letter != ":"
    takes = known and letters.partition(letter)[2].startswith(":")
    found, value, problem = letter, None, ""
    if not known:
        found, value, problem = "?", letter if quiet else None, f"Illegal option -{letter}"
    elif takes and not more and index >= len(words):
        found, value = (":", letter) if quiet else ("?", None)
        problem = f"No arg for -{letter} option"
    elif takes:
        value = word[inner + 1 :] if more else words[index]
        index, more = index + (0 if more else 1), False
    if problem and not quiet:
        await shell.proc.err(f"{problem}\n")
    state.put(name, found)
    if value is None:
        state.unset("OPTARG")
    else:
        state.put("OPTARG", value)
    state.put(" optpos", str(inner + 1) if more else "1")
    state.put("OPTIND", str(index if more else index + 1))
    return 0


async def let(shell: Shell, arguments: list[str]) -> int:
    """Arithmetic as a command."""
    from fakekube.sandbox.shell.syntax import Text

    value = 0
    for text in arguments:
        value = await shell.expander.arithmetic((Text(text, quoted=True),))
    return int(value == 0)


def shared(name: str, program: Program) -> Builtin:
    """A program that runs inside the shell's process."""

    async def run(shell: Shell, arguments: list[str]) -> int:
        proc = shell.proc
        before, proc.argv, proc.called = proc.argv, [name, *arguments], shell.applet
        try:
            return await program(proc)
        finally:
            proc.argv, proc.called = before, ""

    return run


def table() -> Mapping[str, Builtin]:
    """All of them by name."""
    programs = commands.table()
    own: dict[str, Builtin] = {":": colon, ".": source, "set": set_, "exit": exit_, "return": return_, "type": type_}
    own |= {"break": break_, "continue": continue_, "eval": eval_, "exec": exec_}
    own |= dict.fromkeys(("history", "hash", "ulimit"), colon)
    plain = (source, cd, pwd, export, readonly, local, unset, shift, trap, read, command, alias, unalias)
    own |= {one.__name__: one for one in (*plain, umask, times, getopts, let)}
    own |= {name: shared(name, programs[name]) for name in SHARED}
    return {**own, **jobs.table(own["kill"])}
