"""Editing one line on a terminal, as busybox does: cursor keys, history, completion."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from msgspec import Struct, field

from fakekube.sandbox.tty import Tty

HISTORY = 256
LINE_LIMIT = 8192
KEYS = {
    "[A": "up",
    "[B": "down",
    "[C": "right",
    "[D": "left",
    "[H": "home",
    "[F": "end",
    "OH": "home",
    "OF": "end",
    "OA": "up",
    "OB": "down",
    "OC": "right",
    "OD": "left",
    "[1~": "home",
    "[3~": "delete",
    "[4~": "end",
    "[7~": "home",
    "[8~": "end",
    "[5~": "",
    "[6~": "",
    "[2~": "",
    "b": "word left",
    "f": "word right",
}
CONTROLS = {
    "\x01": "home",
    "\x02": "left",
    "\x05": "end",
    "\x06": "right",
    "\x08": "backspace",
    "\x7f": "backspace",
    "\x0b": "kill end",
    "\x0c": "clear",
    "\x0e": "down",
    "\x10": "up",
    "\x15": "kill start",
    "\x17": "kill word",
    "\t": "complete",
    "\x12": "",
}
Complete = Callable[[str], list[str]]
"""What may stand in place of the last word of a text."""


class Interrupted(Exception):
    """Ctrl-C."""


class Ended(Exception):
    """Ctrl-D on an empty line, or nobody is there any more."""


class Editor(Struct):
    """Lines of one shell."""

    tty: Tty
    complete: Complete
    history: list[str] = field(default_factory=list)
    _prompt: str = ""
    _text: str = ""
    _cursor: int = 0
    _at: int = 0
    """In the history."""
    _ahead: str = ""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape")
    )

    async def read(self, prompt: str) -> str:
        """One line without its end. Raises Interrupted, Ended."""
        self._prompt, self._text, self._cursor, self._at = prompt, "", 0, len(self.history)
        self.tty.set_raw(True)
        self.tty.redraw = lambda: self._screen().encode("utf-8", "surrogateescape")
        try:
            await self._show(prompt)
            while not await self._key(await self._next()):
                pass
        finally:
            self.tty.redraw = None
            self.tty.set_raw(False)
            self._keep_ahead()
        if self._text.strip() and self.history[-1:] != [self._text]:
            self.history = [*self.history, self._text][-HISTORY:]
        return self._text

    def _screen(self) -> str:
        back = len(self._text) - self._cursor
        return f"\r{self._prompt}{self._text}\x1b[J" + (f"\x1b[{back}D" if back else "")

    async def _show(self, text: str) -> None:
        await self.tty.write(text.encode("utf-8", "surrogateescape"))

    async def _next(self) -> str:
        """One character. Raises Ended."""
        while not self._ahead:
            data = await self.tty.read()
            if not data:
                await self._show("\n")
                raise Ended
            self._ahead = self._decoder.decode(data)
        char, self._ahead = self._ahead[0], self._ahead[1:]
        return char

    async def _key(self, char: str) -> bool:
        """Whether the line is entered."""
        if char in "\r\n":
            await self._show("\n")
            return True
        if char == "\x03":
            await self._show("^C\n")
            raise Interrupted
        if char == "\x04":
            if not self._text:
                await self._show("\n")
                raise Ended
            await self._do("delete")
        elif char == "\x1b":
            await self._do(KEYS.get(await self._sequence(), ""))
        elif char in CONTROLS:
            await self._do(CONTROLS[char])
        elif char.isprintable() or char > "\x7f":
            await self._insert(char)
        return False

    def _keep_ahead(self) -> None:
        """What was typed after the line is for whoever reads next."""
        if self._ahead:
            self.tty.give_back(self._ahead.encode("utf-8", "surrogateescape"))
            self._ahead = ""

    async def _sequence(self) -> str:
        text = await self._next()
        if text not in ("[", "O"):
            return text
        while len(text) < 8:
            char = await self._next()
            text += char
            if char.isalpha() or char == "~":
                break
        return text

    async def _insert(self, text: str) -> None:
        if len(self._text) + len(text) > LINE_LIMIT:
            return
        self._text = self._text[: self._cursor] + text + self._text[self._cursor :]
        self._cursor += len(text)
        rest = self._text[self._cursor :]
        await self._show(text + rest + "\b" * len(rest))

    async def _do(self, action: str) -> None:
        text, cursor = self._text, self._cursor
        match action:
            case "left" | "right" | "home" | "end" | "word left" | "word right":
                self._cursor = self._moved(action)
            case "backspace" if cursor:
                self._text, self._cursor = text[: cursor - 1] + text[cursor:], cursor - 1
            case "delete":
                self._text = text[:cursor] + text[cursor + 1 :]
            case "kill end":
                self._text = text[:cursor]
            case "kill start":
                self._text, self._cursor = text[cursor:], 0
            case "kill word":
                kept = text[:cursor].rstrip()
                kept = kept[: kept.rfind(" ") + 1]
                self._text, self._cursor = kept + text[cursor:], len(kept)
            case "up" | "down":
                self._recall(-1 if action == "up" else 1)
            case "clear":
                await self._show("\x1b[H\x1b[J")
            case "complete":
                await self._complete()
                return
            case _:
                return
        await self._show(self._screen())

    def _moved(self, action: str) -> int:
        text, cursor = self._text, self._cursor
        match action:
            case "left":
                return max(cursor - 1, 0)
            case "right":
                return min(cursor + 1, len(text))
            case "home":
                return 0
            case "end":
                return len(text)
            case "word left":
                return text[:cursor].rstrip().rfind(" ") + 1
        following = text.find(" ", cursor + 1)
        return following if following >= 0 else len(text)

    def _recall(self, step: int) -> None:
        at = self._at + step
        if 0 <= at <= len(self.history):
            self._at = at
            self._text = self.history[at] if at < len(self.history) else ""
            self._cursor = len(self._text)

    async def _complete(self) -> None:
        before = self._text[: self._cursor]
        word = before.rpartition(" ")[2]
        found = self.complete(before)
        if not found:
            await self._show("\a")
            return
        common = found[0]
        for one in found[1:]:
            while not one.startswith(common):
                common = common[:-1]
        if len(found) == 1 and not common.endswith("/"):
            common += " "
        if len(common) > len(word):
            await self._insert(common[len(word) :])
        elif len(found) > 1:
            names = "  ".join(one.rstrip("/").rpartition("/")[2] + "/" * one.endswith("/") for one in found[:200])
            await self._show(f"\n{names}\n")
            await self._show(self._screen())
