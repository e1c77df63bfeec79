"""A terminal's line discipline without I/O: what is typed becomes input, echo and signals; what is printed gets CRs.

Follows termios as Linux sets a new terminal up (ICANON ECHO ISIG ICRNL OPOST ONLCR). A program that edits lines itself
switches to raw mode; signals stay on there only if it says so.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

LINE_LIMIT = 4096
"""Bytes of a line in canonical mode, as Linux."""
INTERRUPT, END_OF_FILE, QUIT, SUSPEND = 0x03, 0x04, 0x1C, 0x1A
ERASE, BACKSPACE, KILL, WORD_ERASE, REPRINT, LITERAL = 0x7F, 0x08, 0x15, 0x17, 0x12, 0x16
NEWLINE, RETURN, TAB = 0x0A, 0x0D, 0x09
RUB_OUT = b"\b \b"


class Signal(StrEnum):
    """What a key sends to whatever runs in the foreground."""

    INT = "INT"
    QUIT = "QUIT"
    TSTP = "TSTP"


SIGNALS = {INTERRUPT: Signal.INT, QUIT: Signal.QUIT, SUSPEND: Signal.TSTP}


class Modes(Struct):
    """The flags of termios that matter here."""

    canonical: bool = True
    echo: bool = True
    signals: bool = True


class Typed(Struct):
    """What became of some typed bytes."""

    lines: list[bytes] = field(default_factory=list)
    """Ready input; b"" is the end of the file."""
    echo: bytes = b""
    signals: list[Signal] = field(default_factory=list)


class Discipline:
    """Between a keyboard and a program."""

    def __init__(self) -> None:
        self.modes = Modes()
        self._line = bytearray()
        self._literal = False

    def type(self, data: bytes) -> Typed:
        """Take in typed bytes."""
        typed, echo = Typed(), bytearray()
        for byte in data:
            self._key(byte, typed, echo)
        typed.echo = bytes(echo)
        return typed

    def release(self) -> bytes:
        """What is typed and not yet entered, when a program leaves canonical mode."""
        line = bytes(self._line)
        self._line.clear()
        return line

    def _key(self, byte: int, typed: Typed, echo: bytearray) -> None:
        if self.modes.signals and byte in SIGNALS and not self._literal:
            self._line.clear()
            typed.signals.append(SIGNALS[byte])
            if self.modes.echo:
                echo += _caret(byte) + b"\r\n" * (byte == INTERRUPT and self.modes.canonical)
            return
        byte = NEWLINE if byte == RETURN else byte
        if not self.modes.canonical:
            _append(typed.lines, byte)
            if self.modes.echo:
                echo += _caret(byte)
            return
        self._canonical(byte, typed, echo)

    def _canonical(self, byte: int, typed: Typed, echo: bytearray) -> None:
        shown = self.modes.echo
        if self._literal:
            self._literal = False
            self._insert(byte, echo)
        elif byte == NEWLINE:
            typed.lines.append(bytes(self._line) + b"\n")
            self._line.clear()
            echo += b"\r\n" * shown
        elif byte == END_OF_FILE:
            typed.lines.append(bytes(self._line))
            self._line.clear()
        elif byte in (ERASE, BACKSPACE):
            echo += RUB_OUT * (self._erase() * shown)
        elif byte in (KILL, WORD_ERASE):
            echo += RUB_OUT * (self._erase_many(byte == WORD_ERASE) * shown)
        elif byte == REPRINT:
            echo += b"^R\r\n" + bytes(self._line) if shown else b""
        elif byte == LITERAL:
            self._literal = True
        else:
            self._insert(byte, echo)

    def _insert(self, byte: int, echo: bytearray) -> None:
        if len(self._line) < LINE_LIMIT - 1:
            self._line.append(byte)
            if self.modes.echo:
                echo += _caret(byte)

    def _erase(self) -> int:
        """Take the last character away; gives the columns it stood in."""
        while self._line:
            byte = self._line.pop()
            if byte & 0xC0 != 0x80:
                return len(_caret(byte)) if byte < 0x80 else 1
        return 0

    def _erase_many(self, word: bool) -> int:
        columns = 0
        while word and self._line[-1:].isspace():
            columns += self._erase()
        while self._line and not (word and self._line[-1:].isspace()):
            columns += self._erase()
        return columns


def _append(lines: list[bytes], byte: int) -> None:
    """Raw input is handed on in one piece."""
    if lines:
        lines[-1] += bytes([byte])
    else:
        lines.append(bytes([byte]))


def _caret(byte: int) -> bytes:
    """How a byte is echoed: control characters as ^X."""
    if byte == NEWLINE:
        return b"\r\n"
    if byte == TAB or 0x20 <= byte < 0x7F or byte >= 0x80:
        return bytes([byte])
    return b"^" + bytes([byte ^ 0x40])


def printed(data: bytes) -> bytes:
    """What a program prints as the terminal gets it: a newline becomes CR LF (OPOST, ONLCR)."""
    return data.replace(b"\n", b"\r\n")


class Size(Struct, frozen=True):
    """Of a window, in characters."""

    width: int
    height: int


class SizeReader:
    """The resize channel: JSON objects, one after the other, in pieces of any size."""

    LIMIT = 4096

    def __init__(self) -> None:
        self._text = ""
        self._decoder = json.JSONDecoder()

    def receive(self, data: bytes) -> list[Size]:
        """The sizes that are complete. Nonsense is never completed, so nothing comes after it."""
        self._text = (self._text + data.decode("latin-1"))[: self.LIMIT].lstrip()
        sizes = []
        while self._text:
            try:
                value, end = self._decoder.raw_decode(self._text)
            except (ValueError, RecursionError):
                break
            self._text = self._text[end:].lstrip()
            sizes += _size(value)
        return sizes


def _size(value: Any) -> list[Size]:
    """Keys are matched as Go does, in any case."""
    if not isinstance(value, dict):
        return []
    fields = {name.lower(): number for name, number in value.items()}
    width, height = fields.get("width", 0), fields.get("height", 0)
    valid = all(isinstance(number, int) and 0 <= number < 65536 for number in (width, height))
    return [Size(width, height)] if valid else []
