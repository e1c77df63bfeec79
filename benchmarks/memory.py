"""What objects take in memory, and that nothing stays of those that are gone.

    python benchmarks/memory.py [--config-maps 10000] [--pods 1000] [--rounds 5] [--each 10000]

In each round so many config maps are created and deleted while watchers come and go. The window of changes and the
decision records fill up in the first ones; from then on a round must leave the server as large as it was.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from itertools import islice

import processes
from load import Connection, Target, request
from run import Load, serving

WATCHERS = 20


def fill(connection: Connection, process: int, requests: Iterator[bytes], count: int) -> float:
    """Bytes that each of the objects takes that so many requests create. Raises RuntimeError."""
    before = processes.memory(process)
    _ask(connection, islice(requests, count))
    return (processes.memory(process) - before) / count


def churn(target: Target, root: str, count: int) -> None:
    """Create and delete so many config maps, with watchers who come, see some of it, and go. Raises RuntimeError."""
    connection = Connection(target)
    for number in range(count):
        if number % (count // WATCHERS) == 0:
            watcher = Connection(target)
            watcher.send(request("GET", f"{root}/configmaps?watch=1"))
        body = b'{"metadata":{"name":"churn"},"data":{"number":"%d"}}' % number
        _ask(connection, [request("POST", f"{root}/configmaps", body), request("DELETE", f"{root}/configmaps/churn")])
        if number % (count // WATCHERS) == 1:
            watcher.close()


def _ask(connection: Connection, requests: Iterable[bytes]) -> None:
    for each in requests:
        status, body = connection.ask(each)
        if status >= 300:
            raise RuntimeError(body.decode())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config-maps", type=int, default=10_000)
    parser.add_argument("--pods", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=10_000, help="config maps that come and go in a round")
    arguments = parser.parse_args()
    load = Load()
    with serving("--nodes", "0") as (process, kubeconfig, _):
        target = Target.of(kubeconfig)
        connection = Connection(target)
        load.begin(connection)
        time.sleep(1)
        print(f"idle: {processes.memory(process) / 1e6:.0f} MB")
        maps = fill(connection, process, load.create_config_map(0), arguments.config_maps)
        pods = fill(connection, process, load.create_pod(0), arguments.pods)
        print(f"a config map: {maps:,.0f} bytes; a pod: {pods:,.0f} bytes")
        for number in range(1, arguments.rounds + 1):
            churn(target, load.root, arguments.each)
            print(f"{number * arguments.each:,} created and deleted: {processes.memory(process) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
