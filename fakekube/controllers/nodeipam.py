"""The node IPAM controller: gives each node a range of addresses for its pods. Follows pkg/controller/nodeipam."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import is_deleted, name_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

CLUSTER_CIDR = "10.244.0.0/16"
NODE_MASK = 24


class Ranges:
    """The parts of the cluster's range, given away one after the other."""

    def __init__(self, cidr: str) -> None:
        network = ip_network(cidr)
        assert isinstance(network, IPv4Network)
        self._network = network
        self._count = 2 ** (NODE_MASK - network.prefixlen)
        self._next = 0
        self._taken: dict[str, str] = {}
        """range -> node"""

    def take(self, node: str) -> str:
        """The next free range, "" if there is none."""
        for offset in range(self._count):
            index = (self._next + offset) % self._count
            start = self._network.network_address + index * 2 ** (32 - NODE_MASK)
            cidr = f"{start}/{NODE_MASK}"
            if cidr not in self._taken:
                self._next = index + 1
                self._taken[cidr] = node
                return cidr
        return ""

    def occupy(self, cidr: str, node: str) -> None:
        """The node has it already."""
        self._taken[cidr] = node

    def release(self, node: str) -> None:
        """The node is gone."""
        self._taken = {cidr: owner for cidr, owner in self._taken.items() if owner != node}


def controller(cidr: str = CLUSTER_CIDR) -> Controller:
    """A controller with a memory of its own."""
    ranges = Ranges(cidr)

    async def reconcile(name: Key, api: Client) -> None:
        node = api.get(NODES, name)
        if node is None:
            ranges.release(name.name)
        elif given := (node.get("spec") or {}).get("podCIDR"):
            ranges.occupy(given, name.name)
        elif not is_deleted(node):
            await _assign(node, ranges, api)

    return Controller("node-controller", (Watch(NODES),), reconcile, component="cidrAllocator")


async def _assign(node: Object, ranges: Ranges, api: Client) -> None:
    name = name_of(node)
    given = ranges.take(name)
    if not given:
        text = f"Node {name} status is now: CIDRNotAvailable"
        await api.record(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": node["metadata"]["uid"]}},
            "Normal",
            "CIDRNotAvailable",
            text,
        )
        return
    try:
        await api.patch(NODES, Key("", name), {"spec": {"podCIDR": given, "podCIDRs": [given]}})
    except StatusError as error:
        ranges.release(name)
        raise_unless(error, "NotFound")
