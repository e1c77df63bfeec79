"""The smallest runtime: images serve, idle or end as they are described, and a handful of commands work.

It knows `sh -c` with commands one after the other, sleep, echo, true, false, exit, touch, cat and rm; any other program
of an image that nobody described idles, and of a described one is not found.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from posixpath import join

from fakekube.runtime.clock import Clock, Timer
from fakekube.sandbox.containers import (
    KILL,
    File,
    HttpAnswer,
    HttpRequest,
    Launch,
    OnExit,
    Outcome,
    StartError,
)
from fakekube.sandbox.images import Image, Route
from fakekube.sandbox.logs import Log
from fakekube.sandbox.streams import Duplex, Stdio

SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash")
BUILTINS = frozenset({"sleep", "echo", "true", "false", "exit", "touch", "cat", "rm", ":"})
SEPARATORS = re.compile(r"\s*(?:;|&&|\n)\s*")
FOREVER = ("infinity", "inf")
NOT_FOUND = (
    "failed to create containerd task: OCI runtime create failed: container_linux.go:370: starting container process "
    'caused: exec: "{}": executable file not found in $PATH: unknown'
)


class SimpleRuntime:
    """`containers.Runtime`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def start(self, launch: Launch, on_exit: OnExit) -> SimpleProcess:
        """Start a container. Raises StartError."""
        program = launch.argv[0] if launch.argv else ""
        if launch.own_command and not _exists(program, launch.image):
            raise StartError(NOT_FOUND.format(program))
        process = SimpleProcess(launch, on_exit, self._clock)
        process.begin()
        return process


def _exists(program: str, image: Image) -> bool:
    """Whether the image has that program. One that nobody described has whatever is asked for."""
    name = program.rpartition("/")[2]
    own = {part.rpartition("/")[2] for part in (*image.argv[:1], *image.programs)}
    return not image.known or program in SHELLS or name in BUILTINS or name in own


class SimpleProcess:
    """`containers.Process`."""

    def __init__(self, launch: Launch, on_exit: OnExit, clock: Clock) -> None:
        self.log = Log(clock.now)
        self.exit_code: int | None = None
        self._launch = launch
        self._on_exit = on_exit
        self._clock = clock
        self._files = {path: File(text.encode()) for path, text in launch.image.files.items()}
        self._timer: Timer | None = None
        self._commands: list[list[str]] = []
        self._serves = False

    def begin(self) -> None:
        """Run until the first wait or the end."""
        argv = list(self._launch.argv)
        if argv and argv[0] in SHELLS and len(argv) > 2 and argv[1] == "-c":
            self._commands = [shlex.split(part) for part in SEPARATORS.split(argv[2].strip()) if part]
            self._go_on()
        elif argv and argv[0].rpartition("/")[2] in BUILTINS:
            self._commands = [[argv[0].rpartition("/")[2], *argv[1:]]]
            self._go_on()
        elif argv and argv[0] in SHELLS and not (self._launch.stdin or self._launch.tty):
            self._exit(0)
        else:
            self._serve()

    def _serve(self) -> None:
        image = self._launch.image
        self._serves = True
        for line in image.log:
            self.log.write(f"{line}\n".encode())
        if image.exit_code is not None:
            code = image.exit_code
            self._after(image.exit_after, lambda: self._exit(code))

    def _after(self, seconds: float, call: Callable[[], None]) -> None:
        self._timer = self._clock.call_later(seconds, call)

    def _go_on(self, code: int = 0) -> None:
        self._timer = None
        while self._commands:
            command = self._commands.pop(0)
            if command[0] == "exit":
                self._exit(int(command[1]) if len(command) > 1 else code)
                return
            if command[0] == "sleep":
                self._sleep(command[1:])
                return
            if command[0] not in BUILTINS and not self._launch.image.known:
                self._serve()
                return
            code, output = self._command(command)
            self.log.write(output)
        self._exit(code)

    def _sleep(self, amounts: Sequence[str]) -> None:
        if not any(amount in FOREVER for amount in amounts):
            self._after(sum(_seconds(amount) for amount in amounts), self._go_on)

    def _command(self, command: list[str]) -> tuple[int, bytes]:
        words, target = _redirection(command)
        name, arguments = words[0], words[1:]
        if name == "echo":
            text = f"{' '.join(arguments)}\n".encode()
            if target:
                self._files[self._path(target)] = File(text)
                return 0, b""
            return 0, text
        if name in ("true", ":"):
            return 0, b""
        if name == "false":
            return 1, b""
        if name in ("touch", "cat", "rm"):
            return self._on_files(name, [one for one in arguments if not one.startswith("-")])
        if not self._launch.image.known:
            return 0, b""
        return 127, f"sh: {name}: not found\n".encode()

    def _on_files(self, name: str, paths: Sequence[str]) -> tuple[int, bytes]:
        output = b""
        for path in map(self._path, paths):
            if name == "touch":
                self._files.setdefault(path, File(b""))
            elif (data := self.read_file(path)) is None:
                verb = "open" if name == "cat" else "remove"
                return 1, f"{name}: can't {verb} '{path}': No such file or directory\n".encode()
            elif name == "cat":
                output += data
            else:
                self._files.pop(path, None)
        return 0, output

    def _path(self, path: str) -> str:
        return join(self._launch.working_dir or "/", path)

    def _exit(self, code: int) -> None:
        if self.exit_code is None:
            self.exit_code = code
            if self._timer is not None:
                self._timer.cancel()
            self.log.close()
            self._on_exit(code)

    def signal(self, number: int) -> None:
        """TERM ends what serves as its image says; a command is the first process and does not hear it."""
        if number == KILL:
            self._exit(137)
        elif self._serves and self._launch.image.on_term is not None:
            self._exit(self._launch.image.on_term)

    def read_file(self, path: str) -> bytes | None:
        """A file of its own, or of a volume."""
        if path in self._files:
            return self._files[path].data
        for mount in self._launch.mounts:
            if path.startswith(f"{mount.path}/") and (file := mount.volume.files.get(path[len(mount.path) + 1 :])):
                return file.data
        return None

    def listens(self, port: int) -> bool:
        """A described image on its ports; others, as long as they run, on any."""
        if self.exit_code is not None:
            return False
        return not self._launch.image.known or (self._serves and port in self._launch.image.ports)

    async def run(self, argv: Sequence[str]) -> Outcome:
        """The last command decides."""
        lines = [list(argv)]
        if len(argv) > 2 and argv[0] in SHELLS and argv[1] == "-c":
            lines = [shlex.split(part) for part in SEPARATORS.split(argv[2].strip()) if part]
        code, output = 0, b""
        for line in lines:
            if line[0] == "exit":
                return Outcome(int(line[1]) if len(line) > 1 else code, output)
            if line[0] == "sleep":
                await self._clock.sleep(sum(_seconds(amount) for amount in line[1:]))
                continue
            code, more = self._command(line)
            output += more
        return Outcome(code, output)

    async def exec(self, argv: Sequence[str], stdio: Stdio) -> int:
        """As `run`; nothing is read."""
        outcome = await self.run(argv)
        if stdio.stdout is not None:
            await stdio.stdout.write(outcome.output)
        return outcome.exit_code

    async def attach(self, stdio: Stdio) -> None:
        """There is nothing to attach to."""

    def connect(self, port: int) -> Duplex:
        """Only whole requests are answered. Raises ConnectionRefusedError."""
        raise ConnectionRefusedError(port)

    async def http(self, request: HttpRequest) -> HttpAnswer:
        """What the image's routes say. Raises ConnectionRefusedError."""
        if not self.listens(request.port):
            raise ConnectionRefusedError(request.port)
        routes = self._launch.image.http
        route = next((one for one in routes if _matches(one, request)), None)
        if route is None:
            return HttpAnswer(404 if routes else 200)
        return HttpAnswer(route.status, tuple(route.headers.items()), route.body.encode())


def _matches(route: Route, request: HttpRequest) -> bool:
    path = request.path.partition("?")[0]
    wanted = route.path
    fits = path.startswith(wanted[:-1]) if wanted.endswith("*") else path == wanted
    return route.port == request.port and fits and route.method in ("", request.method)


def _redirection(words: list[str]) -> tuple[list[str], str]:
    """The words without "> file" and ">&2", and the file."""
    kept, target = [], ""
    rest = iter(words)
    for word in rest:
        if word == ">":
            target = next(rest, "")
        elif not word.startswith(">&"):
            kept.append(word)
    return kept or [":"], target


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    try:
        return float(text[:-1]) * units[text[-1]] if text[-1:] in units else float(text)
    except ValueError:
        return 0.0
