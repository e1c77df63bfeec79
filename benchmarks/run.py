"""Measures fakekube and, in the same run, another control plane; prints a table.

    python benchmarks/run.py [--against KUBECONFIG] [--seconds 3] [--only NAME ...]

Start-up is the time from the start of the process to the first answered request; memory is resident size after it has
been idle for two seconds. All requests go over TLS with a client certificate; the client runs in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from load import Connection, Rate, Target, deliveries, measure, request

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"labels": {"app": "load", "tier": "benchmark"}},
    "spec": {
        "schedulerName": "nobody",
        "automountServiceAccountToken": False,
        "containers": [
            {
                "name": "web",
                "image": "nginx:1.19",
                "ports": [{"containerPort": 80}],
                "env": [{"name": f"VARIABLE_{number}", "value": "x" * 20} for number in range(10)],
                "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
            }
        ],
    },
}
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "data": {f"key-{number}": "x" * 40 for number in range(10)}}
LISTED = 1_000
WATCHERS, EVENTS = 200, 200
STARTS = 5
T = TypeVar("T")
Requests = Callable[[int], Iterator[bytes]]


class Load:
    """The requests, in a namespace of their own."""

    def __init__(self) -> None:
        self.namespace = f"load-{uuid.uuid4().hex[:8]}"
        self.root = f"/api/v1/namespaces/{self.namespace}"
        self._number = itertools.count()

    async def prepare(self, target: Target) -> None:
        """The namespace, a pod to read, a config map to patch for each connection, and pods to list."""
        connection = await Connection.open(target)
        await self._make(connection, "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        await self._settled(connection, self.root)
        await self._make(connection, f"{self.root}/pods", _named(POD, "read"))
        for number in range(32):
            await self._make(connection, f"{self.root}/configmaps", _named(CONFIG, f"patched-{number}"))
        await self._make(connection, "/api/v1/namespaces", {"metadata": {"name": f"{self.namespace}-list"}})
        await self._settled(connection, f"{self.root}-list")
        for number in range(LISTED):
            await self._make(connection, f"{self.root}-list/pods", _named(POD, f"listed-{number}"))
        connection.close()

    async def _settled(self, connection: Connection, root: str) -> None:
        """Wait for the service account without which no pod can be made."""
        while (await connection.ask(request("GET", f"{root}/serviceaccounts/default")))[0] != 200:  # noqa: ASYNC110  in another process
            await asyncio.sleep(0.05)

    async def _make(self, connection: Connection, path: str, obj: dict[str, object]) -> None:
        status, body = await connection.ask(request("POST", path, json.dumps(obj).encode()))
        if status >= 300:
            raise RuntimeError(body.decode())

    def get(self, _: int) -> Iterator[bytes]:
        """One pod, over and over."""
        return itertools.repeat(request("GET", f"{self.root}/pods/read"))

    def list(self, _: int) -> Iterator[bytes]:
        """A thousand pods."""
        return itertools.repeat(request("GET", f"{self.root}-list/pods"))

    def create_config_map(self, _: int) -> Iterator[bytes]:
        """A new config map each time."""
        for number in self._number:
            body = json.dumps(_named(CONFIG, f"made-{number}")).encode()
            yield request("POST", f"{self.root}/configmaps", body)

    def create_pod(self, _: int) -> Iterator[bytes]:
        """A new pod each time."""
        for number in self._number:
            yield request("POST", f"{self.root}/pods", json.dumps(_named(POD, f"made-{number}")).encode())

    def patch(self, connection: int) -> Iterator[bytes]:
        """A merge patch that changes something, of the connection's own config map."""
        path = f"{self.root}/configmaps/patched-{connection}"
        for number in self._number:
            body = json.dumps({"data": {"key-0": f"{number}"}}).encode()
            yield request("PATCH", path, body, "application/merge-patch+json")

    def watched(self) -> tuple[str, list[bytes]]:
        """What is watched, and the writes that are seen there."""
        name = f"{self.root}/configmaps"
        bodies = (json.dumps(_named(CONFIG, f"seen-{number}")).encode() for number in range(EVENTS))
        return f"{name}?watch=1&resourceVersion=", [request("POST", name, body) for body in bodies]


def _named(obj: dict[str, object], name: str) -> dict[str, object]:
    metadata = obj.get("metadata") or {}
    return {**obj, "metadata": {**metadata, "name": name}}  # type: ignore[dict-item]


async def figures(target: Target, seconds: float, only: list[str]) -> dict[str, Rate]:
    """Everything that requests measure: row -> rate."""
    load = Load()
    await load.prepare(target)
    found: dict[str, Rate] = {}
    kinds: dict[str, Requests] = {
        "GET pod": load.get,
        "LIST 1,000 pods": load.list,
        "CREATE config map": load.create_config_map,
        "CREATE pod": load.create_pod,
        "PATCH config map": load.patch,
    }
    for name, requests in kinds.items():
        for connections in (1, 32):
            if not only or any(part in name for part in only):
                row = f"{name}, {connections} connection{'s' if connections > 1 else ''}"
                found[row] = await measure(target, requests, connections, seconds)
    if not only or "WATCH" in only:
        path, writes = load.watched()
        revision = await _revision(target, load)
        row = f"WATCH, {WATCHERS} watchers x {EVENTS} events"
        found[row] = await deliveries(target, f"{path}{revision}", WATCHERS, writes)
    return found


async def _revision(target: Target, load: Load) -> str:
    connection = await Connection.open(target)
    _, body = await connection.ask(request("GET", f"{load.root}/configmaps?limit=1"))
    connection.close()
    revision: str = json.loads(body)["metadata"]["resourceVersion"]
    return revision


def start(folder: Path, nodes: int = 0) -> tuple[subprocess.Popen[bytes], Path, float]:
    """A server of our own: the process, its kubeconfig, seconds until it has answered a request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kubeconfig = folder / "kubeconfig"
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "fakekube", "serve", "--secure-port", str(port), "--nodes", str(nodes),
         "--write-kubeconfig", str(kubeconfig)], stdout=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    while not asyncio.run(_answers(port)):
        time.sleep(0.002)
    return process, kubeconfig, time.perf_counter() - begun


def environment() -> dict[str, str]:
    """An installed package has its bytecode: it may be kept here as well, whatever this process was told."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def starts(count: int) -> list[float]:
    """Seconds that starts take, in order; the first one, which may compile, is not among them."""
    found = []
    for _ in range(count + 1):
        with tempfile.TemporaryDirectory() as folder:
            process, _, ready = start(Path(folder))
            process.terminate()
            process.wait()
            found.append(ready)
    return sorted(found[1:])


async def _answers(port: int) -> bool:
    import ssl

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        connection = await Connection.open(Target("127.0.0.1", port, context))
        status, _ = await connection.ask(request("GET", "/healthz"))
    except OSError:
        return False
    connection.close()
    return status == 200


def memory(process: int) -> float:
    """Resident size in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def table(ours: dict[str, Rate], theirs: dict[str, Rate]) -> str:
    """Rows of rates, with ratios where there is something to compare with."""
    lines = ["| | fakekube | median | other | median | ratio |", "|---|---|---|---|---|---|"]
    for name, rate in ours.items():
        other = theirs.get(name)
        row = f"| {name} | {rate.per_second:,.0f}/s | {rate.median:.2f} ms "
        if other:
            row += f"| {other.per_second:,.0f}/s | {other.median:.2f} ms | {rate.per_second / other.per_second:.2f} |"
        else:
            row += "| | | |"
        lines.append(row)
    return "\n".join(lines)


def run(work: Coroutine[Any, Any, T]) -> T:
    """On uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="kubeconfig of another control plane, measured in the same run")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each row is measured")
    parser.add_argument("--only", action="append", default=[], help="part of a row's name")
    arguments = parser.parse_args()
    ready = starts(STARTS)
    with tempfile.TemporaryDirectory() as folder:
        process, kubeconfig, _ = start(Path(folder))
        try:
            time.sleep(2)
            times = f"{ready[0]:.2f} to {ready[-1]:.2f} s, median {ready[len(ready) // 2]:.2f} s"
            print(f"ready after {times}; {memory(process.pid):.0f} MB idle\n", flush=True)
            ours = run(figures(Target.of(kubeconfig), arguments.seconds, arguments.only))
        finally:
            process.terminate()
            process.wait()
    theirs = run(figures(Target.of(arguments.against), arguments.seconds, arguments.only)) if arguments.against else {}
    print(table(ours, theirs))


if __name__ == "__main__":
    main()
