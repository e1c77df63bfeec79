"""The cluster's network: DNS of services and pods, services to ready pods, and the API server itself.

The one connection to the host that exists is to the address on which this API server listens.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Protocol

from msgspec import Struct, field

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader
from fakekube.sandbox import dns
from fakekube.sandbox.dns import DOMAIN, Record
from fakekube.sandbox.network import TlsProblem, UnknownHost, Unreachable
from fakekube.sandbox.streams import CHUNK, Duplex

API_SERVICE = ("default", "kubernetes")
API_CONNECTIONS = 100
"""To the API server at a time, of all containers together."""
CLIENTS = 10_000
"""That are remembered for services with session affinity."""
FINAL_PHASES = ("Succeeded", "Failed")
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  a node's, not ours
EPHEMERAL = (32768, 60999)
"""Ports of clients."""


class Pods(Protocol):
    """The pods that run, by address. All raise ConnectionRefusedError and Unreachable."""

    def connect(self, address: str, port: int, peer: str) -> Duplex:
        """A TCP connection."""

    def speaks_tls(self, address: str, port: int) -> bool:
        """Whether TLS is expected there."""

    def datagram(self, address: str, port: int, data: bytes, peer: str) -> bytes:
        """The answer to a UDP datagram."""


class Cluster(Struct):
    """What all pods share."""

    reader: Reader
    api: Callable[[], tuple[str, int]]
    """Where this API server listens."""
    pods: Pods
    open: int = 0
    """Connections to the API server."""
    affinity: dict[tuple[str, int, str], tuple[tuple[str, int], float]] = field(default_factory=dict)
    """(service, port, client) -> the endpoint that it was sent to and when, for services that stick to it."""


class PodNetwork(Struct, frozen=True):
    """The network as one pod sees it."""

    cluster: Cluster
    namespace: str
    address: str
    hostname: str

    @property
    def name_server(self) -> str:
        """The address of kube-dns, whether it is there or not."""
        found = self.cluster.reader.get(SERVICES, Key("kube-system", "kube-dns"))
        own = self.cluster.reader.get(SERVICES, Key("default", "kubernetes"))
        if found is not None:
            address: str = found["spec"]["clusterIP"]
            return address
        base = own["spec"]["clusterIP"] if own is not None else "10.96.0.1"
        return str(ip_address(base) + 9)

    def resolve(self, name: str) -> Sequence[tuple[str, str]]:
        """(full name, address). Raises UnknownHost."""
        with suppress(ValueError):
            return [(name, str(ip_address(name.strip("[]"))))]
        if name in ("localhost", "ip6-localhost"):
            return [(name, "127.0.0.1")]
        if name == self.hostname:
            return [(name, self.address)]
        for candidate in self._candidates(name):
            addresses = [one.value for one in dns.records(self.cluster.reader, candidate) if one.kind == "A"]
            if addresses:
                return [(candidate, address) for address in addresses]
        raise UnknownHost(name)

    def query(self, name: str, kind: str, *, search: bool) -> Sequence[Record]:
        """What the cluster's DNS answers, perhaps nothing."""
        candidates = self._candidates(name) if search else [name.rstrip(".")]
        return next((found for one in candidates if (found := dns.records(self.cluster.reader, one, kind))), [])

    def _candidates(self, name: str) -> list[str]:
        absolute = name.rstrip(".")
        if name.endswith("."):
            return [absolute]
        return [
            *(f"{absolute}.{domain}" for domain in (f"{self.namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN)),
            absolute,
        ]

    async def connect(self, address: str, port: int) -> Duplex:
        """A TCP connection. Raises ConnectionRefusedError, Unreachable."""
        address, port = self._destination(address, port)
        if (address, port) == self._api():
            return await self._to_api(None, "")
        return self.cluster.pods.connect(address, port, self._peer(address))

    async def datagram(self, address: str, port: int, data: bytes) -> bytes:
        """The answer to a UDP datagram. Raises ConnectionRefusedError, Unreachable."""
        address, port = self._destination(address, port, "UDP")
        return self.cluster.pods.datagram(address, port, data, self._peer(address))

    def _peer(self, address: str) -> str:
        own = "127.0.0.1" if address == self.address else self.address
        return f"{own}:{random.randint(*EPHEMERAL)}"

    async def connect_tls(self, address: str, port: int, host: str, ca: str | None, verify: bool) -> Duplex:
        """A TLS connection. Raises ConnectionRefusedError, Unreachable, TlsProblem."""
        address, port = self._destination(address, port)
        if (address, port) != self._api():
            if not self.cluster.pods.speaks_tls(address, port):
                raise TlsProblem("error:1408F10B:SSL routines:ssl3_get_record:wrong version number")
            if verify:
                raise TlsProblem("self signed certificate", 18)
            return self.cluster.pods.connect(address, port, self._peer(address))
        return await self._to_api(_context(ca, verify), host)

    def _api(self) -> tuple[str, int]:
        return self.cluster.api()

    def _destination(self, address: str, port: int, protocol: str = "TCP") -> tuple[str, int]:
        """Through services to what is behind them. Raises ConnectionRefusedError, Unreachable."""
        if ip_address(address).is_loopback:
            return self._host_port(self.address, address, port, protocol) or (self.address, port)
        node = any(address == one for one in self._node_addresses())
        for service in self.cluster.reader.list(SERVICES):
            spec = service["spec"]
            field_name = "port" if address in (spec.get("clusterIP"), *(spec.get("externalIPs") or ())) else "nodePort"
            if field_name == "nodePort" and not node:
                continue
            for one in spec.get("ports") or ():
                if one.get(field_name) == port and one.get("protocol", "TCP") == protocol:
                    return self._behind(service, one)
            if field_name == "port":
                raise Unreachable
        return (self._host_port(address, address, port, protocol) if node else None) or (address, port)

    def _host_port(self, node: str, address: str, port: int, protocol: str) -> tuple[str, int] | None:
        """Where the pod listens that has this port of a node (both by their addresses), if one has."""
        for pod in self.cluster.reader.list(PODS):
            status, spec = pod.get("status") or {}, pod["spec"]
            if status.get("hostIP") != node or status["phase"] in FINAL_PHASES or spec.get("hostNetwork"):
                continue
            for one in (one for container in spec["containers"] for one in container.get("ports") or ()):
                same = (one.get("hostPort"), one.get("protocol", "TCP")) == (port, protocol)
                if same and one.get("hostIP") in (None, "", ANY_ADDRESS, address) and status.get("podIP"):
                    return status["podIP"], one["containerPort"]
        return None

    def _node_addresses(self) -> Iterator[str]:
        for node in self.cluster.reader.list(NODES):
            for one in (node.get("status") or {}).get("addresses") or ():
                if one["type"] == "InternalIP":
                    yield one["address"]

    def _behind(self, service: Object, port: Object) -> tuple[str, int]:
        metadata = service["metadata"]
        if (metadata["namespace"], metadata["name"]) == API_SERVICE:
            return self._api()  # an API server on a loopback address has no endpoints object
        endpoints = self.cluster.reader.get(ENDPOINTS, Key(metadata["namespace"], metadata["name"])) or {}
        found: list[tuple[str, int]] = [
            (address["ip"], target["port"])
            for subset in endpoints.get("subsets") or ()
            for target in subset.get("ports") or ()
            if target.get("name", "") == port.get("name", "")
            for address in subset.get("addresses") or ()
        ]
        if not found:
            raise ConnectionRefusedError
        if service["spec"].get("sessionAffinity") != "ClientIP":
            return random.choice(found)
        return self._same(service, port["port"], found)

    def _same(self, service: Object, port: int, found: list[tuple[str, int]]) -> tuple[str, int]:
        """The endpoint that this client was sent to before, as long as the service's patience lasts."""
        config = (service["spec"].get("sessionAffinityConfig") or {}).get("clientIP") or {}
        patience, now = config.get("timeoutSeconds", 10800), asyncio.get_running_loop().time()
        key = (service["metadata"]["uid"], port, self.address)
        chosen, since = self.cluster.affinity.get(key, (None, 0.0))
        if chosen not in found or now - since > patience:
            chosen = random.choice(found)
        if len(self.cluster.affinity) >= CLIENTS:
            self.cluster.affinity.clear()
        self.cluster.affinity[key] = (chosen, now)
        return chosen

    async def _to_api(self, context: ssl.SSLContext | None, host: str) -> Duplex:
        cluster = self.cluster
        if cluster.open >= API_CONNECTIONS:
            raise ConnectionRefusedError
        address, port = cluster.api()
        try:
            reader, writer = await asyncio.open_connection(
                address, port, ssl=context, server_hostname=host if context is not None else None
            )
        except ssl.SSLCertVerificationError as error:
            raise TlsProblem(error.verify_message, error.verify_code) from None
        except ssl.SSLError as error:
            raise TlsProblem(error.reason or str(error)) from None
        except OSError:
            raise ConnectionRefusedError from None
        cluster.open += 1
        return Host(cluster, reader, writer)


def _context(ca: str | None, verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca is not None:
        try:
            context.load_verify_locations(cadata=ca)
        except (ssl.SSLError, ValueError):
            raise TlsProblem("error setting certificate verify locations", 77) from None
    return context


class Host:
    """A connection to the API server."""

    def __init__(self, cluster: Cluster, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._cluster = cluster
        self._reader = reader
        self._writer = writer
        self._open = True

    async def read(self, limit: int = CHUNK) -> bytes:
        """Some bytes; b"" is the end."""
        try:
            return await self._reader.read(limit)
        except (ConnectionError, ssl.SSLError):
            return b""

    async def write(self, data: bytes) -> None:
        """Everything. Raises BrokenPipeError."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (ConnectionError, ssl.SSLError):
            raise BrokenPipeError from None

    def end(self) -> None:
        """No more is written; with TLS the other side is not told."""
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def close(self) -> None:
        """Hang up."""
        if self._open:
            self._open = False
            self._cluster.open -= 1
            self._writer.close()


def pod_exists(reader: Reader, address: str) -> bool:
    """Whether any pod has that address."""
    return any(pod.get("status", {}).get("podIP") == address for pod in reader.list(PODS))
