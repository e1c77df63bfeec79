"""The cluster's network: DNS of services and pods, services to ready pods, and the API server itself.

The one connection to the host that exists is to the address on which this API server listens.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader
from fakekube.sandbox.network import TlsProblem, UnknownHost, Unreachable
from fakekube.sandbox.streams import CHUNK, Duplex
from fakekube.sandbox.tls import Secured

DOMAIN = "cluster.local"
NDOTS = 5
API_SERVICE = ("default", "kubernetes")
API_CONNECTIONS = 100
"""To the API server at a time, of all containers together."""
Local = Callable[[str, int], Duplex]
"""(address, port) -> a connection to a pod. Raises ConnectionRefusedError, Unreachable."""


@dataclass(slots=True)
class Cluster:
    """What all pods share."""

    reader: Reader
    api: Callable[[], tuple[str, int]]
    """Where this API server listens."""
    local: Local
    open: int = 0
    """Connections to the API server."""


@dataclass(frozen=True, slots=True)
class PodNetwork:
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
        absolute = name.rstrip(".")
        search = [f"{absolute}.{self.namespace}.svc.{DOMAIN}", f"{absolute}.svc.{DOMAIN}", f"{absolute}.{DOMAIN}"]
        candidates = [absolute] if name.endswith(".") else [*search, absolute]
        for candidate in candidates:
            if found := self._records(candidate, 0):
                return [(candidate, address) for address in found]
        raise UnknownHost(name)

    def _records(self, name: str, depth: int) -> list[str]:
        labels = name.lower().split(".")
        if len(labels) < 5 or labels[-3:] not in (["svc", "cluster", "local"], ["pod", "cluster", "local"]):
            return []
        namespace = labels[-4]
        if labels[-3] == "pod":
            return self._pod_record(labels[0], namespace) if len(labels) == 5 else []
        service = self.cluster.reader.get(SERVICES, Key(namespace, labels[-5]))
        if service is None:
            return []
        if service["spec"].get("type") == "ExternalName":
            return self._records(service["spec"]["externalName"], depth + 1) if depth < 4 else []
        if service["spec"].get("clusterIP") not in (None, "", "None"):
            return [service["spec"]["clusterIP"]] if len(labels) == 5 else []
        wanted = labels[0] if len(labels) == 6 else ""
        return [
            one["ip"] for one in self._addresses(namespace, labels[-5]) if not wanted or one.get("hostname") == wanted
        ]

    def _pod_record(self, label: str, namespace: str) -> list[str]:
        address = label.replace("-", ".")
        with suppress(ValueError):
            return [str(ip_address(address))]
        return []

    def _addresses(self, namespace: str, name: str) -> list[Object]:
        endpoints = self.cluster.reader.get(ENDPOINTS, Key(namespace, name)) or {}
        return [address for subset in endpoints.get("subsets") or () for address in subset.get("addresses") or ()]

    async def connect(self, address: str, port: int) -> Duplex:
        """A TCP connection. Raises ConnectionRefusedError, Unreachable."""
        address, port = self._destination(address, port)
        if (address, port) == self._api():
            return await self._to_api(None, "")
        return self.cluster.local(address, port)

    async def connect_tls(self, address: str, port: int, host: str, ca: str | None, verify: bool) -> Duplex:
        """A TLS connection. Raises ConnectionRefusedError, Unreachable, TlsProblem."""
        address, port = self._destination(address, port)
        if (address, port) == self._api():
            return await self._to_api(_context(ca, verify), host)
        secured = Secured(self.cluster.local(address, port), _context(ca, verify), host=host)
        try:
            await secured.handshake()
        except ssl.SSLError as error:
            secured.close()
            raise _problem(error) from None
        except BrokenPipeError:
            raise TlsProblem("OpenSSL SSL_connect: SSL_ERROR_SYSCALL") from None
        return secured

    def _api(self) -> tuple[str, int]:
        return self.cluster.api()

    def _destination(self, address: str, port: int) -> tuple[str, int]:
        """Through services to what is behind them. Raises ConnectionRefusedError, Unreachable."""
        if ip_address(address).is_loopback:
            return self.address, port
        for service in self.cluster.reader.list(SERVICES):
            spec = service["spec"]
            if address in (spec.get("clusterIP"), *(spec.get("externalIPs") or ())):
                return self._behind(service, port)
        return address, port

    def _behind(self, service: Object, port: int) -> tuple[str, int]:
        metadata = service["metadata"]
        ports = [one for one in service["spec"].get("ports") or () if one["port"] == port]
        if not ports:
            raise Unreachable
        if (metadata["namespace"], metadata["name"]) == API_SERVICE:
            return self._api()  # an API server on a loopback address has no endpoints object
        endpoints = self.cluster.reader.get(ENDPOINTS, Key(metadata["namespace"], metadata["name"])) or {}
        found = [
            (address["ip"], target["port"])
            for subset in endpoints.get("subsets") or ()
            for target in subset.get("ports") or ()
            if target.get("name", "") == ports[0].get("name", "")
            for address in subset.get("addresses") or ()
        ]
        if not found:
            raise ConnectionRefusedError
        return random.choice(found)

    async def _to_api(self, context: ssl.SSLContext | None, host: str) -> Duplex:
        cluster = self.cluster
        if cluster.open >= API_CONNECTIONS:
            raise ConnectionRefusedError
        address, port = cluster.api()
        try:
            reader, writer = await asyncio.open_connection(
                address, port, ssl=context, server_hostname=host if context is not None else None
            )
        except ssl.SSLError as error:
            raise _problem(error) from None
        except OSError:
            raise ConnectionRefusedError from None
        cluster.open += 1
        return Host(cluster, reader, writer)


def _problem(error: ssl.SSLError) -> TlsProblem:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsProblem(error.verify_message, error.verify_code)
    if error.reason == "WRONG_VERSION_NUMBER":
        return TlsProblem("error:1408F10B:SSL routines:ssl3_get_record:wrong version number")
    return TlsProblem(error.reason or str(error))


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
