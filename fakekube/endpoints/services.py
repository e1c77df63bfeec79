"""Services get their cluster IP and node ports here. Follows pkg/registry/core/service/storage/rest.go.

What is taken is read off the services that exist; no allocation is kept beside them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from fakekube.apis.core.services import EXPOSED, RESOURCE, is_headless, mirror_address
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make

NODE_PORTS = range(30000, 32768)
SPEC = Path("spec")
TAKEN_ADDRESS = "provided IP is already allocated"
TAKEN_PORT = "provided port is already allocated"


async def create(scope: Scope, service: Object, services: Services) -> Answer:
    """Allocate, then store it. Raises Invalid (422)."""
    _allocate(scope, service, services, None)
    return await services.registry.store(RESOURCE).create(scope, service)


async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
    """Allocate what the new type needs and the old one did not have. Raises Invalid (422)."""
    if scope.subresource:
        return await services.registry.store(RESOURCE).update(scope, make)

    async def allocated(current: Object | None) -> Object:
        service = await make(current)
        if current is not None:
            _carry_over(service["spec"], current["spec"])
        _allocate(scope, service, services, current)
        return service

    return await services.registry.store(RESOURCE).update(scope, allocated)


def _carry_over(spec: Object, before: Object) -> None:
    """What the client left out stays: the address, and the node ports of equal ports."""
    if spec.get("type") == "ExternalName":
        return
    if before.get("type") != "ExternalName" and not spec.get("clusterIP") and before.get("clusterIP"):
        spec["clusterIP"] = before["clusterIP"]


def _allocate(scope: Scope, service: Object, services: Services, current: Object | None) -> None:
    spec, name = service["spec"], service["metadata"].get("name", "")
    others = [
        other.object for other in services.registry.store(RESOURCE).collection.list() if other.object is not current
    ]
    errors = [*_address(spec, others, services), *_ports(spec, others)]
    if errors:
        raise status.invalid("", "Service", name, errors)


def _address(spec: Object, others: list[Object], services: Services) -> Iterator[FieldError]:
    if spec.get("type") == "ExternalName" or is_headless(spec):
        return
    network = ip_network(services.service_range)
    taken = {other["spec"].get("clusterIP") for other in others}
    given = spec.get("clusterIP")
    if not given:
        spec["clusterIP"] = _free_address(taken, services.service_range)
        mirror_address(spec)
        return
    try:
        address = ip_address(given)
    except ValueError:
        return  # validation says so
    if address not in network:
        why = f"provided IP is not in the valid range. The range of valid IPs is {network}"
        yield invalid(SPEC / "clusterIPs", Go([given], "[]string"), f"failed to allocated ip:{given} with error:{why}")
    elif given in taken:
        why = f"failed to allocated ip:{given} with error:{TAKEN_ADDRESS}"
        yield invalid(SPEC / "clusterIPs", Go([given], "[]string"), why)


def _free_address(taken: set[str], cidr: str) -> str:
    network = ip_network(cidr)
    while True:  # a range of any use is never nearly full
        address = str(network[random.randrange(1, network.num_addresses - 1)])
        if address not in taken:
            return address


def _ports(spec: Object, others: list[Object]) -> Iterator[FieldError]:
    taken = {port["nodePort"] for other in others for port in other["spec"].get("ports", ()) if port.get("nodePort")}
    own: set[int] = set()
    for index, port in enumerate(spec.get("ports", ())):
        path = SPEC / "ports" @ index / "nodePort"
        given = port.get("nodePort", 0)
        if given and spec.get("type") in EXPOSED:
            if given not in NODE_PORTS:
                first, last = NODE_PORTS[0], NODE_PORTS[-1]
                why = f"provided port is not in the valid range. The range of valid ports is {first}-{last}"
                yield invalid(path, given, why)
            elif given in taken:
                yield invalid(path, given, TAKEN_PORT)
        elif spec.get("type") in EXPOSED:
            port["nodePort"] = given = random.choice([n for n in NODE_PORTS if n not in taken and n not in own])
        own.add(given)


ENDPOINTS = (Endpoint("", "services", create=create, update=update),)
