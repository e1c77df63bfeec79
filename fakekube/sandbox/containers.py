"""What a container is started with, and what a started one can be asked: the seam between nodes and the sandbox.

A node resolves a pod's environment, volumes and user as the kubelet does and hands them over as data (`Launch`). A
`Runtime` makes a `Process` of it, which never touches the host.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct, field

from fakekube.machinery.objects import Object
from fakekube.sandbox.files import Mount
from fakekube.sandbox.images import Image
from fakekube.sandbox.logs import Log
from fakekube.sandbox.streams import Duplex, Stdio

TERM, KILL = 15, 9
"""The signals that end a container."""


class Launch(Struct, frozen=True):
    """Everything that a container begins with."""

    pod: Object
    """As it is when the container starts; read-only."""
    name: str
    """The container's."""
    image: Image
    argv: tuple[str, ...]
    """Command and arguments, those of the image where the container has none; variables are expanded."""
    env: dict[str, str] = field(default_factory=dict)
    working_dir: str = "/"
    user: int = 0
    group: int = 0
    groups: tuple[int, ...] = ()
    """Further ones."""
    mounts: tuple[Mount, ...] = ()
    hostname: str = ""
    ip: str = ""
    """The pod's address, which is the node's for pods on the host network."""
    stdin: bool = False
    stdin_once: bool = False
    tty: bool = False
    read_only_root: bool = False
    may_gain: bool = True
    """Whether set-user-ID programs may run as their owner."""
    termination_log: str = "/dev/termination-log"
    """Where it may leave a last word."""
    own_command: bool = False
    """Whether the pod says what to run (`command`), else it is the image's entrypoint."""


class Outcome(Struct, frozen=True):
    """How a command ended: its exit code, and what it wrote to stdout and stderr."""

    exit_code: int
    output: bytes = b""


class HttpRequest(Struct, frozen=True):
    """A request to a port of a container."""

    port: int
    method: str = "GET"
    path: str = "/"
    """With its query, as it is sent."""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    scheme: str = "http"
    peer: str = ""
    """Address and port of who asks."""
    host: str = ""
    """Of another server that is to be asked from within the container; "" is the container itself."""


class HttpAnswer(Struct, frozen=True):
    """What the container answers."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


class StartError(Exception):
    """The container cannot be started; the text is what the container runtime would say about it."""


class Process(Protocol):
    """One started container."""

    @property
    def log(self) -> Log:
        """What it wrote."""

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""

    @property
    def written(self) -> int:
        """Bytes that it has written to files and to its log."""

    def signal(self, number: int) -> None:
        """Send it TERM, which it may ignore, or KILL, which it cannot."""

    def read_file(self, path: str) -> bytes | None:
        """A file as it is now, also after the end; None if there is none."""

    def listens(self, port: int) -> bool:
        """Whether a TCP connection to that port would be accepted."""

    async def run(self, argv: Sequence[str]) -> Outcome:
        """Run a command beside it, without input: probes and hooks."""

    async def http(self, request: HttpRequest) -> HttpAnswer:
        """Answer a request. Raises ConnectionRefusedError where nothing listens."""

    async def exec(self, argv: Sequence[str], stdio: Stdio) -> int:
        """Run a command beside it, connected to a client; gives its exit code. Raises StartError."""

    async def attach(self, stdio: Stdio) -> None:
        """Connect a client to its input and to what it writes from now on, until it ends or the client is gone."""

    def connect(self, port: int) -> Duplex:
        """A TCP connection to that port. Raises ConnectionRefusedError."""


OnExit = Callable[[int], None]
"""Told the exit code, once, on the event loop; it may already be called while the container starts."""


class Runtime(Protocol):
    """Starts containers."""

    def start(self, launch: Launch, on_exit: OnExit) -> Process:
        """Start one. Raises StartError."""
