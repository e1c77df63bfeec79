"""Measures fakekube and, in the same run, another control plane; prints a table.

    python benchmarks/run.py [--against KUBECONFIG] [--seconds 3] [--only NAME ...]

Start-up is the time from the start of the process to the first answered request; memory is resident size. All requests
go over TLS with a client certificate, from processes of their own. CPU time is that of the servers' processes while a
row is measured, by the answers in it: fakekube's one; of another control plane on this machine whoever listens on the
port of its kubeconfig, and the etcd behind it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
from load import Connection, Rate, Target, deliveries, measure, request

from fakekube.testing.cluster import Cluster

POD: dict[str, object] = {
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
VALUES = {f"key-{number}": "x" * 40 for number in range(10)}
CONFIG: dict[str, object] = {"apiVersion": "v1", "kind": "ConfigMap", "data": VALUES}
LISTED = 1_000
WATCHERS, EVENTS = 200, 200
STARTS = 5
RESETS = 20
ANYBODY = ssl.create_default_context()
"""Takes any server for the right one."""
ANYBODY.check_hostname, ANYBODY.verify_mode = False, ssl.CERT_NONE
Requests = Callable[[int], Iterator[bytes]]


class Load:
    """The requests, in a namespace of their own."""

    def __init__(self) -> None:
        self.namespace = f"load-{uuid.uuid4().hex[:8]}"
        self.root = f"/api/v1/namespaces/{self.namespace}"

    def prepare(self, target: Target) -> None:
        """The namespace, a pod to read, a config map to patch for each connection, and pods to list."""
        connection = Connection(target)
        self.begin(connection)
        self._make(connection, f"{self.root}/pods", _named(POD, "read"))
        for number in range(32):
            self._make(connection, f"{self.root}/configmaps", _named(CONFIG, f"patched-{number}"))
        self._make(connection, "/api/v1/namespaces", {"metadata": {"name": f"{self.namespace}-list"}})
        self._settled(connection, f"{self.root}-list")
        for number in range(LISTED):
            self._make(connection, f"{self.root}-list/pods", _named(POD, f"listed-{number}"))
        connection.close()

    def begin(self, connection: Connection) -> None:
        """The namespace alone."""
        self._make(connection, "/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        self._settled(connection, self.root)

    def _settled(self, connection: Connection, root: str) -> None:
        """Wait for the service account without which no pod can be made."""
        while connection.ask(request("GET", f"{root}/serviceaccounts/default"))[0] != 200:
            time.sleep(0.05)

    def _make(self, connection: Connection, path: str, obj: dict[str, object]) -> None:
        status, body = connection.ask(request("POST", path, json.dumps(obj).encode()))
        if status >= 300:
            raise RuntimeError(body.decode())

    def remove(self, target: Target) -> None:
        """Delete the namespaces."""
        connection = Connection(target)
        for name in (self.namespace, f"{self.namespace}-list"):
            connection.ask(request("DELETE", f"/api/v1/namespaces/{name}"))
        connection.close()

    def get(self, _: int) -> Iterator[bytes]:
        """One pod, over and over."""
        return itertools.repeat(request("GET", f"{self.root}/pods/read"))

    def list_(self, _: int) -> Iterator[bytes]:
        """A thousand pods."""
        return itertools.repeat(request("GET", f"{self.root}-list/pods"))

    def create_config_map(self, connection: int) -> Iterator[bytes]:
        """A new config map each time."""
        return self._create("configmaps", CONFIG, connection)

    def create_pod(self, connection: int) -> Iterator[bytes]:
        """A new pod each time."""
        return self._create("pods", POD, connection)

    def _create(self, plural: str, obj: dict[str, object], connection: int) -> Iterator[bytes]:
        prefix = f"made-{time.time_ns()}-{connection}"
        for number in itertools.count():
            body = json.dumps(_named(obj, f"{prefix}-{number}")).encode()
            yield request("POST", f"{self.root}/{plural}", body)

    def patch(self, connection: int) -> Iterator[bytes]:
        """A merge patch that changes something, of the connection's own config map."""
        path = f"{self.root}/configmaps/patched-{connection}"
        for number in itertools.count(time.time_ns()):
            body = json.dumps({"data": {"key-0": f"{number}"}}).encode()
            yield request("PATCH", path, body, "application/merge-patch+json")

    def watched(self, target: Target) -> tuple[str, list[bytes]]:
        """What is watched, from now on, and the writes that are seen there."""
        name = f"{self.root}/configmaps"
        connection = Connection(target)
        _, body = connection.ask(request("GET", f"{name}?limit=1"))
        connection.close()
        now = json.loads(body)["metadata"]["resourceVersion"]
        bodies = (json.dumps(_named(CONFIG, f"seen-{number}")).encode() for number in range(EVENTS))
        return f"{name}?watch=1&resourceVersion={now}", [request("POST", name, body) for body in bodies]


def _named(obj: dict[str, object], name: str) -> dict[str, object]:
    metadata = obj.get("metadata") or {}
    return {**obj, "metadata": {**metadata, "name": name}}  # type: ignore[dict-item]


def figures(target: Target, seconds: float, only: list[str]) -> dict[str, Rate]:
    """Everything that requests measure: row -> rate."""
    load = Load()
    load.prepare(target)
    found: dict[str, Rate] = {}
    kinds: dict[str, Requests] = {
        "GET pod": load.get,
        "LIST 1,000 pods": load.list_,
        "CREATE config map": load.create_config_map,
        "CREATE pod": load.create_pod,
        "PATCH config map": load.patch,
    }
    for name, requests in kinds.items():
        for connections in (1, 32):
            row = f"{name}, {connections} connection{'s' if connections > 1 else ''}"
            if _wanted(row, only):
                found[row] = measure(target, requests, connections, seconds)
    row = f"WATCH, {WATCHERS} watchers x {EVENTS} events"
    if _wanted(row, only):
        found[row] = deliveries(target, *load.watched(target), watchers=WATCHERS)
    load.remove(target)
    return found


def _wanted(row: str, only: list[str]) -> bool:
    return not only or any(part in row for part in only)


@contextmanager
def serving(*flags: str) -> Iterator[tuple[int, Path, float]]:
    """A server of our own: its process, its kubeconfig, and the seconds until it had answered a request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "fakekube", "serve", "--secure-port", str(port), *flags]
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--write-kubeconfig", str(kubeconfig)], stdout=subprocess.PIPE, env=environment()
        )
        try:
            while not _answers(port):
                time.sleep(0.002)
            yield process.pid, kubeconfig, time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait()


def environment() -> dict[str, str]:
    """An installed package has its bytecode: it may be kept here as well, whatever this process was told."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _answers(port: int) -> bool:
    try:
        connection = Connection(Target("127.0.0.1", port, ANYBODY))
        status, _ = connection.ask(request("GET", "/healthz"))
    except OSError:
        return False
    connection.close()
    return status == 200


def starts() -> str:
    """How long starts take; the first one, which may compile, does not count."""
    found = []
    for _ in range(STARTS + 1):
        with serving() as (_, _, seconds):
            found.append(seconds)
    found = sorted(found[1:])
    return f"ready after {found[0]:.2f} to {found[-1]:.2f} s, median {found[len(found) // 2]:.2f} s"


def idleness(seconds: float = 20.0) -> str:
    """What a server takes, with a node, that nobody asks anything."""
    with serving() as (process, _, _):
        time.sleep(2)
        used = processes.cpu([process])
        time.sleep(seconds)
        used = processes.cpu([process]) - used
        return f"idle: {processes.memory(process) / 1e6:.0f} MB, {used / seconds * 1000:.1f} ms of CPU time a second"


def resets() -> str:
    """How long a clean cluster takes the pytest fixture, after tests that have made something."""
    found = []
    with Cluster() as cluster:
        for _ in range(RESETS):
            cluster.apply(json.dumps(_named(POD, "left-behind")))
            begun = time.perf_counter()
            cluster.reset()
            found.append(time.perf_counter() - begun)
    found.sort()
    return f"a clean cluster for a test: {found[len(found) // 2] * 1000:.1f} ms, at most {found[-1] * 1000:.1f} ms"


def table(ours: dict[str, Rate], theirs: dict[str, Rate]) -> str:
    """Rows of rates, with ratios where there is something to compare with."""
    figures = "| median | CPU each "
    lines = [f"| | fakekube {figures}| other {figures}| rate | CPU |", f"|{'---|' * 9}"]
    for name, rate in ours.items():
        other = theirs.get(name)
        compared = f"{rate.per_second / other.per_second:.2f} | {_ratio(rate.cpu, other.cpu)}" if other else " | "
        lines.append(f"| {name} | {_cells(rate)} | {_cells(other)} | {compared} |")
    return "\n".join(lines)


def _cells(rate: Rate | None) -> str:
    if rate is None:
        return " | | "
    return f"{rate.per_second:,.0f}/s | {rate.median:.2f} ms | {rate.cpu:.3f} ms"


def _ratio(ours: float, other: float) -> str:
    return f"{ours / other:.2f}" if other else ""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="kubeconfig of another control plane, measured in the same run")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each row is measured")
    parser.add_argument("--only", action="append", default=[], help="part of a row's name; nothing else is measured")
    arguments = parser.parse_args()
    if not arguments.only:
        print(starts(), idleness(), resets(), sep="\n", end="\n\n", flush=True)
    with serving("--nodes", "0") as (_, kubeconfig, _):
        ours = figures(Target.of(kubeconfig), arguments.seconds, arguments.only)
    theirs = figures(Target.of(arguments.against), arguments.seconds, arguments.only) if arguments.against else {}
    print(table(ours, theirs))


if __name__ == "__main__":
    main()
