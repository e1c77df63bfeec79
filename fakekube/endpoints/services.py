"""Services get their cluster IP and node ports here. Follows pkg/registry/core/service/storage/rest.go.

What is taken is read off the services that exist; no allocation is kept beside them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from itertools import chain

from msgspec.structs import replace

from fakekube.apis import meta
from fakekube.apis.core.serviceaddresses import is_headless
from fakekube.apis.core.services import (
    EXPOSED,
    RESOURCE,
    needs_health_check,
    node_ports,
    prepare_create,
    prepare_update,
    validate,
    validate_traffic_fields,
    validate_update,
)
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_1035_label
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make

NODE_PORTS = range(30000, 32768)
SYSTEM = ("namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
"""Metadata that an update takes from the current object."""
SPEC = Path("spec")
HEALTH_PORT = SPEC / "healthCheckNodePort"
TAKEN_ADDRESS = "provided IP is already allocated"
TAKEN_PORT = "provided port is already allocated"
FIXED_HEALTH_PORT = "cannot change healthCheckNodePort on loadBalancer service with externalTraffic=Local during update"


async def create(scope: Scope, service: Object, services: Services) -> Answer:
    """Store it with what is allocated to it. Raises Invalid (422)."""
    return await services.registry.store(RESOURCE).create(_judged(scope, services), service)


async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
    """Allocate what the new type needs and the old one did not have. Raises Invalid (422)."""
    judged = scope if scope.subresource else _judged(scope, services)
    return await services.registry.store(RESOURCE).update(judged, make)


def _judged(scope: Scope, services: Services) -> Scope:
    """The scope in which services are allocated what they need, unless the store will find something wrong."""

    async def judge(service: Object, current: Object | None) -> None:
        if current is None:
            prepare_create(service)
            faults = validate(service)
        else:
            prepare_update(service, current)
            known = {name: current["metadata"][name] for name in SYSTEM if name in current["metadata"]}
            candidate = {**service, "metadata": {**service["metadata"], **known}}
            _check_revision(candidate, current)
            faults = validate_update(candidate, current)
        if not any(faults):
            _allocate(scope, service, current, services)

    return replace(scope, judge=judge)


def _check_revision(service: Object, current: Object) -> None:
    """Services are judged before their revision is looked at, so one that is left out is missed. Raises Invalid."""
    metadata = service["metadata"]
    if metadata.get("resourceVersion"):
        return
    errors = [
        *meta.validate_object_meta(metadata, True, dns_1035_label),
        *meta.validate_object_meta_update(metadata, current["metadata"]),
        *validate_update(service, current),
    ]
    raise _invalid(service, errors)


def _invalid(service: Object, errors: list[FieldError]) -> status.StatusError:
    return status.invalid("", RESOURCE.kind, service["metadata"].get("name", ""), errors)


def _allocate(scope: Scope, service: Object, old: Object | None, services: Services) -> None:
    """Raises Invalid (422), InternalError (500)."""
    spec, before = service["spec"], old["spec"] if old is not None else None
    every = [entry.object["spec"] for entry in services.registry.store(RESOURCE).collection.list()]
    if not scope.dry_run:
        _allocate_address(service, before, every, services)
    ports = _Ports(set(chain.from_iterable(map(_ports_of, every))), scope.dry_run)
    if spec["type"] in EXPOSED:
        _allocate_ports(service, before, ports)
    _allocate_health_port(service, before, ports)
    if before is not None and before["type"] in EXPOSED and spec["type"] not in EXPOSED:
        spec.pop("externalTrafficPolicy", None)
    if errors := list(validate_traffic_fields(spec)):
        raise _invalid(service, errors)


def _ports_of(spec: Object) -> Iterator[int]:
    yield from node_ports(spec)
    if spec.get("healthCheckNodePort"):
        yield spec["healthCheckNodePort"]


# Addresses


def _allocate_address(service: Object, before: Object | None, every: list[Object], services: Services) -> None:
    spec = service["spec"]
    if spec["type"] == "ExternalName" or is_headless(spec):
        return
    if before is not None and before["type"] != "ExternalName":
        return
    given, taken = spec.get("clusterIP"), {other.get("clusterIP") for other in every}
    if given:
        _check_address(service, given, taken, services.service_range)
    else:
        spec["clusterIP"] = _free_address(taken, services.service_range)
    spec["clusterIPs"] = [spec["clusterIP"]]


def _check_address(service: Object, given: str, taken: set[str | None], cidr: str) -> None:
    network = ip_network(cidr)
    why = TAKEN_ADDRESS if given in taken else ""
    if ip_address(given) not in network:
        why = f"provided IP is not in the valid range. The range of valid IPs is {network}"
    if why:
        shown = Go([given], "[]string")
        text = f"failed to allocated ip:{given} with error:{why}"
        raise _invalid(service, [invalid(SPEC / "clusterIPs", shown, text)])


def _free_address(taken: set[str | None], cidr: str) -> str:
    network = ip_network(cidr)
    while True:  # a range of any use is never nearly full
        address = str(network[random.randrange(1, network.num_addresses - 1)])
        if address not in taken:
            return address


# Ports


class _Ports:
    """Node ports that one request takes. A dry run takes any that is free, and makes up those that nobody named."""

    def __init__(self, taken: set[int], dry_run: bool) -> None:
        self._taken = taken
        self._dry_run = dry_run
        self._own: set[int] = set()

    def take(self, number: int) -> str:
        """Take that one; "" or why it cannot be had."""
        if number not in NODE_PORTS and not self._dry_run:
            first, last = NODE_PORTS[0], NODE_PORTS[-1]
            return f"provided port is not in the valid range. The range of valid ports is {first}-{last}"
        if number in self._taken or number in self._own:
            return TAKEN_PORT
        self._own.add(number)
        return ""

    def take_any(self) -> int:
        """Take a free one."""
        if self._dry_run:
            number = max(self._own, default=NODE_PORTS.stop) + 1
        else:
            number = random.choice([n for n in NODE_PORTS if n not in self._taken and n not in self._own])
        self._own.add(number)
        return number


def _allocate_ports(service: Object, before: Object | None, free: _Ports) -> None:
    """Node ports; on creation ports of the same number share one, whatever their protocols."""
    ports = service["spec"].get("ports") or ()
    own = node_ports(before) if before is not None else set()
    wanted: dict[int, int] = {}
    if before is None:
        for port in ports:
            if port.get("nodePort"):
                wanted.setdefault(port["port"], port["nodePort"])
    for index, port in enumerate(ports):
        number = port.get("nodePort") or wanted.get(port["port"], 0)
        if not number:
            number = free.take_any()
            if before is None:
                wanted[port["port"]] = number
        elif number not in own and (why := free.take(number)):
            path = SPEC / "ports" @ index / "nodePort"
            raise _invalid(service, [invalid(path, number, why)])
        port["nodePort"] = number
        own.add(number)


def _allocate_health_port(service: Object, before: Object | None, free: _Ports) -> None:
    """The port by which a load balancer asks nodes. Raises Invalid (422), InternalError (500)."""
    spec = service["spec"]
    given = spec.get("healthCheckNodePort", 0)
    needed, needs = before is not None and needs_health_check(before), needs_health_check(spec)
    if needed and not needs:
        spec.pop("healthCheckNodePort", None)
    elif needed and before is not None and given != before.get("healthCheckNodePort", 0):
        raise _invalid(service, [invalid(HEALTH_PORT, given, FIXED_HEALTH_PORT)])
    elif needs and not needed:
        if given and (why := free.take(given)):
            raise status.internal_error(f"failed to allocate requested HealthCheck NodePort {given}: {why}")
        spec["healthCheckNodePort"] = given or free.take_any()


ENDPOINTS = (Endpoint("", "services", create=create, update=update),)
