"""Endpoints. Follows pkg/apis/core/validation and pkg/registry/core/endpoint of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.addresses import not_special
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, dns_subdomain, ip, port_number, qualified_name
from fakekube.machinery.objects import Object

SUBSETS = Path("subsets")
PROTOCOLS = ("SCTP", "TCP", "UDP")
SHOWN = 3
"""How many addresses a table shows."""


def default(endpoints: Object) -> None:
    """Ports are those of TCP."""
    for subset in endpoints.get("subsets") or ():
        for port in subset.get("ports") or ():
            if not port.get("protocol"):
                port["protocol"] = "TCP"


def validate(endpoints: Object) -> Iterator[FieldError]:
    """Yield what is wrong with new endpoints."""
    yield from again.created(endpoints)
    yield from _subsets(endpoints)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; anything may change."""
    yield from again.changed(new, old)
    yield from again.judged(new, namespaced=True)
    yield from _subsets(new)


def _subsets(endpoints: Object) -> Iterator[FieldError]:
    for index, subset in enumerate(endpoints.get("subsets") or ()):
        here = SUBSETS @ index
        ports = subset.get("ports") or ()
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield required(here, "must specify `addresses` or `notReadyAddresses`")
        for name in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(name) or ()):
                yield from _address(address, here / name @ number)
        for number, port in enumerate(ports):
            yield from _port(port, len(ports) > 1, here / "ports" @ number)


def _address(address: Object, path: Path) -> Iterator[FieldError]:
    yield from breaches(address.get("ip", ""), path / "ip", ip)
    if host := address.get("hostname"):
        yield from breaches(host, path / "hostname", dns_label)
    if (node := address.get("nodeName")) is not None:
        yield from breaches(node, path / "nodeName", dns_subdomain)
    yield from not_special(address.get("ip", ""), path / "ip")


def _port(port: Object, needs_name: bool, path: Path) -> Iterator[FieldError]:
    name, number, protocol, application = (port.get(key) for key in ("name", "port", "protocol", "appProtocol"))
    if name:
        yield from breaches(name, path / "name", dns_label)
    elif needs_name:
        yield required(path / "name")
    yield from (invalid(path / "port", number or 0, wrong) for wrong in port_number(number or 0))
    if not protocol:
        yield required(path / "protocol")
    elif protocol not in PROTOCOLS:
        yield not_supported(path / "protocol", protocol, PROTOCOLS)
    if application is not None:
        shown = Go(application, "*string")
        yield from (invalid(path / "appProtocol", shown, wrong) for wrong in qualified_name(application))


def _addresses(endpoints: Object, _: float) -> str:
    """The first few addresses with each port, and how many more there are."""
    found: list[str] = []
    for subset in endpoints.get("subsets") or ():
        addresses = [address.get("ip", "") for address in subset.get("addresses") or ()]
        if not (ports := subset.get("ports")):
            found += addresses
        for port in ports or ():
            found += [_host_port(address, port.get("port", 0)) for address in addresses]
    if not endpoints.get("subsets"):
        return "<none>"
    text = ",".join(found[:SHOWN])
    return f"{text} + {len(found) - SHOWN} more..." if len(found) > SHOWN else text


def _host_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


RESOURCE = Resource(
    group="",
    plural="endpoints",
    kind="Endpoints",
    list_kind="EndpointsList",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("ep",),
    create_on_update=True,
    validate=validate,
    validate_update=validate_update,
    columns=(NAME, Column("Endpoints", "string", _addresses), AGE),
)
