"""One started container: what its image serves, or the processes of its command, and all that reaches into it."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from OpenSSL import SSL

from fakekube.runtime.clock import Clock, Timer
from fakekube.sandbox import root
from fakekube.sandbox.containers import KILL, HttpAnswer, HttpRequest, Launch, OnExit, Outcome, StartError
from fakekube.sandbox.executing import program_at
from fakekube.sandbox.files import FileSystem
from fakekube.sandbox.images import Route
from fakekube.sandbox.kernel import Budget, Handle, Kernel, Listener, Null, Proc, Program
from fakekube.sandbox.logs import Line, Log
from fakekube.sandbox.network import Network, UnknownHost, Unreachable
from fakekube.sandbox.serving import Serve, ask, http
from fakekube.sandbox.streams import Duplex, Pipe, Sink, Source, Stdio, connected
from fakekube.sandbox.tls import Secured
from fakekube.sandbox.tty import Tty
from fakekube.wire import http1

OUTPUT_LIMIT = 64 * 1024
"""Bytes of a probe's output that are kept."""
ATTACHED = 32
"""Clients that may be attached at a time."""
NEIGHBOUR = "10.244.0.1:40000"
"""Who connects from outside of all containers: the node."""
ABSENT = 127
"""What a shell ends with that does not know the last command."""
NOT_FOUND = (
    "OCI runtime {what} failed: {verb}container_linux.go:370: starting container process caused: "
    'exec: "{name}": {why}: unknown'
)


def not_started(name: str, what: str, error: OSError) -> StartError:
    """What containerd says about a program that is not there."""
    why = "executable file not found in $PATH" if "/" not in name else f"stat {name}: no such file or directory"
    why = "permission denied" if error.errno == 13 else why
    prefix = "failed to create containerd task: " if what == "create" else "failed to exec in container: "
    verb = "" if what == "create" else "exec failed: "
    return StartError(prefix + NOT_FOUND.format(what=what, verb=verb, name=name, why=why))


class Output:
    """stdout or stderr of the container: into its log, and to whoever is attached."""

    def __init__(self, log: Log, stream: str) -> None:
        self._log = log
        self._stream = stream
        self.screens: list[Sink] = []

    async def write(self, data: bytes) -> None:
        """Everything."""
        self._log.write(data, self._stream)
        for screen in list(self.screens):
            with suppress(BrokenPipeError):
                await screen.write(data)


class Container:
    """`containers.Process`."""

    def __init__(
        self,
        launch: Launch,
        on_exit: OnExit,
        clock: Clock,
        programs: Mapping[str, Program],
        network: Network | None,
        machine: Budget | None = None,
    ) -> None:
        self.log = Log(clock.now)
        self.exit_code: int | None = None
        self.launch = launch
        self._on_exit = on_exit
        self._clock = clock
        self._programs = programs
        self._network = network
        self._machine = machine
        self._serves = False
        self._timer: Timer | None = None
        self._kernel: Kernel | None = None
        self._stdout, self._stderr = Output(self.log, "stdout"), Output(self.log, "stderr")
        self._tty = Tty() if launch.tty else None
        self._stdin = Pipe() if launch.stdin and not launch.tty else None
        self._attached = 0
        self._awaited = launch.stdin
        """Its first client is still to come: `kubectl run -i`, which wants all that it writes."""
        self._ended: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # life

    def begin(self) -> None:
        """Run. Raises StartError."""
        argv = self.launch.argv
        if self._is_service():
            self._serve()
            return
        kernel = self.kernel
        try:
            program = program_at(_looker(kernel, self.launch), argv, self.launch.env.get("PATH"))
        except OSError as error:
            if not self.launch.image.known and self.launch.own_command:
                self._serve()  # whatever it is, an image that nobody described has it
                self._stand_in(kernel)
                return
            raise not_started(argv[0], "create", error) from None
        if self._tty is not None:
            self._tty.screens.append(self._stdout)
        first = kernel.spawn(
            None,
            argv,
            program,
            env={**self.launch.env, **root.home(self.launch)},
            cwd=self._cwd(kernel.fs),
            fds=self._standard(),
            user=(self.launch.user, self.launch.group),
        )
        if self._tty is not None:
            self._tty.foreground = first.kill
        first.ended.add_done_callback(lambda ended: self._exit(ended.result()))

    def _is_service(self) -> bool:
        """Whether the image's own program runs, which is not one of ours."""
        image, argv = self.launch.image, self.launch.argv
        if not argv:
            return True
        name = argv[0].rpartition("/")[2]
        if name in self._programs:
            return False
        own = {part.rpartition("/")[2] for part in (*image.entrypoint[:1], *image.cmd[:1], *image.programs)}
        return not self.launch.own_command or name in own

    def _standard(self) -> dict[int, Handle]:
        if self._tty is not None:
            handle = Handle(self._tty)
            return {0: handle, 1: handle.share(), 2: handle.share()}
        stdin = Handle(self._stdin, self._stdin.close) if self._stdin is not None else Handle(Null())
        return {0: stdin, 1: Handle(self._stdout), 2: Handle(self._stderr)}

    def _cwd(self, fs: FileSystem) -> str:
        path = self.launch.working_dir or "/"
        if not fs.is_dir(path):
            fs.make_folders(path)
        return path

    def _serve(self) -> None:
        image = self.launch.image
        self._serves = True
        for line in image.log:
            self.log.write(f"{line}\n".encode())
        if image.exit_code is not None:
            code = image.exit_code
            self._timer = self._clock.call_later(image.exit_after, lambda: self._exit(code))

    def _exit(self, code: int) -> None:
        if self.exit_code is not None:
            return
        self.exit_code = code
        if self._timer is not None:
            self._timer.cancel()
        if self._kernel is not None:
            self._kernel.stop()
        for task in list(self._tasks):
            task.cancel()
        if self._ended is not None:
            self._ended.set()
        self.log.close()
        self._on_exit(code)

    @property
    def written(self) -> int:
        """Bytes that it has written to files and to its log."""
        return self.log.size + (self._kernel.fs.used if self._kernel is not None else 0)

    @property
    def kernel(self) -> Kernel:
        """What it runs on; a service gets one when somebody looks into it."""
        if self._kernel is None:
            launch = self.launch
            fs = root.file_system(launch, self._clock.now, self._programs, self._network)
            from fakekube.sandbox.shell.program import script

            self._kernel = Kernel(fs, self._clock, launch.hostname, self._programs, script, self._machine)
            self._kernel.may_gain = launch.may_gain
            self._kernel.network = self._network
            self._kernel.groups = frozenset(launch.groups)
            root.add_proc(self._kernel, launch)
            if self._serves:
                self._stand_in(self._kernel)
        return self._kernel

    def _stand_in(self, kernel: Kernel) -> None:
        """The image's own program, as others see it."""

        async def idle(proc: Proc) -> int:
            await asyncio.get_running_loop().create_future()
            return 0

        env, user = self.launch.env, (self.launch.user, self.launch.group)
        kernel.spawn(None, self.launch.argv, idle, env=env, cwd="/", fds={}, user=user)

    def signal(self, number: int) -> None:
        """TERM ends what serves as its image says; a command's first process hears it if it has a handler."""
        if number == KILL:
            self._exit(128 + KILL)
        elif self._serves:
            if not self.launch.image.ignores_term:
                self._exit(self.launch.image.on_term)
        elif self._kernel is not None and (first := self._kernel.procs.get(1)) is not None:
            first.kill(number)

    def abandon(self) -> list[asyncio.Task[Any]]:
        """The world ends: nobody is told. Gives what has yet to end."""
        self.exit_code = 128 + KILL if self.exit_code is None else self.exit_code
        if self._timer is not None:
            self._timer.cancel()
        ending: list[asyncio.Task[Any]] = list(self._tasks)
        if self._kernel is not None:
            ending += [proc.task for proc in self._kernel.procs.values() if proc.task is not None]
            self._kernel.stop()
        for task in self._tasks:
            task.cancel()
        return ending

    # files

    def read_file(self, path: str) -> bytes | None:
        """A file as it is now; None if there is none."""
        if self._kernel is None and not any(path.startswith(mount.path) for mount in self.launch.mounts):
            return root.peek(self.launch, path)
        try:
            node = self.kernel.fs.lookup(path)
        except OSError:
            return None
        return bytes(getattr(node, "data", b"")) if node.kind == "-" else None

    # commands

    async def run(self, argv: Sequence[str]) -> Outcome:
        """Run a command without input: a probe or a hook. An image that nobody described has whatever it takes."""
        output = Pipe(OUTPUT_LIMIT * 2)
        kept = bytearray()

        async def keep() -> None:
            while data := await output.read():
                kept.extend(data[: max(OUTPUT_LIMIT - len(kept), 0)])

        keeping = asyncio.ensure_future(keep())
        try:
            code = await self._execute(argv, {0: Handle(Null()), 1: Handle(output), 2: Handle(output)}, {})
        except StartError as error:
            return Outcome(126, str(error).encode()) if self.launch.image.known else Outcome(0)
        finally:
            output.end()
            await keeping
        if code == ABSENT and not self.launch.image.known:
            return Outcome(0)
        return Outcome(code, bytes(kept))

    async def exec(self, argv: Sequence[str], stdio: Stdio) -> int:
        """Run a command for a client. Raises StartError."""
        if not stdio.tty:
            stdin = Handle(stdio.stdin) if stdio.stdin is not None else Handle(Null())
            outputs = {1: Handle(stdio.stdout or Null()), 2: Handle(stdio.stderr or Null())}
            return await self._execute(argv, {0: stdin, **outputs}, {})
        tty = Tty()
        if stdio.stdout is not None:
            tty.screens.append(stdio.stdout)
        handle = Handle(tty)
        helpers = [asyncio.ensure_future(self._type(tty, stdio.stdin, hang_up=True)), self._resizing(tty, stdio)]
        try:
            return await self._execute(argv, {0: handle, 1: handle.share(), 2: handle.share()}, {"TERM": "xterm"}, tty)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _execute(
        self, argv: Sequence[str], fds: Mapping[int, Handle], env: Mapping[str, str], tty: Tty | None = None
    ) -> int:
        kernel, launch = self.kernel, self.launch
        if not argv:
            raise StartError("failed to exec in container: no command specified")
        try:
            program = program_at(_looker(kernel, launch), argv, launch.env.get("PATH"))
            proc = kernel.spawn(
                None,
                argv,
                program,
                env={**launch.env, **root.home(launch), **env},
                cwd=self._cwd(kernel.fs),
                fds=fds,
                user=(launch.user, launch.group),
            )
        except BlockingIOError:
            raise StartError("failed to exec in container: Resource temporarily unavailable") from None
        except OSError as error:
            raise not_started(argv[0], "exec", error) from None
        if tty is not None:
            tty.foreground = proc.kill
        try:
            return await proc.wait()
        finally:
            if not proc.ended.done():
                _kill_tree(kernel, proc)

    async def attach(self, stdio: Stdio) -> None:
        """Connect a client until the container ends, or the client is gone."""
        if self._attached >= ATTACHED:
            raise BrokenPipeError
        missed = self.log.lines(self.log.shown) if self.exit_code is not None or self._awaited else []
        self._awaited = False
        if self.exit_code is not None:
            await self._replay(missed, stdio)
            return
        self._attached += 1
        self._ended = self._ended or asyncio.Event()
        pairs: list[tuple[list[Sink], Sink]] = []
        if self._tty is not None:
            pairs += [(self._tty.screens, stdio.stdout)] if stdio.stdout is not None else []
        else:
            pairs += [(self._stdout.screens, stdio.stdout)] if stdio.stdout is not None else []
            pairs += [(self._stderr.screens, stdio.stderr)] if stdio.stderr is not None else []
        for screens, sink in pairs:
            screens.append(sink)
        if self._tty is None:
            await self._replay(missed, stdio)
        helpers: list[asyncio.Future[None]] = [asyncio.ensure_future(self._input(stdio))]
        if self._tty is not None:
            helpers.append(self._resizing(self._tty, stdio))
            if stdio.stdout is not None and self._tty.redraw is not None:
                await stdio.stdout.write(self._tty.redraw())
        try:
            if self.exit_code is None:
                await self._ended.wait()
                await asyncio.sleep(0)
        finally:
            self._attached -= 1
            for screens, sink in pairs:
                screens.remove(sink)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _replay(self, missed: list[Line], stdio: Stdio) -> None:
        """What a container wrote before its client had come, who cannot be as quick as a simulated container."""
        for line in missed:
            sink = stdio.stderr if line.stream == "stderr" else stdio.stdout
            if sink is not None:
                await sink.write(line.data)

    async def _input(self, stdio: Stdio) -> None:
        """What the client sends; the end of it is the end for the container if it was started so."""
        if stdio.stdin is None or not self.launch.stdin:
            return
        if self._tty is not None:
            await self._type(self._tty, stdio.stdin, hang_up=self.launch.stdin_once)
        elif self._stdin is not None:
            with suppress(BrokenPipeError):
                while data := await stdio.stdin.read():
                    await self._stdin.write(data)
            if self.launch.stdin_once:
                self._stdin.end()

    async def _type(self, tty: Tty, source: Source | None, *, hang_up: bool) -> None:
        if source is None:
            return
        while data := await source.read():
            await tty.type(data)
        if hang_up:
            tty.hang_up()

    def _resizing(self, tty: Tty, stdio: Stdio) -> asyncio.Future[None]:
        async def follow() -> None:
            if stdio.sizes is not None:
                async for size in stdio.sizes:
                    tty.size = size

        return asyncio.ensure_future(follow())

    # network

    def listens(self, port: int) -> bool:
        """Where a process listens; a described image on its ports; others, as long as they run, on any."""
        if self.exit_code is not None:
            return False
        if self._listener(port) is not None or not self.launch.image.known:
            return True
        return self._serves and port in self.launch.image.ports

    def speaks_tls(self, port: int) -> bool:
        """Whether it expects TLS there."""
        listener = self._listener(port)
        return listener is not None and listener.tls

    def _listener(self, port: int) -> Listener | None:
        return None if self._kernel is None else self._kernel.listeners.get(port)

    async def http(self, request: HttpRequest) -> HttpAnswer:
        """What a process that listens says, or the image's routes. Raises ConnectionRefusedError."""
        if request.host:
            return await self._asked(request)
        if not self.listens(request.port):
            raise ConnectionRefusedError(request.port)
        if self._listener(request.port) is None:
            return await self._routed(request)
        try:
            return await ask(self.connect(request.port, request.peer), request)
        except (http1.ProtocolError, BrokenPipeError):
            raise ConnectionRefusedError(request.port) from None

    async def _asked(self, request: HttpRequest) -> HttpAnswer:
        """What another server says."""
        try:
            if self._network is None:
                raise UnknownHost
            address = self._network.resolve(request.host)[0][1]
            return await ask(await self._network.connect(address, request.port), request)
        except (UnknownHost, Unreachable, http1.ProtocolError, BrokenPipeError):
            raise ConnectionRefusedError(request.port) from None

    async def _routed(self, request: HttpRequest) -> HttpAnswer:
        routes = self.launch.image.http
        for route in routes:
            body = self._body(route, request.path) if _matches(route, request) else None
            if body is not None:
                return HttpAnswer(route.status, tuple(route.headers.items()), body)
        return HttpAnswer(404 if routes else 200)

    def _body(self, route: Route, path: str) -> bytes | None:
        """What the route says; None: its folder has no such file."""
        if not route.root:
            return route.body.encode()
        name = unquote(path.partition("?")[0]).lstrip("/")
        file = route.root + posixpath.normpath(f"/{name}")
        index = self.read_file(f"{file.rstrip('/')}/index.html")
        return self.read_file(file) if index is None else index

    def connect(self, port: int, peer: str = "") -> Duplex:
        """A TCP connection of a peer (its address and port). Raises ConnectionRefusedError."""
        if not self.listens(port):
            raise ConnectionRefusedError(port)
        listener = self._listener(port)
        serve = http(port, self._routed) if listener is None else listener.serve
        client, server = connected()
        task = asyncio.get_running_loop().create_task(self._talk(serve, server, peer or NEIGHBOUR))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return client

    async def _talk(self, serve: Serve, server: Duplex, peer: str) -> None:
        with suppress(ConnectionError):
            await serve(server, peer)

    def connect_outside(self, port: int) -> Duplex:
        """A connection from outside the simulation, with TLS in earnest. Raises ConnectionRefusedError."""
        listener = self._listener(port)
        if listener is None or listener.certificate is None:
            return self.connect(port)
        client, server = connected()
        secured = Secured(server, listener.certificate)
        task = asyncio.get_running_loop().create_task(self._welcome(listener.serve, secured))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return client

    async def _welcome(self, serve: Serve, server: Secured) -> None:
        try:
            await server.handshake()
        except (SSL.Error, BrokenPipeError):
            server.close()
        else:
            await self._talk(serve, server, NEIGHBOUR)

    def answer(self, port: int, data: bytes, peer: str) -> bytes:
        """The answer to a UDP datagram, b"" for none. Raises ConnectionRefusedError."""
        answer = None if self._kernel is None or self.exit_code is not None else self._kernel.datagrams.get(port)
        if answer is None:
            raise ConnectionRefusedError(port)
        return answer(data, peer)


def _matches(route: Route, request: HttpRequest) -> bool:
    path = request.path.partition("?")[0]
    wanted = route.path
    fits = path.startswith(wanted[:-1]) if wanted.endswith("*") else path == wanted
    return route.port == request.port and fits and route.method in ("", request.method)


def _looker(kernel: Kernel, launch: Launch) -> Proc:
    """Nobody in particular, to look for programs as."""
    return Proc(kernel, 0, 0, [], {}, "/", {}, launch.user, launch.group)


def _kill_tree(kernel: Kernel, proc: Proc) -> None:
    """A client is gone: what it started goes as well."""
    for one in kernel.family(proc):
        one.kill(KILL)
