"""The status of what a load balancer stands in front of: services and ingresses. Follows pkg/apis/core/validation."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.checks import breaches
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.names import dns_subdomain, parse_ip
from fakekube.machinery.objects import Object

NOT_A_NAME = "must be a DNS name, not an IP address"


def validate_load_balancer(status: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the addresses under `ingress`."""
    for index, point in enumerate(status.get("ingress") or ()):
        here, address, host = path / "ingress" @ index, point.get("ip"), point.get("hostname")
        if address and parse_ip(address) is None:
            yield invalid(here / "ip", address, "must be a valid IP address")
        if host:
            yield from breaches(host, here / "hostname", dns_subdomain)
            if parse_ip(host) is not None:
                yield invalid(here / "hostname", host, NOT_A_NAME)


def addresses(status: Object) -> str:
    """All IPs and host names as tables show them."""
    points = (status.get("loadBalancer") or {}).get("ingress") or ()
    found = {point.get("ip") or point.get("hostname") or "" for point in points}
    return ",".join(sorted(found - {""}))
