"""The TTL controller: tells kubelets how long they may keep secrets and config maps. Follows pkg/controller/ttl."""

from __future__ import annotations

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import annotations_of
from fakekube.machinery.objects import Key
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

ANNOTATION = "node.alpha.kubernetes.io/ttl"
STEPS = ((0, 100, 0), (90, 500, 15), (450, 1000, 30), (900, 2000, 60), (1800, 10000, 300), (9000, 2**31 - 1, 600))
"""(fewest nodes, most nodes, seconds): they overlap, so that the value does not go to and fro."""


def next_step(step: int, nodes: int) -> int:
    """The step for that many nodes, seen from the present one."""
    while nodes > STEPS[step][1]:
        step += 1
    while nodes < STEPS[step][0]:
        step -= 1
    return step


def controller() -> Controller:
    """A controller with a memory of its own."""
    step = 0

    async def reconcile(name: Key, api: Client) -> None:
        nonlocal step
        step = next_step(step, len(api.list(NODES)))
        node, wanted = api.get(NODES, name), str(STEPS[step][2])
        if node is None or annotations_of(node).get(ANNOTATION) == wanted:
            return
        try:
            await api.patch(NODES, name, {"metadata": {"annotations": {ANNOTATION: wanted}}})
        except StatusError as error:
            raise_unless(error, "NotFound")

    return Controller("ttl-controller", (Watch(NODES),), reconcile)
