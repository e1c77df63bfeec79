"""The endpoint slice controller: the addresses of a service's pods in slices of at most a hundred.

Follows pkg/controller/endpointslice of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.apis.discovery.endpointslices import RESOURCE as SLICES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import endpoints as shared
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared import slices as slicelib
from fakekube.controllers.shared.objects import is_deleted, labels_of, name_of, owners_of, revised, uid_of
from fakekube.controllers.shared.slices import LARGEST, SERVICE_NAME, Changes
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

MANAGER = "endpointslice-controller.k8s.io"
RESERVED = frozenset({SERVICE_NAME, slicelib.MANAGED_BY, shared.HEADLESS})
TOPOLOGY = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")


def address_types(service: Object) -> tuple[str, ...]:
    """The families of a service; where nobody knows, which is without a cluster IP, both."""
    spec = service["spec"]
    if families := spec.get("ipFamilies"):
        return tuple(families)
    if shared.is_headless(service):
        return ("IPv4", "IPv6")
    return ("IPv6",) if shared.is_ipv6(spec["clusterIP"]) else ("IPv4",)


def labels_for(service: Object) -> dict[str, str]:
    """A slice's labels: the service's, and those that this controller keeps for itself."""
    labels = {name: value for name, value in labels_of(service).items() if name not in RESERVED}
    if shared.is_headless(service):
        labels[shared.HEADLESS] = ""
    return {**labels, SERVICE_NAME: name_of(service), slicelib.MANAGED_BY: MANAGER}


def endpoint(pod: Object, node: Object, service: Object, addresses: list[str]) -> Object:
    """A pod as an endpoint."""
    labels = labels_of(node)
    topology = {"kubernetes.io/hostname": podlib.node_of(pod)}
    topology.update({name: labels[name] for name in TOPOLOGY if labels.get(name)})
    publish = bool(service["spec"].get("publishNotReadyAddresses"))
    host = shared.hostname_in(pod, service)
    return {
        "addresses": addresses,
        "conditions": {"ready": publish or (podlib.is_ready(pod) and not is_deleted(pod))},
        **({"hostname": host} if host else {}),
        "targetRef": shared.target_ref(pod),
        "topology": topology,
    }


class Group(Struct):
    """The endpoints that offer the same ports."""

    ports: list[Object]
    endpoints: list[Object]


def desired(service: Object, pods: Iterable[Object], nodes: dict[str, Object], family: str) -> dict[str, Group]:
    """What there should be, by ports. Raises NotFound for a pod whose node is not known."""
    groups: dict[str, Group] = {}
    publish = bool(service["spec"].get("publishNotReadyAddresses"))
    for pod in pods:
        if not shared.pod_ip(pod) or not shared.is_expected_to_run(pod) or (is_deleted(pod) and not publish):
            continue
        ports = list(shared.ports_in(pod, service))
        group = groups.setdefault(slicelib.port_key(ports), Group(ports, []))
        node = nodes.get(podlib.node_of(pod))
        if node is None:
            raise status.not_found("", "node", podlib.node_of(pod))
        addresses = [ip for ip in shared.pod_ips(pod) if shared.is_ipv6(ip) == (family == "IPv6")]
        if addresses:
            group.endpoints.append(endpoint(pod, node, service, addresses))
    return groups


def plan(service: Object, existing: Sequence[Object], groups: dict[str, Group], family: str) -> Changes:
    """What to do with the existing slices of one family."""
    changes = Changes()
    by_ports: dict[str, list[Object]] = {}
    for one in existing:
        if _owned(one, service):
            by_ports.setdefault(slicelib.port_key(one.get("ports") or ()), []).append(one)
        else:
            changes.delete.append(one)
    for ports, group in groups.items():
        _fill(changes, service, by_ports.pop(ports, []), group, family)
    changes.delete += [one for left in by_ports.values() for one in left]
    if len(existing) == len(changes.delete) and not changes.create:
        changes.create.append(_new(service, [], [], family))
    _recycle(changes, service)
    return changes


def _owned(one: Object, service: Object) -> bool:
    return any(ref["uid"] == uid_of(service) and ref["kind"] == "Service" for ref in owners_of(one))


def _new(service: Object, ports: list[Object], endpoints: list[Object], family: str) -> Object:
    return slicelib.new_slice(SERVICES, service, labels_for(service), ports, endpoints, family)


def _fill(changes: Changes, service: Object, existing: Sequence[Object], group: Group, family: str) -> None:
    """Keep what is wanted where it stands, then put the rest into slices that change anyhow, others, or new ones."""
    wanted = {slicelib.endpoint_key(one): one for one in group.endpoints}
    labels = labels_for(service)
    unchanged: list[Object] = []
    updated: list[Object] = []
    for one in existing:
        before = one.get("endpoints") or []
        kept = [found for old in before if (found := wanted.pop(slicelib.endpoint_key(old), None)) is not None]
        if kept == before and {**labels_of(one), shared.HEADLESS: ""} == {**labels, shared.HEADLESS: ""}:
            unchanged.append(one)
        elif kept or not before:
            updated.append(_revised(one, kept, labels))
        else:
            changes.delete.append(one)
    rest = list(wanted.values())
    for one in sorted(updated, key=lambda one: -len(one["endpoints"])):
        one["endpoints"] += _take(rest, LARGEST - len(one["endpoints"]))
    while rest:
        fitting = [one for one in unchanged if len(one.get("endpoints") or ()) + len(rest) <= LARGEST]
        if fitting:
            fullest = max(fitting, key=lambda one: len(one.get("endpoints") or ()))
            unchanged.remove(fullest)
            updated.append(_revised(fullest, [*(fullest.get("endpoints") or ()), *rest], labels))
            rest = []
        else:
            changes.create.append(_new(service, group.ports, _take(rest, LARGEST), family))
    changes.update += updated


def _revised(one: Object, endpoints: list[Object], labels: dict[str, str]) -> Object:
    return revised(one, metadata={**one["metadata"], "labels": labels}, endpoints=endpoints)


def _take(rest: list[Object], count: int) -> list[Object]:
    taken = rest[:count]
    del rest[:count]
    return taken


def _recycle(changes: Changes, service: Object) -> None:
    """A slice that would go becomes one that would come."""
    for old in list(changes.delete):
        if changes.create and _owned(old, service):
            new = changes.create.pop()
            new["metadata"]["name"] = name_of(old)
            changes.update.append(new)
            changes.delete.remove(old)


def controller() -> Controller:
    """A controller with a memory of its own."""
    times = shared.TriggerTimes()

    async def reconcile(name: Key, api: Client) -> None:
        service = api.get(SERVICES, name)
        if service is None:
            times.forget(name)
        elif service["spec"].get("selector"):
            await _sync(service, times, api)

    return Controller(
        "endpointslice-controller",
        (
            Watch(SERVICES),
            Watch(PODS, shared.services_of, shared.pod_changed),
            Watch(SLICES, slicelib.owner_key(MANAGER), slicelib.slice_changed),
        ),
        reconcile,
        workers=2,
        component="endpoint-slice-controller",
    )


async def _sync(service: Object, times: shared.TriggerTimes, api: Client) -> None:
    key = Key(service["metadata"]["namespace"], name_of(service))
    pods = api.list(PODS, key.namespace, lambda pod: shared.selected_by(service, labels_of(pod)))
    moment = times.observe(service, pods)
    existing = slicelib.slices_of(key, MANAGER, api)
    families = address_types(service)
    nodes = {name_of(node): node for node in api.list(NODES)}
    try:
        for family in families:
            same = [one for one in existing if one["addressType"] == family]
            groups = desired(service, pods, nodes, family)
            await slicelib.carry_out(plan(service, same, groups, family), is_deleted(service), api, moment)
        others = [one for one in existing if one["addressType"] not in families]
        await slicelib.carry_out(Changes(delete=others), False, api)
    except StatusError as error:
        text = f"Error updating Endpoint Slices for Service {key}: {error.message}"
        await api.record(service, "Warning", "FailedToUpdateEndpointSlices", text)
        raise
