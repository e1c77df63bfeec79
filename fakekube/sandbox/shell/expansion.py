"""Words to fields: parameters, commands, arithmetic, field splitting, pathnames (XCU 2.6)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec import Struct, field

from fakekube.sandbox.files import Directory
from fakekube.sandbox.kernel import Proc, decode
from fakekube.sandbox.shell import patterns
from fakekube.sandbox.shell.arithmetic import ArithmeticProblem, evaluate
from fakekube.sandbox.shell.patterns import Piece
from fakekube.sandbox.shell.state import VALUE_LIMIT, ShellError, State
from fakekube.sandbox.shell.syntax import Arithmetic, Command, Parameter, Script, Text, Word

FIELDS = 20_000
"""Fields that one word may become."""
NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Substitute = Callable[[Script], Awaitable[str]]


class Field(Struct):
    """A field in the making: its pieces, and whether quotes make it count even if it is empty."""

    pieces: list[Piece] = field(default_factory=list)
    quoted: bool = False

    @property
    def text(self) -> str:
        """As it is."""
        return "".join(text for text, _ in self.pieces)


class Expander:
    """Expands words for one shell."""

    def __init__(self, state: State, proc: Proc, substitute: Substitute) -> None:
        self._state = state
        self._proc = proc
        self._substitute = substitute

    async def fields(self, words: tuple[Word, ...]) -> list[str]:
        """The arguments that words become. Raises ShellError."""
        result: list[str] = []
        for word in words:
            if len(word) == 1 and isinstance(word[0], Text) and not any(char in "*?[~" for char in word[0].text):
                result.append(word[0].text)
                continue
            for one in await self._split(word):
                result += self._paths(one)
            if len(result) > FIELDS:
                raise ShellError("Argument list too long")
        return result

    async def text(self, word: Word) -> str:
        """One string, neither split nor matched against paths. Raises ShellError."""
        return "".join(text for text, _ in await self.pieces(word))

    async def pieces(self, word: Word) -> list[Piece]:
        """The same with what is literal marked: for patterns."""
        joined: list[Piece] = []
        for number, one in enumerate(await self._split(word, split=False)):
            joined += [(" ", True)] * (number > 0) + one.pieces
        return joined

    # splitting

    async def _split(self, word: Word, *, split: bool = True) -> list[Field]:
        fields = [Field()]
        separators = self._separators()
        for number, part in enumerate(word):
            if isinstance(part, Text):
                text = self._home(part.text) if number == 0 and not part.quoted else part.text
                fields[-1].pieces.append((text, part.quoted or (text != part.text)))
                fields[-1].quoted |= part.quoted
            elif isinstance(part, Parameter) and part.name == "@" and part.operator in ("", ":+", "+"):
                self._arguments(fields, part, split)
            else:
                for text, quoted in await self._value(part):
                    fields[-1].quoted |= quoted
                    if quoted or not split:
                        fields[-1].pieces.append((text, quoted))
                    else:
                        _break(fields, text, separators)
            if len(fields) > FIELDS:
                raise ShellError("Argument list too long")
        return [one for one in fields if one.pieces and (one.quoted or one.text)] if split else fields

    def _separators(self) -> str:
        value = self._state.get("IFS")
        return " \t\n" if value is None else value

    def _arguments(self, fields: list[Field], part: Parameter, split: bool) -> None:
        """$@: as many fields as there are arguments."""
        arguments = self._state.arguments
        for number, argument in enumerate(arguments):
            if number:
                fields.append(Field())
            if part.quoted:
                fields[-1].pieces.append((argument, True))
                fields[-1].quoted = True
            elif split:
                _break(fields, argument, self._separators())
            else:
                fields[-1].pieces.append((argument, False))
        if not arguments and part.quoted and not fields[-1].text:
            fields[-1].quoted = False
            fields[-1].pieces = [piece for piece in fields[-1].pieces if piece[0]]

    def homes(self, word: Word) -> Word:
        """An assigned value, in which a tilde after a colon stands for a home as well."""
        if not any(isinstance(part, Text) and ":~" in part.text for part in word):
            return word
        return tuple(self._later_homes(part) if isinstance(part, Text) and not part.quoted else part for part in word)

    def _later_homes(self, part: Text) -> Text:
        first, *others = part.text.split(":")
        return Text(":".join([first, *map(self._home, others)]))

    def _home(self, text: str) -> str:
        if not text.startswith("~"):
            return text
        name, slash, rest = text[1:].partition("/")
        home = _home_of(self._proc, name) if name else self._state.get("HOME")
        return home + slash + rest if home is not None else text

    def _paths(self, one: Field) -> list[str]:
        if "f" in self._state.options or not patterns.is_pattern(one.pieces):
            return [one.text]
        return self._matching(one.pieces) or [one.text]

    def _matching(self, pieces: list[Piece]) -> list[str]:
        """The paths that fit a pattern, sorted."""
        parts: list[list[Piece]] = [[]]
        for text, literal in pieces:
            for number, section in enumerate(text.split("/")):
                if number:
                    parts.append([])
                parts[-1].append((section, literal))
        found = [""]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            found = [path for base in found for path in self._step(base, part, number, last)]
            if len(found) > FIELDS:
                raise ShellError("Argument list too long")
        return sorted(found)

    def _step(self, base: str, part: list[Piece], number: int, last: bool) -> list[str]:
        text = "".join(piece for piece, _ in part)
        prefix = base + "/" if number else base
        if not patterns.is_pattern(part):
            path = prefix + text
            return [path] if not last or self._proc.fs.exists(self._proc.path(path or "/")) else []
        compiled = patterns.compiled(part)
        where = self._proc.path(prefix or ".")
        try:
            folder, entries = self._proc.fs.lookup(where), self._proc.fs.listing(where)
        except OSError:
            return []
        return [
            prefix + name
            for name, node in {".": folder, "..": folder, **entries}.items()
            if (not name.startswith(".") or text.startswith("."))
            and patterns.matches(compiled, name)
            and (last or isinstance(node, Directory) or self._proc.fs.is_dir(self._proc.path(prefix + name)))
        ]

    # values

    async def _value(self, part: Parameter | Command | Arithmetic) -> list[Piece]:
        """Pieces that are (text, quoted)."""
        if isinstance(part, Command):
            return [(await self._substitute(part.script), part.quoted)]
        if isinstance(part, Arithmetic):
            return [(str(await self.arithmetic(part.word)), part.quoted)]
        return await self._parameter(part)

    async def arithmetic(self, word: Word) -> int:
        """The value of $((word)). Raises ShellError."""
        text = await self.text(word)
        try:
            return evaluate(text, lambda name: self.lookup(name) or "", self._state.put)
        except ArithmeticProblem as problem:
            raise ShellError(str(problem)) from None

    def lookup(self, name: str) -> str | None:
        """The value of a parameter; None if it is not set."""
        state = self._state
        if name.isdigit():
            number = int(name)
            if number == 0:
                return state.name
            return state.arguments[number - 1] if number <= len(state.arguments) else None
        if name in ("@", "*"):
            separator = (self._separators() or "\0")[0] if name == "*" else " "
            return separator.replace("\0", "").join(state.arguments) if state.arguments else None
        if len(name) == 1 and name in "#?$!-":
            return self._special(name)
        if name == "RANDOM":
            import random

            return str(random.randrange(32768))
        if name == "LINENO" and state.get(name) is None:
            return "1"
        return state.get(name)

    def _special(self, name: str) -> str | None:
        state = self._state
        match name:
            case "#":
                return str(len(state.arguments))
            case "?":
                return str(state.status)
            case "$":
                return state.get(" pid") or str(self._proc.pid)
            case "!":
                return str(state.last_background) if state.last_background else ""
        return "".join(state.letters())

    async def _parameter(self, part: Parameter) -> list[Piece]:
        value = self.lookup(part.name)
        operator, quoted = part.operator, part.quoted
        if operator == "length":
            return [(str(len(value or "")), quoted)]
        if operator in ("#", "##", "%", "%%"):
            return [(await self._trimmed(value or "", part), quoted)]
        if operator == ":":
            return [(await self._slice(value or "", part.word or ()), quoted)]
        if operator == "/":
            return [(await self._replaced(value or "", part.word or ()), quoted)]
        missing = value is None or (operator.startswith(":") and value == "")
        match operator[-1:]:
            case "-" if missing:
                return await self._word(part)
            case "+":
                return [("", quoted)] if missing else await self._word(part)
            case "=" if missing:
                text = await self.text(part.word or ())
                self._state.put(part.name, text)
                return [(text, quoted)]
            case "?" if missing:
                text = await self.text(part.word or ())
                raise ShellError(f"{part.name}: {text or 'parameter not set' + ' or null' * operator.startswith(':')}")
        if value is None and "u" in self._state.options and not operator and part.name not in ("@", "*"):
            raise ShellError(f"{part.name}: parameter not set")
        return [(value or "", quoted)]

    async def _word(self, part: Parameter) -> list[Piece]:
        """The word of ${name-word}: in quotes as a whole, else with its own."""
        if part.quoted:
            return [(await self.text(part.word or ()), True)]
        return await self.pieces(part.word or ())

    async def _trimmed(self, value: str, part: Parameter) -> str:
        compiled = patterns.compiled(await self.pieces(part.word or ()))
        if len(value) > 10_000:
            await self._proc.kernel.budget.spend(len(value) / 100)
        if part.operator.startswith("#"):
            ends = patterns.prefix_ends(compiled, value)
            return value[(ends[-1] if part.operator == "##" else ends[0]) :] if ends else value
        ends = patterns.prefix_ends(compiled[::-1], value[::-1])
        if not ends:
            return value
        return value[: len(value) - (ends[-1] if part.operator == "%%" else ends[0])]

    async def _slice(self, value: str, word: Word) -> str:
        first, _, second = (await self.text(word)).partition(":")
        numbers = [await self._number(first), await self._number(second) if second else None]
        start, length = numbers[0] or 0, numbers[1]
        start = max(len(value) + start, 0) if start < 0 else start
        end = len(value) if length is None else start + length if length >= 0 else len(value) + length
        return value[start:end]

    async def _number(self, text: str) -> int:
        try:
            return evaluate(text, lambda name: self.lookup(name) or "", self._state.put)
        except ArithmeticProblem as problem:
            raise ShellError(str(problem)) from None

    async def _replaced(self, value: str, word: Word) -> str:
        """${name/pattern/text}, ${name//pattern/text}."""
        pieces = await self.pieces(word)
        every = bool(pieces) and pieces[0][0].startswith("/")
        flat = [(char, literal) for text, literal in pieces for char in text][every:]
        cut = next((at for at, (char, literal) in enumerate(flat) if char == "/" and not literal), len(flat))
        compiled = patterns.compiled(flat[:cut])
        replacement = "".join(char for char, _ in flat[cut + 1 :])
        if not compiled:
            return value
        out, at = [], 0
        while at < len(value):
            ends = patterns.prefix_ends(compiled, value[at:])
            if ends and ends[-1]:
                out.append(replacement)
                at += ends[-1]
                if not every:
                    break
            else:
                out.append(value[at])
                at += 1
            await self._proc.kernel.budget.spend(0.2)
            if sum(map(len, out[-1:])) * len(out) > VALUE_LIMIT * 4:
                raise ShellError("out of memory")
        return "".join(out) + value[at:]


def _break(fields: list[Field], text: str, separators: str) -> None:
    """Split text into fields at separators; blanks join, others do not."""
    blanks = "".join(char for char in separators if char in " \t\n")
    at = 0
    while at < len(text):
        char = text[at]
        if char not in separators:
            end = at
            while end < len(text) and text[end] not in separators:
                end += 1
            fields[-1].pieces.append((text[at:end], False))
            at = end
            continue
        hard = char not in blanks
        at += 1
        while at < len(text) and text[at] in separators and (text[at] in blanks or not hard):
            hard = hard or text[at] not in blanks
            at += 1
        if hard or fields[-1].quoted or fields[-1].text:
            if hard:
                fields[-1].quoted = True
                fields[-1].pieces.append(("", False))
            fields.append(Field())


def _home_of(proc: Proc, name: str) -> str | None:
    """The home of a user, by /etc/passwd."""
    with suppress(OSError):
        for line in decode(proc.read_file("/etc/passwd")).splitlines():
            fields = line.split(":")
            if fields[0] == name and len(fields) > 5:
                return fields[5]
    return None


def glob(path: str, pattern: str) -> bool:
    """Whether a name fits a shell pattern (find -name)."""
    return patterns.matches(patterns.compiled([(pattern, False)]), path)


def base(path: str) -> str:
    """The last part of a path."""
    return posixpath.basename(path.rstrip("/")) or "/"
