"""EndpointSlice. Follows pkg/apis/discovery and pkg/registry/discovery/endpointslice of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.equality import same
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    invalid,
    not_supported,
    required,
    too_many,
)
from fakekube.machinery.metarules import validate_labels
from fakekube.machinery.names import (
    dns_label,
    dns_subdomain,
    fully_qualified_domain_name,
    ip_of_family,
    qualified_name,
)
from fakekube.machinery.objects import Object

TYPES: Mapping[str, Callable[[str, Path], Iterator[FieldError]]] = {
    "FQDN": fully_qualified_domain_name,
    "IPv4": partial(ip_of_family, 4),
    "IPv6": partial(ip_of_family, 6),
}
"""Address type: the check of an address."""
PROTOCOLS = ("SCTP", "TCP", "UDP")
MAX_ENDPOINTS, MAX_ADDRESSES, MAX_PORTS, MAX_TOPOLOGY = 1000, 100, 100, 16
SHOWN = 3
DISABLED_CONDITIONS = ("serving", "terminating")
"""Conditions of a feature that is off in v1.20, as is the endpoints' nodeName."""


def default(endpoints: Object) -> None:
    """Ports have a name, be it empty, and are TCP."""
    for port in endpoints.get("ports") or ():
        if port.get("name") is None:
            port["name"] = ""
        if port.get("protocol") is None:
            port["protocol"] = "TCP"


def prepare_create(endpoints: Object) -> None:
    """Disabled fields go."""
    _drop(endpoints, node_names=True, conditions=True)


def prepare_update(new: Object, old: Object) -> None:
    """Disabled fields go, unless the old object has such; they count as changes all the same."""
    if not same(_counted(new), _counted(old), "discovery.EndpointSlice"):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
    before = old.get("endpoints") or ()
    names = any(one.get("nodeName") is not None for one in before)
    told = any((one.get("conditions") or {}).get(name) is not None for one in before for name in DISABLED_CONDITIONS)
    _drop(new, node_names=not names, conditions=not told)


def _drop(endpoints: Object, *, node_names: bool, conditions: bool) -> None:
    for endpoint in endpoints.get("endpoints") or ():
        if node_names:
            endpoint.pop("nodeName", None)
        if conditions and endpoint.get("conditions"):
            kept = {name: told for name, told in endpoint["conditions"].items() if name not in DISABLED_CONDITIONS}
            endpoint["conditions"] = kept


def validate(endpoints: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new slice."""
    yield from again.created(endpoints)
    yield from _all_but_metadata(endpoints)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """The type of the addresses never changes."""
    yield from again.judged(new, namespaced=True)
    yield from _all_but_metadata(new)
    type_ = new.get("addressType", "")
    if type_ != old.get("addressType", ""):
        yield invalid(Path("addressType"), type_, "field is immutable")


def _all_but_metadata(endpoints: Object) -> Iterator[FieldError]:
    type_ = endpoints.get("addressType", "")
    if not type_:
        yield required(Path("addressType"))
    elif type_ not in TYPES:
        yield not_supported(Path("addressType"), type_, TYPES)
    found, path = endpoints.get("endpoints") or (), Path("endpoints")
    if len(found) > MAX_ENDPOINTS:
        yield too_many(path, len(found), MAX_ENDPOINTS)
    else:
        for index, endpoint in enumerate(found):
            yield from _endpoint(endpoint, type_, path @ index)
    yield from _ports(endpoints.get("ports") or [], Path("ports"))


def _endpoint(endpoint: Object, type_: str, path: Path) -> Iterator[FieldError]:
    addresses = endpoint.get("addresses") or ()
    if not addresses:
        yield required(path / "addresses", "must contain at least 1 address")
    elif len(addresses) > MAX_ADDRESSES:
        yield too_many(path / "addresses", len(addresses), MAX_ADDRESSES)
    if check := TYPES.get(type_):
        for index, address in enumerate(addresses):
            yield from check(address, path / "addresses" @ index)
    if (node := endpoint.get("nodeName")) is not None:
        yield from breaches(node, path / "nodeName", dns_subdomain)
    topology = endpoint.get("topology") or {}
    if len(topology) > MAX_TOPOLOGY:
        yield too_many(path / "topology", len(topology), MAX_TOPOLOGY)
    yield from validate_labels(topology, path / "topology")
    if (host := endpoint.get("hostname")) is not None:
        yield from breaches(host, path / "hostname", dns_label)


def _ports(ports: list[Object], path: Path) -> Iterator[FieldError]:
    if len(ports) > MAX_PORTS:
        yield too_many(path, len(ports), MAX_PORTS)
        return
    names = [port.get("name") or "" for port in ports]
    for index, (port, name) in enumerate(zip(ports, names, strict=True)):
        here = path @ index
        if name:
            yield from breaches(name, here / "name", dns_label)
        if name in names[:index]:
            yield duplicate(here / "name", name)
        protocol = port.get("protocol")
        if protocol is None:
            yield required(here / "protocol")
        elif protocol not in PROTOCOLS:
            yield not_supported(here / "protocol", protocol, PROTOCOLS)
        if (application := port.get("appProtocol")) is not None:
            yield from breaches(application, here / "appProtocol", qualified_name)


def _shown(values: Iterable[str]) -> str:
    values = list(values)
    text = ",".join(values[:SHOWN])
    return f"{text} + {len(values) - SHOWN} more..." if len(values) > SHOWN else text or "<unset>"


def _port_cell(endpoints: Object, _: float) -> str:
    return _shown(_port_text(port) for port in endpoints.get("ports") or ())


def _port_text(port: Object) -> str:
    number, name = port.get("port"), port.get("name")
    return str(number) if number is not None else "*" if name is None else name


def _address_cell(endpoints: Object, _: float) -> str:
    return _shown(address for one in endpoints.get("endpoints") or () for address in one.get("addresses") or ())


def _counted(endpoints: Object) -> Object:
    return {name: value for name, value in endpoints.items() if name != "metadata"}


RESOURCE = Resource(
    group="discovery.k8s.io",
    plural="endpointslices",
    kind="EndpointSlice",
    versions=(
        Version("v1", since="1.21", defaults=default),
        Version("v1beta1", storage=True, since="1.17", until="1.25", defaults=default),
    ),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=_counted,
    columns=(
        NAME,
        Column("AddressType", "string", ".addressType"),
        Column("Ports", "string", _port_cell),
        Column("Endpoints", "string", _address_cell),
        AGE,
    ),
)
