"""grep and sed."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping

from msgspec import Struct, field

from fakekube.sandbox.commands.options import Inputs, lines, number, parse
from fakekube.sandbox.files import Directory
from fakekube.sandbox.kernel import MEMORY, Exit, Handle, OutOfMemory, Proc, Program, decode, encode
from fakekube.sandbox.regex import Match, Pattern, RegexProblem, compiled

COST = 3_000
"""Instructions of a pattern that count as one step."""


async def grep(proc: Proc) -> int:
    """Lines that match."""
    long = {"color": "~", "colour": "~", "include": "~", "exclude": "~", "ignore-case": "i", "invert-match": "v"}
    options, words = await parse(proc, "ivnclLoqswxhHrRFEPaz~", "efmABC", long)
    try:
        patterns = await _patterns(proc, options, words)
    except RegexProblem as problem:
        return await proc.fail(f"bad regex: {problem}", 2)
    recursive = bool(options.keys() & {"r", "R"})
    paths = _below(proc, words or ["."]) if recursive else words
    search = _Search(proc, options, patterns, "H" in options or ((len(paths) > 1 or recursive) and "h" not in options))
    inputs = Inputs(proc, paths, quiet="s" in options)
    async for path, handle in inputs:
        if await search.file(path if path != "-" else "(standard input)", handle):
            return 0
    return 2 if inputs.status and not search.found else int(not search.found)


async def _patterns(proc: Proc, options: dict[str, list[str]], words: list[str]) -> list[Pattern]:
    texts = [line for text in options.get("e", []) for line in text.split("\n")]
    for path in options.get("f", []):
        texts += decode(proc.read_file(path)).splitlines()
    if "e" not in options and "f" not in options:
        if not words:
            await proc.err("Usage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... } [FILE]...\n")
            raise Exit(2)
        texts += words.pop(0).split("\n")
    folded = "i" in options
    made = []
    for text in texts:
        if "F" in options:
            made.append(Pattern([], 0, folded, text.lower() if folded else text))
            continue
        extended = bool(options.keys() & {"E", "P"}) or proc.name == "egrep"
        if "w" in options or "x" in options:
            group = f"({text})" if extended else f"\\({text}\\)"
            text = f"^{group}$" if "x" in options else f"\\b{group}\\b"
        made.append(compiled(text, extended, folded))
    return made


def _below(proc: Proc, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        full = proc.path(path)
        try:
            below = [one for one, node in proc.fs.walk(full) if not isinstance(node, Directory)]
        except OSError:
            found.append(path)
            continue
        found += [path + one[len(full) :] for one in below]
    return found


class _Search:
    def __init__(self, proc: Proc, options: Mapping[str, list[str]], patterns: list[Pattern], named: bool) -> None:
        self.found = False
        self._proc = proc
        self._options = options
        self._patterns = patterns
        self._named = named
        self._limit = 0

    async def file(self, path: str, handle: Handle) -> bool:
        """Whether nothing more is to be done (-q)."""
        options = self._options
        limit = await number(self._proc, options["m"][-1]) if "m" in options else -1
        after, before = [await self._context(letter) for letter in "AB"]
        count = at = follow = 0
        held: deque[tuple[int, str]] = deque(maxlen=before or 0) if before else deque(maxlen=0)
        async for line in lines(handle, self._proc):
            at += 1
            text = decode(line).removesuffix("\n")
            matches = await self._matches(text)
            if bool(matches) == ("v" in options):
                if follow:
                    await self._print(path, at, text, "-")
                    follow -= 1
                else:
                    held.append((at, text))
                continue
            self.found = True
            count += 1
            if "q" in options:
                return True
            if options.keys() & {"l", "L"}:
                break
            if "c" not in options:
                for earlier, old in held:
                    await self._print(path, earlier, old, "-")
                held.clear()
                await self._hit(path, at, text, matches)
                follow = after
            if count == limit:
                break
        await self._summary(path, count)
        return False

    async def _context(self, letter: str) -> int:
        value = self._options.get(letter, self._options.get("C", ["0"]))[-1]
        return await number(self._proc, value)

    async def _matches(self, text: str) -> list[Match]:
        found = []
        for pattern in self._patterns:
            await self._proc.kernel.budget.spend(len(text) * len(pattern.program) / COST)
            if pattern.literal == "":
                found.append(Match(text, ((0, 0),)))
                continue
            match = pattern.search(text)
            if match is not None:
                found.append(match)
        return found

    async def _hit(self, path: str, at: int, text: str, matches: list[Match]) -> None:
        if "o" not in self._options:
            await self._print(path, at, text, ":")
            return
        if "v" not in self._options:
            for pattern in self._patterns:
                for match in pattern.each(text):
                    if match.end > match.start:
                        await self._print(path, at, match.group(0), ":")

    async def _print(self, path: str, at: int, text: str, mark: str) -> None:
        name = f"{path}{mark}" if self._named else ""
        place = f"{at}{mark}" if "n" in self._options else ""
        await self._proc.out(f"{name}{place}{text}\n")

    async def _summary(self, path: str, count: int) -> None:
        if ("l" in self._options and count) or ("L" in self._options and not count):
            await self._proc.out(f"{path}\n")
        elif "c" in self._options:
            await self._proc.out(f"{path}:{count}\n" if self._named else f"{count}\n")


class Address(Struct):
    """A line of sed: a number, "$", a pattern, or a step."""

    line: int = 0
    last: bool = False
    pattern: Pattern | None = None
    step: int = 0

    def fits(self, at: int, text: str, last: bool) -> bool:
        """Whether a line is it."""
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        if self.step:
            return at >= self.line and (at - self.line) % self.step == 0
        return last if self.last else at == self.line


class Command(Struct):
    """One command of sed."""

    name: str
    first: Address | None = None
    second: Address | None = None
    negated: bool = False
    text: str = ""
    pattern: Pattern | None = None
    flags: str = ""
    block: list[Command] = field(default_factory=list)
    active: bool = False
    """Whether the range has begun and not ended."""
    entered: int = 0


class SedProblem(Exception):
    """Not a script."""


class _SedParser:
    def __init__(self, text: str, extended: bool) -> None:
        self._text = text
        self._at = 0
        self._extended = extended
        self._last: Pattern | None = None

    def commands(self, inner: bool = False) -> list[Command]:
        made: list[Command] = []
        while True:
            self._skip(" \t\n;")
            if self._at >= len(self._text):
                if inner:
                    raise SedProblem("unmatched '{'")
                return made
            if self._text[self._at] == "}" and inner:
                self._at += 1
                return made
            if self._text[self._at] == "#":
                self._rest()
                continue
            made.append(self._command())

    def _skip(self, chars: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in chars:
            self._at += 1

    def _rest(self) -> str:
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        text, self._at = self._text[self._at : end], end
        return text

    def _command(self) -> Command:
        first = self._address()
        second = None
        if first is not None and self._text.startswith(",", self._at):
            self._at += 1
            plus = self._text.startswith("+", self._at)
            self._at += plus
            second = self._address()
            if second is not None and plus:
                second = Address(line=-second.line)
        self._skip(" \t")
        negated = self._text.startswith("!", self._at)
        self._at += negated
        self._skip(" \t!")
        if self._at >= len(self._text):
            raise SedProblem("missing command")
        name = self._text[self._at]
        self._at += 1
        command = Command(name, first, second, negated)
        if name == "{":
            command.block = self.commands(inner=True)
        elif name == "s":
            self._substitution(command)
        elif name == "y":
            command.text, command.flags = self._pair()
        elif name in "aic":
            command.text = self._rest().lstrip().removeprefix("\\").lstrip("\n").lstrip() or self._rest_after_newline()
        elif name in "btT:rw":
            self._skip(" \t")
            start = self._at
            while self._at < len(self._text) and self._text[self._at] not in "\n;}":
                self._at += 1
            command.text = self._text[start : self._at].strip()
        elif name in "qQ":
            found = re.compile(r"\s*(\d{0,3})").match(self._text, self._at)
            if found is not None:
                command.text, self._at = found[1], found.end()
        elif name not in "dDgGhHnNpPx=l":
            raise SedProblem(f"unsupported command {name}")
        return command

    def _rest_after_newline(self) -> str:
        if self._text.startswith("\n", self._at):
            self._at += 1
            return self._rest()
        return ""

    def _address(self) -> Address | None:
        found = re.compile(r"(\d{1,9})(?:~(\d{1,9}))?").match(self._text, self._at)
        if found is not None:
            self._at = found.end()
            return Address(line=int(found[1]), step=int(found[2] or 0))
        if self._text.startswith("$", self._at):
            self._at += 1
            return Address(last=True)
        if self._text[self._at : self._at + 1] in ("/", "\\"):
            if self._text[self._at] == "\\":
                self._at += 1
            delimiter = self._text[self._at : self._at + 1]
            self._at += 1
            return Address(pattern=self._pattern(self._until(delimiter), self._flag("I")))
        return None

    def _flag(self, letter: str) -> bool:
        found = self._text.startswith(letter, self._at)
        self._at += found
        return found

    def _pattern(self, text: str, folded: bool) -> Pattern:
        if not text:
            if self._last is None:
                raise SedProblem("no previous regexp")
            return self._last
        self._last = compiled(text, self._extended, folded)
        return self._last

    def _until(self, delimiter: str) -> str:
        out = []
        inside = False
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == "\\" and self._at < len(self._text):
                following = self._text[self._at]
                self._at += 1
                out.append(following if following == delimiter else "\\" + following)
                continue
            if char == delimiter and not inside:
                return "".join(out)
            inside = (char == "[" or inside) and char != "]"
            out.append(char)
        raise SedProblem("unterminated address or command")

    def _pair(self) -> tuple[str, str]:
        delimiter = self._text[self._at : self._at + 1]
        self._at += 1
        return self._until(delimiter), self._until(delimiter)

    def _substitution(self, command: Command) -> None:
        pattern, command.text = self._pair()
        found = re.compile(r"[0-9gpiIe]*").match(self._text, self._at)
        command.flags = found[0] if found is not None else ""
        self._at += len(command.flags)
        command.pattern = self._pattern(pattern, "i" in command.flags.lower())


class _Quit(Exception):
    def __init__(self, code: int, print_: bool) -> None:
        super().__init__(code)
        self.code = code
        self.print = print_


class _Next(Exception):
    """The next line, without the rest of the script."""


class Sed:
    """A running script."""

    def __init__(self, proc: Proc, commands: list[Command], quiet: bool, sink: Handle | None = None) -> None:
        self._proc = proc
        self._commands = commands
        self._quiet = quiet
        self._sink = sink
        self._space = self._hold = ""
        self._at = 0
        self._ahead: deque[str] = deque()
        self._after: list[str] = []
        self._changed = False

    async def run(self, handle: Handle) -> None:
        """All lines. Raises _Quit."""
        source = lines(handle, self._proc)
        self._source = source
        while await self._read():
            try:
                await self._script(self._commands)
            except _Next:
                pass
            except _Quit as leaving:
                if leaving.print and not self._quiet:
                    await self._out(self._space + "\n")
                await self._flush()
                raise
            else:
                if not self._quiet:
                    await self._out(self._space + "\n")
            await self._flush()

    async def _read(self) -> bool:
        """The next line into the pattern space; one more is read, to know the last."""
        while len(self._ahead) < 2 and (line := await anext(self._source, None)) is not None:
            self._ahead.append(decode(line).removesuffix("\n"))
        if not self._ahead:
            return False
        self._space, self._at, self._changed = self._ahead.popleft(), self._at + 1, False
        return True

    async def _out(self, text: str) -> None:
        if self._sink is not None:
            await self._sink.write(encode(text))
        else:
            await self._proc.out(text)

    async def _flush(self) -> None:
        for text in self._after:
            await self._out(text + "\n")
        self._after.clear()

    def _selected(self, command: Command) -> bool:
        return self._in_range(command) != command.negated

    def _in_range(self, command: Command) -> bool:
        last = not self._ahead
        if command.first is None:
            return True
        if command.second is None:
            return command.first.fits(self._at, self._space, last)
        if not command.active:
            if not command.first.fits(self._at, self._space, last):
                return False
            command.active, command.entered = True, self._at
            end = command.second
            if end.pattern is None and not end.last and not end.step and 0 <= end.line <= self._at:
                command.active = False
            return True
        end = command.second
        if end.line < 0:
            command.active = self._at < command.entered - end.line
        elif end.fits(self._at, self._space, last) or (end.line and self._at >= end.line):
            command.active = False
        return True

    async def _script(self, commands: list[Command]) -> None:
        position = 0
        while position < len(commands):
            command = commands[position]
            position += 1
            await self._proc.kernel.budget.spend()
            if not self._selected(command):
                continue
            if command.name == "{":
                await self._script(command.block)
            elif command.name in "btT":
                if command.name == "b" or self._changed == (command.name == "t"):
                    self._changed = False
                    position = self._label(commands, command.text)
            else:
                await self._do(command)

    def _label(self, commands: list[Command], name: str) -> int:
        for position, one in enumerate(commands):
            if one.name == ":" and one.text == name:
                return position
        return len(commands)

    async def _do(self, command: Command) -> None:
        match command.name:
            case "s":
                await self._substitute(command)
            case "p":
                await self._out(self._space + "\n")
            case "P":
                await self._out(self._space.partition("\n")[0] + "\n")
            case "d":
                raise _Next
            case "D":
                self._ahead.appendleft(self._space.partition("\n")[2])
                self._at -= 1
                raise _Next
            case "y":
                table = dict(zip(command.text, command.flags, strict=False))
                self._space = "".join(table.get(char, char) for char in self._space)
            case "a":
                self._after.append(command.text)
            case "i":
                await self._out(command.text + "\n")
            case "c":
                await self._out(command.text + "\n")
                raise _Next
            case "=":
                await self._out(f"{self._at}\n")
            case "q" | "Q":
                raise _Quit(int(command.text or 0), command.name == "q")
            case "n" | "N":
                await self._advance(command.name)
            case _:
                self._holding(command.name)

    async def _advance(self, name: str) -> None:
        before = self._space
        if name == "n" and not self._quiet:
            await self._out(before + "\n")
        if not await self._read():
            raise _Quit(0, name == "N")
        if name == "N":
            self._space = f"{before}\n{self._space}"
            self._check()

    def _holding(self, name: str) -> None:
        match name:
            case "g":
                self._space = self._hold
            case "G":
                self._space += "\n" + self._hold
            case "h":
                self._hold = self._space
            case "H":
                self._hold += "\n" + self._space
            case "x":
                self._space, self._hold = self._hold, self._space
        self._check()

    def _check(self) -> None:
        if len(self._space) + len(self._hold) > MEMORY:
            raise OutOfMemory

    async def _substitute(self, command: Command) -> None:
        assert command.pattern is not None
        digits = "".join(char for char in command.flags if char.isdigit())
        wanted, every = int(digits or 1), "g" in command.flags
        out, at, count = [], 0, 0
        for match in command.pattern.each(self._space):
            await self._proc.kernel.budget.spend(1 + len(self._space) * len(command.pattern.program) / COST)
            count += 1
            if count < wanted:
                continue
            out += [self._space[at : match.start], replaced_by(command.text, match)]
            at = match.end
            if not every:
                break
        if out:
            self._space = "".join(out) + self._space[at:]
            self._changed = True
            self._check()
            if "p" in command.flags:
                await self._out(self._space + "\n")


def replaced_by(template: str, match: Match) -> str:
    """The text that a match gives way to: & stands for the match, \\1 for its first group."""

    def piece(found: re.Match[str]) -> str:
        code = found[0]
        if code == "&":
            return match.group(0)
        if code[1].isdigit():
            return match.group(int(code[1]))
        return {"n": "\n", "t": "\t"}.get(code[1], code[1])

    return re.sub(r"\\(?:.|\n)|&", piece, template, flags=re.DOTALL)


async def sed(proc: Proc) -> int:
    """Edit lines."""
    proc.argv = [word if not re.fullmatch(r"-i\S+", word) else "-i" for word in proc.argv]
    long = {"expression": "e", "quiet": "n", "silent": "n", "regexp-extended": "E", "in-place": "i", "file": "f"}
    options, words = await parse(proc, "nrEiuzs", "ef", long)
    scripts = list(options.get("e", []))
    scripts += [decode(proc.read_file(path)) for path in options.get("f", [])]
    if not scripts:
        if not words:
            return await proc.fail("usage: sed [-nEi] [-e CMD]... [FILE]...")
        scripts.append(words.pop(0))
    try:
        commands = _SedParser("\n".join(scripts), bool(options.keys() & {"r", "E"})).commands()
    except (SedProblem, RegexProblem) as problem:
        return await proc.fail(str(problem) if isinstance(problem, SedProblem) else f"bad regex: {problem}")
    if "i" in options:
        return await _in_place(proc, commands, "n" in options, words)
    inputs = Inputs(proc, words)
    running = Sed(proc, commands, "n" in options)
    async for _, handle in inputs:
        try:
            await running.run(handle)
        except _Quit as leaving:
            return leaving.code
    return inputs.status


async def _in_place(proc: Proc, commands: list[Command], quiet: bool, paths: list[str]) -> int:
    from fakekube.sandbox.streams import Pipe

    for path in paths:
        collected = Pipe(4 * MEMORY)
        try:
            await Sed(proc, commands, quiet, Handle(collected)).run(proc.open_to_read(path))
        except _Quit:
            pass
        except OSError as error:
            return await proc.fail(f"{path}: {error.strerror}")
        collected.end()
        target = proc.open_to_write(path)
        while data := await collected.read():
            await target.write(data)
    return 0


PROGRAMS: Mapping[str, Program] = {"grep": grep, "egrep": grep, "fgrep": grep, "sed": sed}
