"""Command lines as Go's flag packages read them, and what Go programs share: durations, log lines, error texts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from fakekube.machinery.times import SECOND, parse_duration
from fakekube.sandbox.kernel import INT, TERM, Proc

UNHEARD = 2
"""What a Go program ends with that has no handler for a signal and is the first process."""

Value = str | int | bool | float


class Usage(Exception):
    """A wrong command line; the text says what is wrong."""


def parse(words: Sequence[str], defaults: Mapping[str, Value]) -> tuple[dict[str, Value], list[str]]:
    """(flags, other words); a flag has the type of its default, and a float is a duration in seconds. Raises Usage."""
    found, operands, rest = dict(defaults), [], iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        name, equals, text = word.lstrip("-").partition("=")
        if name not in defaults:
            raise Usage(f"unknown flag: --{name}")
        default = defaults[name]
        if not equals and not isinstance(default, bool):
            text = next(rest, "")
        found[name] = _typed(name, text, default)
    return found, operands


def _typed(name: str, text: str, default: Value) -> Value:
    try:
        if isinstance(default, bool):
            return text in ("", "true", "1", "t", "T", "TRUE", "True")
        if isinstance(default, int):
            return int(text)
        return duration(text) if isinstance(default, float) else text
    except ValueError as error:
        raise Usage(f'invalid argument "{text}" for "--{name}" flag: {error}') from None


def duration(text: str) -> float:
    """Seconds of "1m30s". Raises TimeError, which is a ValueError."""
    return parse_duration(text) / SECOND


async def log(proc: Proc, text: str) -> None:
    """A line as Go's log package writes it."""
    stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(proc.kernel.clock.now()))
    await proc.err(f"{stamp} {text}\n")


def go_error(error: OSError) -> str:
    """What Go says of an error of the system."""
    return (error.strerror or "input/output error").lower()


def ends_on_signal(proc: Proc, code: int = UNHEARD) -> None:
    """The first process ends with the code on TERM and INT, as Go's runtime has it end."""

    def hear(number: int) -> bool:
        if number in (TERM, INT) and proc.pid == 1 and not proc.ending.done():
            proc.ending.set_result(code)
        return proc.pid == 1

    proc.on_signal = hear
