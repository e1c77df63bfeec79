"""echo, printf, test, and the other smallest ones."""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import Mapping

from fakekube.sandbox.executing import start
from fakekube.sandbox.files import Device, Directory, Link, Node, size_of
from fakekube.sandbox.kernel import SIGNALS, TERM, Proc, Program, decode, encode

ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
ESCAPE = re.compile(r"\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|x[0-9a-fA-F]{1,2}|e|c|.)", re.DOTALL)
DIRECTIVE = re.compile(r"%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]*([diouxXfFeEgGcsb])")
WIDTH_LIMIT = 10_000


async def true(proc: Proc) -> int:
    """Success."""
    return 0


async def false(proc: Proc) -> int:
    """Failure."""
    return 1


async def echo(proc: Proc) -> int:
    """Its arguments."""
    words = proc.argv[1:]
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        newline = newline and "n" not in words[0]
        escapes = "e" in words[0] or (escapes and "E" not in words[0])
        words = words[1:]
    text = " ".join(words)
    if escapes:
        text, stopped = unescaped(text)
        newline = newline and not stopped
    await proc.out(text + "\n" * newline)
    return 0


def unescaped(text: str) -> tuple[str, bool]:
    """(what the escapes stand for, whether a \\c ended it)"""
    before, stop, _ = _until_stop(text)
    return ESCAPE.sub(_escape, before), stop


def _until_stop(text: str) -> tuple[str, bool, str]:
    for found in ESCAPE.finditer(text):
        if found[1] == "c":
            return text[: found.start()], True, ""
    return text, False, ""


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x":
        return decode(bytes([int(code[1:], 16)])) if len(code) > 1 else found[0]
    if code[0] in "01234567":
        return decode(bytes([int(code, 8) & 0xFF]))
    return "\x1b" if code == "e" else ESCAPES.get(code, found[0])


async def printf(proc: Proc) -> int:
    """Its arguments by a format, again and again until they are used up."""
    if len(proc.argv) < 2:
        return await proc.fail("usage: printf FORMAT [ARGUMENT...]", 2)
    arguments = list(proc.argv[2:])
    status = 0
    while True:
        before = len(arguments)
        text, stopped, problem = formatted(proc.argv[1], arguments)
        if problem:
            status = await proc.fail(problem)
        await proc.out(text)
        if stopped or not arguments or len(arguments) == before:
            return status


def formatted(template: str, arguments: list[str]) -> tuple[str, bool, str]:
    """(text, whether a \\c ended it, what is wrong with an argument)"""
    out, at, problem = [], 0, ""
    template, stopped = unescaped(template.replace("\\\\", "\\134")) if "\\" in template else (template, False)
    while at < len(template):
        percent = template.find("%", at)
        if percent < 0:
            out.append(template[at:])
            break
        out.append(template[at:percent])
        if template.startswith("%%", percent):
            out.append("%")
            at = percent + 2
            continue
        found = DIRECTIVE.match(template, percent)
        if found is None:
            return "".join(out), True, f"{template[percent:]}: invalid format"
        piece, wrong, ended = _directive(found, arguments)
        out.append(piece)
        problem = problem or wrong
        if ended:
            return "".join(out), True, problem
        at = found.end()
    return "".join(out), stopped, problem


def _directive(found: re.Match[str], arguments: list[str]) -> tuple[str, str, bool]:
    flags, kind = found[1], found[4]
    width = _size(found[2], arguments)
    precision = _size(found[3], arguments) if found[3] is not None else None
    argument = arguments.pop(0) if arguments else None
    ended = False
    problem = ""
    if kind in "diouxX":
        value, problem = _integer(argument or "0")
        spec = {"i": "d", "u": "d"}.get(kind, kind)
        text = format(abs(value) if spec == "d" else value & ((1 << 64) - 1), spec)
        text = text.rjust(min(precision or 0, WIDTH_LIMIT), "0")
        sign = "-" if spec == "d" and value < 0 else "+" if "+" in flags else " " if " " in flags else ""
        text = sign + ({"x": "0x", "X": "0X", "o": "0"}.get(kind, "") if "#" in flags else "") + text
    elif kind in "feEgG":
        text, problem = _float(argument or "0", kind, 6 if precision is None else precision)
    elif kind == "c":
        text = (argument or "")[:1]
    elif kind == "b":
        text, ended = unescaped(argument or "")
    elif kind in "sq":
        text = (argument or "")[:precision] if precision is not None else argument or ""
    else:
        return "", f"%{kind}: invalid format", True
    if "-" in flags:
        text = text.ljust(width)
    elif "0" in flags and kind not in "scbq" and width > len(text):
        sign = text[:1] if text[:1] in ("-", "+") else ""
        text = sign + text[len(sign) :].rjust(width - len(sign), "0")
    else:
        text = text.rjust(width)
    return text, problem, ended


def _size(text: str | None, arguments: list[str]) -> int:
    if text == "*":
        text = arguments.pop(0) if arguments else "0"
    return min(int(text), WIDTH_LIMIT) if text and text.isdigit() else 0


def _integer(text: str) -> tuple[int, str]:
    if text[:1] in ("'", '"'):
        return ord(text[1]) if len(text) > 1 else 0, ""
    try:
        digits = text.strip()
        plain = digits.lstrip("+-")
        octal = len(plain) > 1 and plain[0] == "0" and plain.isdigit()
        return int(digits[:40], 8 if octal else 0), ""
    except ValueError:
        return 0, f"invalid number '{text}'"


def _float(text: str, kind: str, precision: int) -> tuple[str, str]:
    try:
        return format(float(text), f".{min(precision, 100)}{kind}"), ""
    except ValueError:
        return format(0.0, f".{min(precision, 100)}{kind}"), f"invalid number '{text}'"


async def test(proc: Proc) -> int:
    """A condition."""
    words = proc.argv[1:]
    if proc.argv[0].rpartition("/")[2] == "[":
        if words[-1:] != ["]"]:
            return await proc.fail("missing ]", 2)
        words = words[:-1]
    try:
        return int(not _Condition(proc, words).value())
    except ValueError as error:
        return await proc.fail(str(error), 2)


class _Condition:
    """The expression of test, by recursive descent."""

    def __init__(self, proc: Proc, words: list[str]) -> None:
        self._proc = proc
        self._words = words[:1000]
        self._at = 0

    def value(self) -> bool:
        if not self._words:
            return False
        result = self._or()
        if self._at < len(self._words):
            raise ValueError(f"{self._words[self._at]}: unknown operand")
        return result

    def _peek(self, ahead: int = 0) -> str | None:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else None

    def _or(self) -> bool:
        result = self._and()
        while self._peek() == "-o":
            self._at += 1
            result = self._and() or result
        return result

    def _and(self) -> bool:
        result = self._not()
        while self._peek() == "-a":
            self._at += 1
            result = self._not() and result
        return result

    def _not(self) -> bool:
        negated = False
        while self._peek() == "!" and len(self._words) - self._at > 1:
            self._at += 1
            negated = not negated
        return self._primary() != negated

    def _primary(self) -> bool:
        word = self._peek()
        if word is None:
            raise ValueError("argument expected")
        operator = self._peek(1)
        if operator in BINARY and self._peek(2) is None:
            raise ValueError(f"{operator}: argument expected")
        if operator in BINARY:
            self._at += 3
            return _compare(self._proc, word, operator, self._words[self._at - 1])
        if word == "(" and len(self._words) - self._at > 2:
            self._at += 1
            result = self._or()
            if self._peek() != ")":
                raise ValueError("closing paren expected")
            self._at += 1
            return result
        if len(word) == 2 and word[0] == "-" and word[1] in UNARY and operator is not None:
            self._at += 2
            return _unary(self._proc, word[1], operator)
        self._at += 1
        return word != ""


NUMERIC = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
TEXTUAL = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
BINARY = frozenset((*NUMERIC, *TEXTUAL, "-nt", "-ot", "-ef"))
UNARY = "nzbcdefghkprstuwxLSO"


def _compare(proc: Proc, left: str, operator: str, right: str) -> bool:
    if operator in NUMERIC:
        numbers = []
        for text in (left, right):
            if not re.fullmatch(r"\s*[-+]?\d{1,30}\s*", text):
                raise ValueError(f"{text}: bad number")
            numbers.append(int(text))
        return bool(NUMERIC[operator](*numbers))
    if operator in TEXTUAL:
        return bool(TEXTUAL[operator](left, right))
    one, other = _node(proc, left), _node(proc, right)
    if operator == "-ef":
        return one is not None and one is other
    times = [node.mtime if node is not None else -1.0 for node in (one, other)]
    return times[0] > times[1] if operator == "-nt" else times[0] < times[1]


def _node(proc: Proc, path: str, follow: bool = True) -> Node | None:
    try:
        return proc.fs.lookup(proc.path(path), follow=follow)
    except OSError:
        return None


def _unary(proc: Proc, letter: str, text: str) -> bool:
    if letter in "nz":
        return (text != "") == (letter == "n")
    if letter == "t":
        return text.isdigit() and int(text) in proc.fds and proc.fds[int(text)].tty is not None
    node = _node(proc, text, follow=letter not in "hL")
    if node is None:
        return False
    kinds = {"d": Directory, "h": Link, "L": Link, "c": Device}
    if letter in kinds:
        return isinstance(node, kinds[letter])
    if letter == "f":
        return not isinstance(node, Directory | Device | Link)
    if letter in "rwx":
        bit = {"r": 4, "w": 2, "x": 1}[letter]
        return bool(node.mode & 0o111) if letter == "x" and proc.uid == 0 else proc.may(node, bit)
    if letter == "s":
        return size_of(node) > 0
    return letter in "eO"


UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float | None:
    """Seconds of "1.5", "2m"; None for what is none."""
    if text in ("infinity", "inf"):
        return 1e9
    found = re.fullmatch(r"(\d{1,12}(?:\.\d*)?|\.\d+)([smhd]?)", text)
    return float(found[1]) * UNITS[found[2]] if found is not None else None


async def sleep(proc: Proc) -> int:
    """Wait."""
    total = 0.0
    if len(proc.argv) < 2:
        return await proc.fail("missing operand")
    for text in proc.argv[1:]:
        seconds = duration(text)
        if seconds is None:
            return await proc.fail(f"invalid number '{text}'")
        total += seconds
    await proc.kernel.clock.sleep(total)
    return 0


async def usleep(proc: Proc) -> int:
    """Wait for microseconds."""
    digits = proc.argv[1] if len(proc.argv) > 1 else ""
    if not re.fullmatch(r"\d{1,12}", digits):
        return await proc.fail(f"invalid number '{digits}'")
    await proc.kernel.clock.sleep(int(digits) / 1e6)
    return 0


async def kill(proc: Proc) -> int:
    """Send signals."""
    number, words, status = 15, proc.argv[1:], 0
    if words[:1] == ["-l"] and len(words) > 1:
        return await _signals(proc, words[1:])
    if words[:1] == ["-l"]:
        await proc.out("".join(f"{value:2}) {name}\n" for name, value in SIGNALS.items() if value))
        return 0
    if words[:1] == ["-s"]:
        words = ["-" + (words[1] if len(words) > 1 else ""), *words[2:]]
    if words and re.fullmatch(r"-\w+", words[0]):
        name = words.pop(0)[1:].upper().removeprefix("SIG")
        found = int(name) if name.isdigit() else SIGNALS.get(name)
        if found is None:
            return await proc.fail(f"bad signal name '{name}'")
        number = found
    if not words:
        return await proc.fail("you need to specify whom to kill")
    for word in words:
        target = proc.kernel.procs.get(int(word)) if word.isdigit() else None
        if target is None:
            status = await proc.fail(
                f"can't kill pid {word}: No such process" if word.isdigit() else f"invalid number '{word}'"
            )
        else:
            target.kill(number)
            await asyncio.sleep(0)
    return status


async def _signals(proc: Proc, words: list[str]) -> int:
    """Signals' names for numbers, and their numbers for names."""
    status = 0
    names = {str(number): name for name, number in SIGNALS.items()}
    for word in words:
        found = names.get(word) or SIGNALS.get(word.upper().removeprefix("SIG"))
        if found is None:
            status = await proc.fail(f"unknown signal '{word}'")
        else:
            await proc.out(f"{found}\n")
    return status


async def env(proc: Proc) -> int:
    """Show the environment, or run a command in another one."""
    words, environment = proc.argv[1:], dict(proc.env)
    while words and (words[0] in ("-i", "-", "-u") or "=" in words[0]):
        word = words.pop(0)
        if word in ("-i", "-"):
            environment = {}
        elif word == "-u":
            environment.pop(words.pop(0) if words else "", None)
        else:
            name, _, value = word.partition("=")
            environment[name] = value
    if words:
        return await run(proc, words, environment)
    await proc.out("".join(f"{name}={value}\n" for name, value in environment.items()))
    return 0


async def run(proc: Proc, words: list[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a command for another: its code, or 127."""
    try:
        child = start(proc, words, environment)
    except OSError as error:
        shown = words[0] if proc.name == "xargs" else f"can't execute '{words[0]}'"
        return await proc.fail(f"{shown}: {error.strerror}", 126 if error.errno == errno.EACCES else 127)
    return await child.wait()


async def printenv(proc: Proc) -> int:
    """Show variables."""
    if len(proc.argv) < 2:
        return await env(proc)
    found = [proc.env[name] for name in proc.argv[1:] if name in proc.env]
    await proc.out("".join(f"{value}\n" for value in found))
    return int(len(found) < len(proc.argv) - 1)


async def seq(proc: Proc) -> int:
    """Numbers."""
    options, words = _seq_options(proc.argv[1:])
    try:
        numbers = [float(word) if "." in word else int(word) for word in words]
    except ValueError:
        return await proc.fail(f"invalid number '{words[0]}'")
    if not 1 <= len(numbers) <= 3:
        return await proc.fail("usage: seq [-w] [-s SEP] [FIRST [INC]] LAST")
    first, step, last = {1: (1, 1, numbers[0]), 2: (numbers[0], 1, numbers[-1])}.get(len(numbers)) or tuple(numbers)
    if step == 0:
        return await proc.fail("zero increment")
    width = max(len(word) for word in words) if "w" in options else 0
    value, between = first, ""
    while value <= last if step > 0 else value >= last:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        await proc.out(between + text.zfill(width))
        value += step
        between = options.get("s", "\n")
    await proc.out("\n" if between else "")
    return 0


def _seq_options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """-w and -s apart from negative numbers."""
    options: dict[str, str] = {}
    rest = list(words)
    while rest and re.match("-[ws]", rest[0]):
        word = rest.pop(0)
        options[word[1]] = word[2:] or (rest.pop(0) if word[1] == "s" and rest else "")
    return options, rest


async def yes(proc: Proc) -> int:
    """The same line for ever."""
    line = encode(" ".join(proc.argv[1:]) or "y") + b"\n"
    while True:
        await proc.out(line * max(1, 4096 // len(line)))


async def timeout(proc: Proc) -> int:
    """Run a command for so long."""
    words, signal_ = proc.argv[1:], TERM
    while words and words[0].startswith("-"):
        option = words.pop(0)
        value = words.pop(0) if words and option in ("-s", "-k", "-t") else ""
        if option == "-s":
            signal_ = SIGNALS.get(value.upper().removeprefix("SIG")) or (int(value) if value.isdigit() else TERM)
    seconds = duration(words[0]) if words else None
    if len(words) < 2 or seconds is None:
        return await proc.fail("usage: timeout [-s SIG] SECS PROG ARGS", 125)
    try:
        child = start(proc, words[1:])
    except OSError as error:
        return await proc.fail(f"can't execute '{words[1]}': {error.strerror}", 127)
    clock = asyncio.ensure_future(proc.kernel.clock.sleep(seconds))
    waiting = asyncio.ensure_future(child.wait())
    try:
        await asyncio.wait((clock, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            child.kill(signal_)
            proc.killed_by = signal_  # the command took the place of the one that waits, and that tells of its death
        return await waiting
    finally:
        clock.cancel()


async def time_(proc: Proc) -> int:
    """Run a command and say how long it took."""
    began = proc.kernel.clock.now()
    status = await run(proc, proc.argv[1:]) if len(proc.argv) > 1 else 0
    minutes, seconds = divmod(proc.kernel.clock.now() - began, 60)
    await proc.err(f"real\t{int(minutes)}m {seconds:.2f}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n")
    return status


async def nohup(proc: Proc) -> int:
    """Run a command."""
    return await run(proc, proc.argv[1:]) if len(proc.argv) > 1 else await proc.fail("usage: nohup PROG ARGS", 127)


async def setsid(proc: Proc) -> int:
    """Run a command."""
    return await run(proc, proc.argv[1:]) if len(proc.argv) > 1 else await proc.fail("usage: setsid PROG ARGS")


PROGRAMS: Mapping[str, Program] = {
    "true": true,
    "false": false,
    "echo": echo,
    "printf": printf,
    "test": test,
    "[": test,
    "sleep": sleep,
    "usleep": usleep,
    "kill": kill,
    "env": env,
    "printenv": printenv,
    "seq": seq,
    "yes": yes,
    "timeout": timeout,
    "time": time_,
    "nohup": nohup,
    "setsid": setsid,
}
