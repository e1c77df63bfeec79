"""The endpoint slice mirroring controller: slices for Endpoints that somebody keeps by hand.

Follows pkg/controller/endpointslicemirroring of v1.20, which takes addresses that are not ready for ready ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from msgspec import Struct, field

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.discovery.endpointslices import RESOURCE as SLICES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import slices as slicelib
from fakekube.controllers.shared.objects import annotations_of, is_deleted, key, labels_of, name_of
from fakekube.controllers.shared.slices import Changes
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Client

MANAGER = "endpointslicemirroring-controller.k8s.io"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
MOST = 1000
"""Addresses of one subset that are mirrored."""


def is_mirrored(endpoints: Object, service: Object | None) -> bool:
    """Whether the Endpoints are of a service that selects no pods, and nobody asked to leave them alone."""
    if labels_of(endpoints).get(SKIP) == "true" or LEADER in annotations_of(endpoints):
        return False
    return service is not None and not service["spec"].get("selector")


def family_of(address: str) -> str:
    """IPv4 or IPv6; "" for what is no address."""
    try:
        return f"IPv{ip_address(address).version}"
    except ValueError:
        return ""


class Group(Struct):
    """Endpoints of one family that offer the same ports."""

    family: str
    ports: list[Object]
    endpoints: dict[tuple[str, ...], Object] = field(default_factory=dict)


class Desired(Struct):
    """What there should be, and what was left out."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    invalid: int = 0
    skipped: int = 0


def desired(endpoints: Object) -> Desired:
    """Of each subset the first thousand addresses."""
    result = Desired()
    for subset in endpoints.get("subsets") or ():
        ports = [_port(port) for port in subset.get("ports") or ()]
        for family in ("IPv4", "IPv6"):
            result.groups.setdefault((family, slicelib.port_key(ports)), Group(family, ports))
        added = 0
        addresses = [*(subset.get("addresses") or ()), *(subset.get("notReadyAddresses") or ())]
        for address in addresses:
            if added >= MOST:
                break
            family = family_of(address["ip"])
            if not family:
                result.invalid += 1
                continue
            added += 1
            one = _endpoint(address)
            result.groups[family, slicelib.port_key(ports)].endpoints[slicelib.endpoint_key(one)] = one
        result.skipped += len(addresses) - added
    return result


def _port(port: Object) -> Object:
    found = {"name": port.get("name", ""), "port": port["port"], "protocol": port.get("protocol", "TCP")}
    return {**found, **{name: port[name] for name in ("appProtocol",) if name in port}}


def _endpoint(address: Object) -> Object:
    node = address.get("nodeName")
    return {
        "addresses": [address["ip"]],
        "conditions": {"ready": True},
        **{name: address[name] for name in ("hostname", "targetRef") if address.get(name)},
        **({"topology": {"kubernetes.io/hostname": node}} if node is not None else {}),
    }


def plan(endpoints: Object, existing: Sequence[Object], wanted: Desired) -> Changes:
    """What to do with the existing slices."""
    changes = Changes()
    by_ports: dict[tuple[str, str], list[Object]] = {}
    for one in existing:
        name = (one["addressType"], slicelib.port_key(one.get("ports") or ()))
        by_ports.setdefault(name, []).append(one)
    for name, group in wanted.groups.items():
        _mirror(changes, endpoints, by_ports.pop(name, []), group)
    changes.delete += [one for left in by_ports.values() for one in left]
    _recycle(changes)
    return changes


def _mirror(changes: Changes, endpoints: Object, existing: list[Object], group: Group) -> None:
    if not group.endpoints:
        changes.delete += existing
        return
    changes.delete += existing[1:]
    if existing and _by_key(existing[0]) == group.endpoints:
        return
    labels = {**labels_of(endpoints), slicelib.SERVICE_NAME: name_of(endpoints), slicelib.MANAGED_BY: MANAGER}
    shown = list(group.endpoints.values())[:MOST]
    new = slicelib.new_slice(ENDPOINTS, endpoints, labels, group.ports, shown, group.family)
    if existing:
        new["metadata"]["name"] = name_of(existing[0])
        del new["metadata"]["generateName"]
        changes.update.append(new)
    else:
        changes.create.append(new)


def _by_key(one: Object) -> dict[tuple[str, ...], Object]:
    return {slicelib.endpoint_key(endpoint): endpoint for endpoint in one.get("endpoints") or ()}


def _recycle(changes: Changes) -> None:
    """A slice that would go becomes one of the same family that would come."""
    for new in list(changes.create):
        old = next((one for one in changes.delete if one["addressType"] == new["addressType"]), None)
        if old is not None:
            changes.delete.remove(old)
            changes.create.remove(new)
            new["metadata"]["name"] = name_of(old)
            del new["metadata"]["generateName"]
            changes.update.append(new)


def complaints(wanted: Desired) -> Iterator[tuple[str, str]]:
    """(reason, message) of the events about what is not mirrored."""
    if wanted.invalid:
        yield (
            "InvalidIPAddress",
            f"Skipped {wanted.invalid} invalid IP addresses when mirroring to EndpointSlices",
        )
    if wanted.skipped > wanted.invalid:
        yield (
            "TooManyAddressesToMirror",
            f"A max of {MOST} addresses can be mirrored to EndpointSlices per Endpoints subset. "
            f"{wanted.skipped} addresses were skipped",
        )


async def reconcile(name: Key, api: Client) -> None:
    """Mirror one Endpoints object, or take its slices away."""
    endpoints, service = api.get(ENDPOINTS, name), api.get(SERVICES, name)
    existing = slicelib.slices_of(name, MANAGER, api)
    if endpoints is None or not is_mirrored(endpoints, service):
        await slicelib.carry_out(Changes(delete=existing), False, api)
        return
    wanted = desired(endpoints)
    for complaint in complaints(wanted):
        await api.record(endpoints, "Warning", *complaint)
    await slicelib.carry_out(plan(endpoints, existing, wanted), is_deleted(endpoints), api)


def selector_changed(old: Object | None, new: Object | None) -> bool:
    """Of a service only whether it selects pods counts."""
    return old is None or new is None or bool(old["spec"].get("selector")) != bool(new["spec"].get("selector"))


CONTROLLER = Controller(
    "endpointslicemirroring-controller",
    (
        Watch(ENDPOINTS),
        Watch(SERVICES, lambda service, _: (key(service),), selector_changed),
        Watch(SLICES, slicelib.owner_key(MANAGER), slicelib.slice_changed),
    ),
    reconcile,
    workers=2,
    component="endpoint-slice-mirroring-controller",
)
