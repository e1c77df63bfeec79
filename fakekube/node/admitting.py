"""Whether a node takes a pod that was given to it. Follows pkg/kubelet/lifecycle/predicate.go of v1.20.

A pod that the scheduler placed always fits; one whose creator named the node may not. Pure functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from fakekube.apis.core.pods import placement
from fakekube.machinery import quantity
from fakekube.machinery.objects import Object
from fakekube.node.state import Failure

RESOURCES = ("cpu", "memory", "ephemeral-storage")


def refusal(pod: Object, others: Sequence[Object], node: Object, allocatable: Mapping[str, str]) -> Failure | None:
    """Why the node does not take the pod beside those that it has: the first reason; None if it does."""
    return next(_reasons(pod, others, node, allocatable), None)


def _reasons(pod: Object, others: Sequence[Object], node: Object, allocatable: Mapping[str, str]) -> Iterator[Failure]:
    if len(others) + 1 > int(allocatable["pods"]):
        yield _out_of("pods", 1, len(others), int(allocatable["pods"]))
    wanted = requests(pod)
    if any(wanted.values()):
        used: Counter[str] = Counter()
        for other in others:
            used.update(requests(other))
        for name in RESOURCES:
            capacity = amount(name, allocatable.get(name, "0"))
            if wanted[name] + used[name] > capacity:
                yield _out_of(name, wanted[name], used[name], capacity)
    if not placement.matches_node(pod["spec"], node):
        yield _failed("NodeAffinity")
    taken = {port for other in others for port in host_ports(other)}
    if taken & set(host_ports(pod)):
        yield _failed("NodePorts")


def _out_of(name: str, requested: int, used: int, capacity: int) -> Failure:
    text = f"Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}"
    return Failure(f"OutOf{name}", text)


def _failed(predicate: str) -> Failure:
    return Failure(predicate, f"Predicate {predicate} failed")


def requests(pod: Object) -> Counter[str]:
    """What the pod asks for: the sum of its containers, or the most of an init container where that is more."""
    total: Counter[str] = Counter()
    for container in pod["spec"]["containers"]:
        total.update(_asked(container))
    for container in pod["spec"].get("initContainers") or ():
        total |= _asked(container)
    return total


def _asked(container: Object) -> Counter[str]:
    asked = (container.get("resources") or {}).get("requests") or {}
    return Counter({name: amount(name, asked[name]) for name in RESOURCES if name in asked})


def amount(name: str, text: str) -> int:
    """CPUs in thousandths, all else in whole ones."""
    parsed = quantity.parse(text)
    return parsed.milli_value() if name == "cpu" else parsed.value()


def host_ports(pod: Object) -> Iterator[tuple[str, str, int]]:
    """(address, protocol, port) of the node that the pod takes."""
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", port["hostPort"]  # noqa: S104
