"""Job control at a terminal, as busybox's ash shows it."""

from __future__ import annotations

import asyncio
import re

from boxes import PATH, container

from fakekube.sandbox.streams import Pipe, Stdio

PROMPT = "$ "
STOP, INTERRUPT = "\x1a", "\x03"


class Terminal:
    """A shell at a terminal. `async with Terminal() as terminal`."""

    def __init__(self) -> None:
        self._box = container(env={"PATH": PATH, "HOSTNAME": "box", "PS1": PROMPT})
        self._keys, self._screen = Pipe(), Pipe()

    async def __aenter__(self) -> Terminal:
        stdio = Stdio(self._keys, self._screen, tty=True)
        self.code = asyncio.ensure_future(self._box.exec(["sh"], stdio))
        await self.shown()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._box.signal(9)
        await asyncio.gather(self.code, return_exceptions=True)

    async def shown(self, until: str = PROMPT) -> str:
        """What comes on the screen until it ends with that."""
        got = ""
        while not got.endswith(until):
            data = await asyncio.wait_for(self._screen.read(), 5)
            assert data, got
            got += re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", data.decode())
        return got.removesuffix(until).replace("\r", "")

    async def type(self, keys: str, until: str = PROMPT) -> str:
        await self._keys.write(keys.encode())
        return await self.shown(until)

    async def run(self, line: str) -> str:
        """What a command shows, without its echo."""
        return (await self.type(f"{line}\n")).removeprefix(f"{line}\n")

    async def begin(self, line: str) -> None:
        """A command that stays in the foreground."""
        await self.type(f"{line}\n", "\n")
        await asyncio.sleep(0.05)


def row(number: int, mark: str, status: str, text: str) -> str:
    return f"[{number}]{mark}  {status:<27}{text}\n"


async def test_jobs_come_and_go() -> None:
    async with Terminal() as terminal:
        assert await terminal.run("echo $-") == "smi\n"
        assert await terminal.run("sleep 100 &") == ""
        assert await terminal.run("sleep 200 | cat &") == ""
        both = row(2, "+", "Running", "sleep 200 | cat") + row(1, "-", "Running", "sleep 100")
        assert await terminal.run("jobs") == both
        assert await terminal.run("kill %1") == row(1, "-", "Terminated", "sleep 100")
        assert await terminal.run("jobs") == row(2, "+", "Running", "sleep 200 | cat")
        assert await terminal.run("kill -9 %sleep; sleep 0.05") == row(2, "+", "Killed", "sleep 200 | cat")
        assert await terminal.run("false & sleep 0.05") == row(1, "+", "Done(1)", "false")
        assert await terminal.run("fg %3") == "sh: fg: %3: no such job\n"
        assert await terminal.run("bg") == "sh: bg: no current job\n"


async def test_a_program_is_stopped_and_goes_on() -> None:
    async with Terminal() as terminal:
        await terminal.begin("sleep 0.3; echo slept")
        assert await terminal.type(STOP) == "^Zslept\n" + row(1, "+", "Stopped", "sleep 0.3")
        assert await terminal.run("sleep 100 &") == ""
        stopped, running = row(1, "+", "Stopped", "sleep 0.3"), row(2, "-", "Running", "sleep 100")
        assert await terminal.run("jobs") == stopped + running
        assert await terminal.run("exit") == "You have stopped jobs.\n"
        await asyncio.sleep(0.4)
        assert await terminal.run("jobs %1") == stopped  # it does not end while it is stopped
        assert await terminal.run("fg %1; echo $?") == "sleep 0.3\n0\n"
        assert await terminal.run("jobs") == row(2, "+", "Running", "sleep 100")


async def test_what_is_stopped_goes_on_in_the_background() -> None:
    async with Terminal() as terminal:
        await terminal.begin("sh -c 'sleep 0.1; echo in'")
        await terminal.type(STOP)
        assert await terminal.run("echo $?") == "148\n"
        assert await terminal.type("bg\n", "in\r\n") == "bg\n[1] sh -c 'sleep 0.1; echo in'\n" + PROMPT
        await asyncio.sleep(0.05)
        assert await terminal.run("") == row(1, "+", "Done", "sh -c 'sleep 0.1; echo in'")


async def test_who_reads_in_the_background_is_stopped() -> None:
    async with Terminal() as terminal:
        told = await terminal.run("cat > /tmp/typed &") + await terminal.run("sleep 0.05")
        assert told == row(1, "+", "Stopped (tty input)", "cat > /tmp/typed")
        await terminal.begin("fg")
        await terminal.begin("line")
        assert await terminal.type("\x04") == ""
        assert await terminal.run("cat /tmp/typed") == "line\n"


async def test_interrupts_and_waiting() -> None:
    async with Terminal() as terminal:
        await terminal.run("sleep 100 &")
        await terminal.begin("wait %1")
        assert await terminal.type(INTERRUPT) == "^C\n"
        assert await terminal.run("echo $?") == "130\n"
        await terminal.begin("fg")
        assert await terminal.type(INTERRUPT) == "sleep 100\n^C\n"
        assert await terminal.run("jobs") == ""
        await terminal.begin("sleep 100 | cat")
        assert await terminal.type(INTERRUPT) == "^C\n"
        assert await terminal.run("ps | grep -c '[s]leep'") == "1\n"  # the container's own


async def test_the_end_of_the_input_asks_about_stopped_jobs_once() -> None:
    async with Terminal() as terminal:
        await terminal.begin("sleep 100")
        await terminal.type(STOP)
        assert "You have stopped jobs.\n" in await terminal.type("\x04")
        await terminal.type("exit 3\n", "exit 3\r\n")
        assert await asyncio.wait_for(terminal.code, 5) == 3
