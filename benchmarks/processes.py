"""What processes have used so far, and which ones a control plane is made of; read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
LISTENING = "0A"
STORE_FLAG = "--etcd-servers"


def cpu(processes: Iterable[int]) -> float:
    """Seconds of CPU time, in user mode and in the kernel."""
    return sum(_ticks(process) for process in processes) / TICKS


def _ticks(process: int) -> int:
    fields = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def memory(process: int) -> int:
    """Resident size in bytes."""
    pages = int((PROC / str(process) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def control_plane(port: int) -> list[int]:
    """Who serves this port of this machine, and the etcd that it stores in, if its command line names one."""
    servers = list(_listening(port))
    stores = [_listening(store) for server in servers for store in _store_ports(server)]
    return [*servers, *(process for found in stores for process in found)]


def _listening(port: int) -> Iterator[int]:
    sockets = set(_sockets(port))
    for folder in PROC.glob("[0-9]*/fd"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if any(os.readlink(file) in sockets for file in folder.iterdir()):
                yield int(folder.parent.name)


def _sockets(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == LISTENING:
                yield f"socket:[{fields[9]}]"


def _store_ports(server: int) -> Iterator[int]:
    words = (PROC / str(server) / "cmdline").read_text().replace("=", "\0").split("\0")
    if STORE_FLAG in words:
        for url in words[words.index(STORE_FLAG) + 1].split(","):
            yield urlsplit(url).port or 2379
