"""What a container runs on: processes as tasks, their files and pipes, signals, and how much they may take.

A process costs nothing of the host but a coroutine. Each container has one Kernel; when its first process ends, all do.
"""

from __future__ import annotations

import asyncio
import errno
import os
import posixpath
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct, field

from fakekube.runtime.clock import Clock
from fakekube.sandbox import files
from fakekube.sandbox.files import Device, Directory, FileSystem, Generated, Node
from fakekube.sandbox.network import Network, UnknownHost
from fakekube.sandbox.serving import Serve
from fakekube.sandbox.streams import CHUNK, Pipe, Sink, Source
from fakekube.sandbox.tty import Tty

if TYPE_CHECKING:
    from OpenSSL import SSL

PROCESSES = 64
"""That a container may have at a time."""
DESCRIPTORS = 64
"""Open files of one process."""
RATE, BURST = 2_000.0, 15_000.0
"""Steps a second that a container gets in the long run, and at once after it was idle: its share of the machine."""
BYTES_A_STEP = 4096
LINES_A_STEP = 16
YIELD = 8
MEMORY = 4 * 1024 * 1024
"""Bytes that one command may hold."""
KILL, INT, TERM, PIPE, HUP, CONT = 9, 2, 15, 13, 1, 18
SIGNAL_NAMES = (
    "EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU "
    "URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS"
)
SIGNALS = {name: number for number, name in enumerate(SIGNAL_NAMES.split())}
IGNORED = frozenset((17, 23, 28))
"""Signals that do nothing unless somebody wants to hear them."""
STOPS = {19: "Stopped (signal)", 20: "Stopped", 21: "Stopped (tty input)", 22: "Stopped (tty output)"}
"""Signals that stop a process, with how a shell tells it."""


class Exit(Exception):
    """The process ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class OutOfMemory(Exception):
    """A command would hold more than it may."""


class Budget:
    """A share of the machine: a bucket of steps that fills with time."""

    def __init__(self, rate: float = RATE, burst: float = BURST, whole: Budget | None = None) -> None:
        self._whole = whole
        """What this is a share of."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None
        self._count = 0

    async def spend(self, steps: float = 1.0) -> None:
        """Take so many steps; whoever has none left waits."""
        if self._whole is not None:
            await self._whole.spend(steps)
        self._left -= steps
        self._count += 1
        if self._left < 0:
            self._refill()
            if self._left < 0:
                await asyncio.sleep(min(-self._left / self._rate, 1.0))
                self._refill()
                return
        if self._count % YIELD == 0 or steps > YIELD:
            await asyncio.sleep(0)

    def _refill(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._at is not None:
            self._left = min(self._left + (now - self._at) * self._rate, self._burst)
        self._at = now


class Handle:
    """An open file that processes share; the last one who closes it closes what is behind."""

    def __init__(self, stream: object, close: Callable[[], None] | None = None) -> None:
        self.stream = stream
        self.refs = 1
        self._close = close
        self._ahead = b""

    @property
    def tty(self) -> Tty | None:
        """The terminal behind it, if there is one."""
        return self.stream if isinstance(self.stream, Tty) else None

    def share(self) -> Handle:
        """One more who has it."""
        self.refs += 1
        return self

    def close(self) -> None:
        """One less."""
        self.refs -= 1
        if self.refs == 0 and self._close is not None:
            self._close()

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end. Raises OSError."""
        if self._ahead:
            data, self._ahead = self._ahead[:limit], self._ahead[limit:]
            return data
        if not hasattr(self.stream, "read"):
            raise files.fail(errno.EBADF, "")
        source: Source = self.stream
        return await source.read(limit)

    async def read_line(self, limit: int = MEMORY, end: bytes = b"\n") -> bytes:
        """Up to and with the end of a line; what is read beyond it is kept for the next reader. Raises OutOfMemory."""
        line = bytearray()
        while data := await self.read():
            at = data.find(end)
            if at >= 0:
                line += data[: at + 1]
                self._ahead = data[at + 1 :] + self._ahead
                return bytes(line)
            line += data
            if len(line) > limit:
                raise OutOfMemory
        return bytes(line)

    async def write(self, data: bytes) -> None:
        """Everything. Raises OSError."""
        if not hasattr(self.stream, "write"):
            raise files.fail(errno.EBADF, "")
        sink: Sink = self.stream
        await sink.write(data)


class Null:
    """/dev/null."""

    async def read(self, limit: int = CHUNK) -> bytes:
        """The end."""
        return b""

    async def write(self, data: bytes) -> None:
        """Gone."""


class Endless:
    """/dev/zero and /dev/urandom."""

    def __init__(self, make: Callable[[int], bytes], budget: Budget, full: bool = False) -> None:
        self._make = make
        self._budget = budget
        self._full = full

    async def read(self, limit: int = CHUNK) -> bytes:
        """As much as is asked for."""
        limit = min(limit, CHUNK)
        await self._budget.spend(1 + limit / BYTES_A_STEP)
        return self._make(limit)

    async def write(self, data: bytes) -> None:
        """Gone, or no room."""
        if self._full:
            raise files.fail(errno.ENOSPC, "")


class Reading:
    """A regular file that is read; what is added meanwhile is seen."""

    def __init__(self, data: bytearray | bytes) -> None:
        self._data = data
        self._at = 0

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes."""
        piece = bytes(self._data[self._at : self._at + limit])
        self._at += len(piece)
        return piece


class Writing:
    """A regular file that is written."""

    def __init__(self, fs: FileSystem, path: str) -> None:
        self._fs = fs
        self._path = path

    async def write(self, data: bytes) -> None:
        """Add it. Raises OSError."""
        self._fs.write(self._path, data)


class Updating(Reading):
    """A regular file that is read and written, both from one place on."""

    def __init__(self, fs: FileSystem, path: str, data: bytearray) -> None:
        super().__init__(data)
        self._fs = fs
        self._path = path

    async def write(self, data: bytes) -> None:
        """Over what is there. Raises OSError."""
        before = bytes(self._data)
        end = self._at + len(data)
        self._fs.write(self._path, before[: self._at] + data + before[end:], append=False)
        self._at = end


Program = Callable[["Proc"], Awaitable[int]]
Datagram = Callable[[bytes, str], bytes]
"""(data, the sender's address and port) -> the answer; b"": none."""
Interpreter = Callable[[str, list[str]], Program]
"""(text, arguments) -> what runs a script file."""


class Listener(Struct, frozen=True):
    """A process that takes connections on a port."""

    proc: Proc
    serve: Serve
    tls: bool = False
    certificate: SSL.Context | None = None
    """What it shows to clients from outside; those inside are taken at their word."""
    """It speaks TLS, which is left out between simulated programs."""


class Executable(Node):
    """A file of /bin that runs something built in."""

    name: str = ""

    @property
    def shared(self) -> bool:
        """All containers have the same."""
        return True


class Proc(Struct, eq=False):
    """One process."""

    kernel: Kernel
    pid: int
    ppid: int
    argv: list[str]
    env: dict[str, str]
    cwd: str
    fds: dict[int, Handle]
    uid: int = 0
    gid: int = 0
    started: float = 0.0
    called: str = ""
    """The name that shows in messages, if it is not the program's: a shell's builtins speak as the shell."""
    umask: int = 0o022
    killed_by: int = 0
    ended: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    ending: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """What a server awaits: the code that it is to end with, set by whoever ends it."""
    task: asyncio.Task[int] | None = None
    on_signal: Callable[[int], bool] | None = None
    """A handler's: whether it takes the signal."""
    stopped: int = 0
    """The signal that stopped it; it neither writes nor ends until it goes on. 0: it goes."""
    on_stop: Callable[[], None] | None = None
    """Called when it stops: whoever waits for it."""
    _held: list[int] = field(default_factory=list)
    """Signals that came while it was stopped."""
    _resumed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """The program's, as it shows in messages."""
        return self.called or (posixpath.basename(self.argv[0]) if self.argv else "?")

    @property
    def fs(self) -> FileSystem:
        """The container's files."""
        return self.kernel.fs

    @property
    def network(self) -> Network:
        """The container's. Raises UnknownHost where there is none."""
        if self.kernel.network is None:
            raise UnknownHost
        return self.kernel.network

    @property
    def stdin(self) -> Handle:
        """Descriptor 0."""
        return self.fd(0)

    def fd(self, number: int) -> Handle:
        """An open file. Raises OSError."""
        handle = self.fds.get(number)
        if handle is None:
            raise files.fail(errno.EBADF, "")
        return handle

    async def out(self, text: str | bytes) -> None:
        """Write to stdout."""
        await self._write(1, text)

    async def err(self, text: str | bytes) -> None:
        """Write to stderr."""
        await self._write(2, text)

    async def fail(self, text: str, code: int = 1) -> int:
        """Complain under the program's name, and give the code."""
        await self.err(f"{self.name}: {text}\n")
        return code

    async def _write(self, number: int, text: str | bytes) -> None:
        data = encode(text) if isinstance(text, str) else text
        if self.stopped:
            await self.going()
        if data:
            await self.kernel.budget.spend(1 + len(data) / BYTES_A_STEP + data.count(b"\n") / LINES_A_STEP)
            await self.fd(number).write(data)

    def path(self, path: str) -> str:
        """An absolute path."""
        return posixpath.join(self.cwd, path) if path else path

    def may(self, node: Node, bit: int) -> bool:
        """Whether this user may read (4), write (2) or search (1)."""
        if self.uid == 0:
            return True
        shift = 6 if node.uid == self.uid else 3 if node.gid in (self.gid, *self.kernel.groups) else 0
        return bool(node.mode >> shift & bit)

    def read_file(self, path: str) -> bytes:
        """All of a file. Raises OSError."""
        node = self.fs.lookup(self.path(path))
        if isinstance(node, Directory):
            raise files.fail(errno.EISDIR, path)
        if not self.may(node, 4):
            raise files.fail(errno.EACCES, path)
        if isinstance(node, Generated):
            return node.make()
        return bytes(node.data) if isinstance(node, files.File) else b""

    def open_to_read(self, path: str) -> Handle:
        """Raises OSError."""
        node = self.fs.lookup(self.path(path))
        if not self.may(node, 4):
            raise files.fail(errno.EACCES, path)
        if isinstance(node, Device):
            return self._device(node)
        if isinstance(node, files.File):
            return Handle(Reading(node.data))
        return Handle(Reading(self.read_file(path)))

    def open_to_write(self, path: str, *, append: bool = False) -> Handle:
        """Raises OSError."""
        full = self.path(path)
        node = self._created(full)
        if isinstance(node, Device):
            return self._device(node)
        if not append:
            self.fs.write(full, b"", append=False)
        return Handle(Writing(self.fs, full))

    def open_to_update(self, path: str) -> Handle:
        """To read and to write, without emptying it. Raises OSError."""
        full = self.path(path)
        node = self._created(full)
        if not isinstance(node, files.File):
            return self.open_to_read(path)
        return Handle(Updating(self.fs, full, node.data))

    def _created(self, full: str) -> Node:
        self.check_create(full)
        return self.fs.create(full, self.uid, self.gid, 0o666 & ~self.umask)

    def check_create(self, full: str) -> None:
        """Raises OSError (EACCES) if this user may not write the file, or make it."""
        if self.uid == 0:
            return
        with suppress(FileNotFoundError):
            node = self.fs.lookup(full)
            if not self.may(node, 2):
                raise files.fail(errno.EACCES, full)
            return
        self.check_folder(full)

    def check_folder(self, full: str) -> None:
        """Raises OSError (EACCES) if this user may not add to or take from the folder of a path."""
        if not self.may(self.fs.parent(full)[1], 2):
            raise files.fail(errno.EACCES, full)

    def _device(self, node: Device) -> Handle:
        budget = self.kernel.budget
        match node.name:
            case "zero" | "full":
                return Handle(Endless(bytes, budget, full=node.name == "full"))
            case "random" | "urandom":
                return Handle(Endless(os.urandom, budget))
            case "tty":
                tty = next((handle.tty for handle in self.fds.values() if handle.tty is not None), None)
                if tty is None:
                    raise files.fail(errno.ENXIO, "/dev/tty")
                return Handle(tty)
            case name if name.startswith("fd"):
                return self.fd(int(name[2:])).share()
        return Handle(Null())

    def listen(self, port: int, serve: Serve, *, tls: bool = False, certificate: SSL.Context | None = None) -> None:
        """Take connections on a port. Raises OSError (EADDRINUSE)."""
        if port in self.kernel.listeners:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.kernel.listeners[port] = Listener(self, serve, tls, certificate)

    def kill(self, number: int) -> None:
        """Send a signal."""
        if number == 0 or self.ended.done():
            return
        if number == CONT:
            self._go_on()
        elif number in STOPS:
            self._stop(number)
        elif self.stopped and number != KILL:
            self._held.append(number)
        else:
            self._take(number)

    def _stop(self, number: int) -> None:
        if self.pid == 1 or self.stopped:
            return
        self.stopped = number
        self._resumed.clear()
        if self.on_stop is not None:
            self.on_stop()

    def _go_on(self) -> None:
        self.stopped = 0
        self._resumed.set()
        held, self._held = self._held, []
        for number in held:
            self._take(number)

    async def going(self) -> None:
        """Wait as long as it is stopped."""
        while self.stopped:
            await self._resumed.wait()

    def _take(self, number: int) -> None:
        if number != KILL:
            if number in IGNORED or (self.on_signal is not None and self.on_signal(number)):
                return
            if self.pid == 1:
                return  # the first process hears only what it has a handler for
        self.killed_by = self.killed_by or number
        if self.task is not None:
            self.task.cancel()

    async def wait(self) -> int:
        """Its exit code."""
        return await asyncio.shield(self.ended)


class Kernel:
    """One container's."""

    def __init__(
        self,
        fs: FileSystem,
        clock: Clock,
        hostname: str,
        programs: Mapping[str, Program],
        script: Interpreter,
        machine: Budget | None = None,
    ) -> None:
        self.fs = fs
        self.clock = clock
        self.hostname = hostname
        self.programs = programs
        self.script = script
        self.network: Network | None = None
        self.may_gain = True
        """Whether set-user-ID files have an effect (allowPrivilegeEscalation)."""
        self.groups: frozenset[int] = frozenset()
        """That every process is in, besides its own."""
        self.budget = Budget(whole=machine)
        self.listeners: dict[int, Listener] = {}
        """By their TCP ports."""
        self.datagrams: dict[int, Datagram] = {}
        """Who answers on UDP ports."""
        self.booted = clock.now()
        self.procs: dict[int, Proc] = {}
        self._last_pid = 0
        self._closing = False

    def spawn(
        self,
        parent: Proc | None,
        argv: Sequence[str],
        program: Program,
        *,
        env: Mapping[str, str],
        cwd: str,
        fds: Mapping[int, Handle],
        user: tuple[int, int] = (0, 0),
    ) -> Proc:
        """Start a process; the handles in `fds` become its own. Raises BlockingIOError when there are too many."""
        if len(self.procs) >= PROCESSES or self._closing:
            for handle in fds.values():
                handle.close()
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        self._last_pid += 1
        proc = Proc(self, self._last_pid, parent.pid if parent else 0, list(argv), dict(env), cwd, dict(fds), *user)
        proc.started = self.clock.now()
        proc.umask = parent.umask if parent is not None else proc.umask
        self.procs[proc.pid] = proc
        proc.task = asyncio.get_running_loop().create_task(_guarded(proc, program))
        proc.task.add_done_callback(lambda task: self._reap(proc, task))
        return proc

    def family(self, proc: Proc) -> list[Proc]:
        """The process and all that it has started, and what those have."""
        numbers = {proc.pid}
        for pid, one in sorted(self.procs.items()):
            if one.ppid in numbers:
                numbers.add(pid)
        return [one for pid, one in self.procs.items() if pid in numbers]

    def _reap(self, proc: Proc, task: asyncio.Task[int]) -> None:
        """A process has ended, perhaps before it took its first step."""
        code = 128 + (proc.killed_by or KILL) if task.cancelled() else 1
        if not task.cancelled():
            code = task.result() if task.exception() is None else 1
        for handle in proc.fds.values():
            handle.close()
        proc.fds.clear()
        self.procs.pop(proc.pid, None)
        for port in [port for port, one in self.listeners.items() if one.proc is proc]:
            del self.listeners[port]
        proc.ended.set_result(code & 0xFF)
        if proc.pid == 1:
            self.stop()

    def stop(self) -> None:
        """Kill everything."""
        self._closing = True
        for proc in list(self.procs.values()):
            proc.kill(KILL)


async def _guarded(proc: Proc, program: Program) -> int:
    """Run it; what a command leaves uncaught becomes what a real one would say."""
    try:
        await proc.kernel.budget.spend(4)
        code = await program(proc)
        await proc.going()
        return code
    except Exit as end:
        return end.code
    except BrokenPipeError:
        return 128 + PIPE
    except (OutOfMemory, RecursionError, MemoryError):
        text = "out of memory"
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or "I/O error"
    with suppress(OSError):
        await proc.err(f"{proc.name}: {text}\n")
    return 1


def pipe() -> tuple[Handle, Handle]:
    """(to read, to write)."""
    made = Pipe()
    return Handle(made, made.close), Handle(made, made.end)


def encode(text: str) -> bytes:
    """The bytes that a text of the sandbox stands for."""
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """And back."""
    return data.decode("utf-8", "surrogateescape")
