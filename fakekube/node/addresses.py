"""Addresses of nodes and pods. They exist inside the simulation only."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

NODES = IPv4Network("172.18.0.0/16")
PODS = IPv4Network("10.244.0.0/16")


def of_node(number: int) -> str:
    """The address of the node with that number, from 0 on."""
    return str(NODES[2 + number])


def pods_of_node(number: int) -> IPv4Network:
    """Where the pods of that node get their addresses from if it has no podCIDR."""
    return IPv4Network((int(PODS.network_address) + (number << 8), 24))


class Pool:
    """The addresses of one node's pods; each new one is higher than the last, until it begins anew."""

    def __init__(self, network: IPv4Network) -> None:
        self.network = network
        self._taken: set[str] = set()
        self._last = 1

    def take(self) -> str:
        """A free address; "" if there is none."""
        size = self.network.num_addresses
        for _ in range(size):
            self._last = self._last + 1 if self._last < size - 2 else 2
            address = str(IPv4Address(int(self.network.network_address) + self._last))
            if address not in self._taken:
                self._taken.add(address)
                return address
        return ""

    def release(self, address: str) -> None:
        """The address is free again."""
        self._taken.discard(address)
