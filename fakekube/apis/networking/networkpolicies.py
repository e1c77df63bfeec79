"""NetworkPolicy. Follows pkg/apis/networking and pkg/registry/networking/networkpolicy of v1.20."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import parse_cidr, port_name, port_number
from fakekube.machinery.objects import Object

SPEC = Path("spec")
PROTOCOLS = ("TCP", "UDP", "SCTP")
TYPES = ("Ingress", "Egress")
DIRECTIONS = (("ingress", "from"), ("egress", "to"))
"""The lists of rules, and the field with the peers of each."""


def default(policy: Object) -> None:
    """Ports are TCP; without types a policy is about ingress, and about egress if it has such rules."""
    spec = policy.get("spec")
    if spec is None:
        spec = policy["spec"] = {}
    for direction, _ in DIRECTIONS:
        for rule in spec.get(direction) or ():
            for port in rule.get("ports") or ():
                if port.get("protocol") is None:
                    port["protocol"] = "TCP"
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def validate(policy: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new policy."""
    yield from again.created(policy)
    yield from _spec(policy)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Everything may change; an updated policy is judged twice."""
    yield from again.judged(new, namespaced=True)
    yield from _spec(new)
    yield from again.changed(new, old)
    yield from _spec(new)


def _spec(policy: Object) -> Iterator[FieldError]:
    spec = policy["spec"]
    yield from selectors.validate_object(spec.get("podSelector"), SPEC / "podSelector")
    for direction, peers in DIRECTIONS:
        for index, rule in enumerate(spec.get(direction) or ()):
            here = SPEC / direction @ index
            for place, port in enumerate(rule.get("ports") or ()):
                yield from _port(port, here / "ports" @ place)
            for place, peer in enumerate(rule.get(peers) or ()):
                yield from _peer(peer, here / peers @ place)
    yield from _types(spec.get("policyTypes") or [])


def _types(types: list[str]) -> Iterator[FieldError]:
    if len(types) > len(TYPES):
        shown = Go(types, "[]networking.PolicyType")
        yield invalid(SPEC / "policyTypes", shown, "may not specify more than two policyTypes")
        return
    for index, type_ in enumerate(types):
        if type_ not in TYPES:
            yield not_supported(SPEC / "policyTypes" @ index, type_, TYPES)


def _port(port: Object, path: Path) -> Iterator[FieldError]:
    protocol, number = port.get("protocol"), port.get("port")
    if protocol is not None and protocol not in PROTOCOLS:
        yield not_supported(path / "protocol", protocol, PROTOCOLS)
    if isinstance(number, str):
        yield from breaches(number, path / "port", port_name)
    elif number is not None:
        yield from (invalid(path / "port", number, wrong) for wrong in port_number(number))


def _peer(peer: Object, path: Path) -> Iterator[FieldError]:
    given = [name for name in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(name) is not None]
    for name in given:
        if name == "ipBlock":
            yield from _block(peer[name], path / name)
        else:
            yield from selectors.validate_object(peer[name], path / name)
    if not given:
        yield required(path, "must specify a peer")
    elif len(given) > 1 and "ipBlock" in given:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block(block: Object, path: Path) -> Iterator[FieldError]:
    cidr = block.get("cidr", "")
    if not cidr:
        yield required(path / "cidr")
    elif (whole := _network(cidr)) is None:
        yield invalid(path / "cidr", cidr, "not a valid CIDR")
    else:
        for index, text in enumerate(block.get("except") or ()):
            if (hole := _network(text)) is None:
                yield invalid(path / "except" @ index, text, "not a valid CIDR")
                return
            if not _inside(hole, whole):
                yield invalid(path / "except" @ index, text, "must be a strict subset of `cidr`")


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network | None:
    found = parse_cidr(text)
    return ipaddress.ip_network(found, strict=False) if found else None


def _inside(hole: _Network, whole: _Network) -> bool:
    """Whether it is a part of the other network, and smaller."""
    return hole.network_address in whole and whole.prefixlen < hole.prefixlen


def _selector(policy: Object, _: float) -> str:
    return selectors.format_object(policy["spec"].get("podSelector") or {})


RESOURCE = Resource(
    group="networking.k8s.io",
    plural="networkpolicies",
    kind="NetworkPolicy",
    versions=(Version("v1", storage=True, defaults=default),),
    invalid_group="extensions",
    short_names=("netpol",),
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counts_empty=True,
    columns=(NAME, Column("Pod-Selector", "string", _selector), AGE),
)
