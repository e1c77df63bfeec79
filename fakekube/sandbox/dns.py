"""What the cluster's DNS answers: services, the pods behind them, and pods by their addresses. Follows CoreDNS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import NamedTuple

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader

DOMAIN = "cluster.local"
REVERSE = ".in-addr.arpa"
CHAIN = 4
"""Aliases that are followed."""


class Record(NamedTuple):
    """One record; names in it are whole, without the last dot."""

    name: str
    kind: str
    value: str


def records(reader: Reader, name: str, kind: str = "A") -> list[Record]:
    """The answer to a question for A, SRV, PTR or CNAME; the name is whole."""
    name = name.lower()
    if name.endswith(REVERSE):
        return list(_names_of(reader, name)) if kind == "PTR" else []
    labels = name.split(".")
    if len(labels) < 5 or labels[-2:] != DOMAIN.split("."):
        return []
    if labels[-3] == "pod":
        return list(_pod(name, labels)) if kind == "A" else []
    service = reader.get(SERVICES, Key(labels[-4], labels[-5])) if labels[-3] == "svc" else None
    return [] if service is None else _of_service(reader, service, name, labels[:-5], kind)


def _pod(name: str, labels: list[str]) -> Iterator[Record]:
    with suppress(ValueError):
        if len(labels) == 5:
            yield Record(name, "A", str(ip_address(labels[0].replace("-", "."))))


def _of_service(reader: Reader, service: Object, name: str, inner: list[str], kind: str) -> list[Record]:
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        target = spec["externalName"].rstrip(".")
        alias = [Record(name, "CNAME", target)] if not inner else []
        return alias + (_followed(reader, target) if kind == "A" and alias else [])
    if kind == "SRV":
        return list(_ports(reader, service, name, inner))
    if kind != "A":
        return []
    if spec.get("clusterIP") not in (None, "", "None"):
        return [] if inner else [Record(name, "A", spec["clusterIP"])]
    return [
        Record(name, "A", address["ip"])
        for address, _ in _addresses(reader, service)
        if not inner or inner == [_label(address)]
    ]


def _followed(reader: Reader, target: str) -> list[Record]:
    found: list[Record] = []
    for _ in range(CHAIN):
        labels = target.split(".")
        service = reader.get(SERVICES, Key(labels[-4], labels[-5])) if target.endswith(f".svc.{DOMAIN}") else None
        if service is None or service["spec"].get("type") != "ExternalName":
            return found + (records(reader, target) if service is not None else [])
        found.append(Record(target, "CNAME", service["spec"]["externalName"].rstrip(".")))
        target = found[-1].value
    return []


def _ports(reader: Reader, service: Object, name: str, inner: list[str]) -> Iterator[Record]:
    """SRV records: of one port (_name._protocol), or of all."""
    metadata, spec = service["metadata"], service["spec"]
    whole = f"{metadata['name']}.{metadata['namespace']}.svc.{DOMAIN}"
    headless = spec.get("clusterIP") in (None, "", "None")
    for port in spec.get("ports") or ():
        if inner and inner != [f"_{port.get('name', '')}", f"_{port.get('protocol', 'TCP').lower()}"]:
            continue
        if not headless:
            yield Record(name, "SRV", f"0 100 {port['port']} {whole}")
            continue
        for address, ports in _addresses(reader, service):
            number = ports.get(port.get("name", ""))
            if number is not None:
                yield Record(name, "SRV", f"0 100 {number} {_label(address)}.{whole}")


def _names_of(reader: Reader, name: str) -> Iterator[Record]:
    address = ".".join(reversed(name.removesuffix(REVERSE).split(".")))
    for service in reader.list(SERVICES):
        metadata = service["metadata"]
        whole = f"{metadata['name']}.{metadata['namespace']}.svc.{DOMAIN}"
        if service["spec"].get("clusterIP") == address:
            yield Record(name, "PTR", whole)
        elif service["spec"].get("clusterIP") == "None":
            for one, _ in _addresses(reader, service):
                if one["ip"] == address:
                    yield Record(name, "PTR", f"{_label(one)}.{whole}")


def _label(address: Object) -> str:
    return str(address.get("hostname") or address["ip"].replace(".", "-"))


def _addresses(reader: Reader, service: Object) -> Iterator[tuple[Object, dict[str, int]]]:
    """(address, its ports by name) of the ready ones behind a service."""
    metadata = service["metadata"]
    endpoints = reader.get(ENDPOINTS, Key(metadata["namespace"], metadata["name"])) or {}
    for subset in endpoints.get("subsets") or ():
        ports = {port.get("name", ""): port["port"] for port in subset.get("ports") or ()}
        for address in subset.get("addresses") or ():
            yield address, ports
