"""How fast pods come alive: deployments are created, and what is measured ends when all of their pods are ready.

    python benchmarks/pods.py [--pods 1000] [--nodes 50] [--deployments 10]

CPU time is the server's, which is the API server, the controllers, the scheduler and the nodes. Budget: 5 seconds for
1,000 pods on 50 nodes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass

import processes
from load import Connection, Target, request
from run import serving

BUDGET = 5.0
LOOK = 0.1
"""Seconds between two looks at the deployments."""
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"


@dataclass
class Outcome:
    """What it took."""

    seconds: float
    cpu: float
    """Seconds of the server's CPU time."""


def deployment(number: int, replicas: int) -> bytes:
    """A deployment of a small web server."""
    labels = {"app": f"load-{number}"}
    container = {"name": "web", "image": "nginx", "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    return json.dumps({"metadata": {"name": f"load-{number}"}, "spec": spec}).encode()


def ready_pods(connection: Connection) -> int:
    """How many replicas the deployments report as ready."""
    _, body = connection.ask(request("GET", DEPLOYMENTS))
    return sum(each["status"].get("readyReplicas", 0) for each in json.loads(body)["items"])


def running_pods(connection: Connection) -> int:
    """How many pods are Running, by their own word."""
    _, body = connection.ask(request("GET", PODS))
    return sum(pod["status"]["phase"] == "Running" for pod in json.loads(body)["items"])


def come_alive(target: Target, pods: int, deployments: int) -> Outcome:
    """Create the deployments and wait for their pods. Raises RuntimeError if fewer run than are told."""
    connection = Connection(target)
    begun, cpu = time.perf_counter(), processes.cpu(target.servers)
    for number in range(deployments):
        status, body = connection.ask(request("POST", DEPLOYMENTS, deployment(number, pods // deployments)))
        if status >= 300:
            raise RuntimeError(body.decode())
    while ready_pods(connection) < pods:
        time.sleep(LOOK)
    outcome = Outcome(time.perf_counter() - begun, processes.cpu(target.servers) - cpu)
    if (running := running_pods(connection)) != pods:
        raise RuntimeError(f"{running} pods run")
    connection.close()
    return outcome


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=1_000)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--deployments", type=int, default=10, help="among which the pods are divided evenly")
    arguments = parser.parse_args()
    if arguments.pods % arguments.deployments:
        parser.error("the pods cannot be divided evenly")
    with serving("--nodes", str(arguments.nodes)) as (_, kubeconfig, _):
        time.sleep(2)  # the nodes report themselves ready
        found = come_alive(Target.of(kubeconfig), arguments.pods, arguments.deployments)
    rate = arguments.pods / found.seconds
    each = found.cpu / arguments.pods * 1000
    print(f"{arguments.pods:,} pods of {arguments.deployments} deployments on {arguments.nodes} nodes:")
    print(f"{found.seconds:.1f} s, {rate:,.0f} pods/s; {found.cpu:.1f} s of CPU time, {each:.1f} ms a pod")
    if found.seconds > BUDGET:
        print(f"that is over the {BUDGET:.0f} s that 1,000 pods on 50 nodes may take")


if __name__ == "__main__":
    main()
