"""The environment variables that tell a container of the services there are. Follows pkg/kubelet/envvars of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.objects import Object
from fakekube.registry.client import Reader

MASTER = ("default", "kubernetes")
"""The service that every pod is told of."""


class ServiceVariables:
    """The variables by namespace, made anew when a service has changed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._revision = -1
        self._known: dict[tuple[str, bool], dict[str, str]] = {}

    def of(self, namespace: str, *, links: bool) -> dict[str, str]:
        """For a pod of that namespace; without `links` only the API server's. Not to be changed."""
        revision = self._reader.revision(SERVICES)
        if revision != self._revision:
            self._revision = revision
            self._known.clear()
        found = self._known.get((namespace, links))
        if found is None:
            found = self._known[namespace, links] = dict(self._variables(namespace, links))
        return found

    def _variables(self, namespace: str, links: bool) -> Iterator[tuple[str, str]]:
        services = list(self._reader.list(SERVICES, MASTER[0]))
        chosen = {one["metadata"]["name"]: one for one in services if one["metadata"]["name"] == MASTER[1]}
        if links:
            own = services if namespace == MASTER[0] else self._reader.list(SERVICES, namespace)
            for one in own:
                chosen.setdefault(one["metadata"]["name"], one)
        for service in chosen.values():
            if service["spec"].get("clusterIP") not in (None, "", "None"):
                yield from variables(service)


def variables(service: Object) -> Iterator[tuple[str, str]]:
    """Those of one service: NAME_SERVICE_HOST and so on, and the ones that docker's links made."""
    prefix = service["metadata"]["name"].replace("-", "_").upper()
    address, ports = service["spec"]["clusterIP"], service["spec"].get("ports") or ()
    yield f"{prefix}_SERVICE_HOST", address
    if not ports:
        return
    yield f"{prefix}_SERVICE_PORT", str(ports[0]["port"])
    for port in ports:
        if port.get("name"):
            yield f"{prefix}_SERVICE_PORT_{port['name'].replace('-', '_').upper()}", str(port["port"])
    yield f"{prefix}_PORT", _url(ports[0], address)
    for port in ports:
        yield from _link(prefix, port, address)


def _link(prefix: str, port: Object, address: str) -> Iterator[tuple[str, str]]:
    protocol = port.get("protocol") or "TCP"
    name = f"{prefix}_PORT_{port['port']}_{protocol.upper()}"
    yield name, _url(port, address)
    yield f"{name}_PROTO", protocol.lower()
    yield f"{name}_PORT", str(port["port"])
    yield f"{name}_ADDR", address


def _url(port: Object, address: str) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{(port.get('protocol') or 'TCP').lower()}://{host}:{port['port']}"
