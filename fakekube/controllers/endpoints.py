"""The endpoints controller: the addresses of a service's pods. Follows pkg/controller/endpoint of v1.20."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.controllers.controller import Controller, Watch, gone
from fakekube.controllers.shared import endpoints as shared
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import (
    annotations_of,
    is_deleted,
    labels_of,
    name_of,
    namespace_of,
    revised,
)
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

NO_PORT: Object = {}
"""Stands for the missing port of a headless service without ports."""
TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


def publishes_unready(service: Object) -> bool:
    """Whether pods count that are not ready; an old annotation overrides the field."""
    text = annotations_of(service).get(shared.TOLERATE_UNREADY, "")
    if text in TRUE | FALSE:
        return text in TRUE
    return bool(service["spec"].get("publishNotReadyAddresses"))


def address_of(pod: Object, service: Object) -> Object:
    """A pod as an address."""
    host = shared.hostname_in(pod, service)
    address = {"ip": shared.pod_ip(pod), "targetRef": shared.target_ref(pod)}
    if host:
        address["hostname"] = host
    return {**address, "nodeName": podlib.node_of(pod)}


class _Port(Struct):
    """A port, and who offers it: (ip, uid) -> (address, ready)."""

    port: Object
    addresses: dict[tuple[str, str], tuple[Object, bool]] = field(default_factory=dict)


def plan(service: Object, pods: Iterable[Object]) -> list[Object]:
    """The subsets: addresses that offer the same ports stand together."""
    tolerant = publishes_unready(service)
    ports: dict[tuple[object, ...], _Port] = {}
    for pod in pods:
        if not shared.pod_ip(pod) or (is_deleted(pod) and not tolerant):
            continue
        ready = tolerant or podlib.is_ready(pod)
        if ready or shared.is_expected_to_run(pod):
            _add(ports, pod, service, ready)
    return _pack(ports.values())


def _add(ports: dict[tuple[object, ...], _Port], pod: Object, service: Object, ready: bool) -> None:
    address = address_of(pod, service)
    offered = list(shared.ports_in(pod, service))
    if not service["spec"].get("ports") and shared.is_headless(service):
        offered = [NO_PORT]
    for port in offered:
        entry = ports.setdefault(tuple(port.items()), _Port(port))
        entry.addresses[address["ip"], address["targetRef"]["uid"]] = (address, ready)


def _pack(ports: Iterable[_Port]) -> list[Object]:
    by_addresses: dict[tuple[tuple[str, str], ...], list[_Port]] = {}
    for port in ports:
        by_addresses.setdefault(tuple(sorted(port.addresses)), []).append(port)
    return [_subset(group) for _, group in sorted(by_addresses.items())]


def _subset(group: Sequence[_Port]) -> Object:
    """The order of ports is that of the real server: by the hash of how Go prints them."""
    ordered = sorted(group[0].addresses.items())
    parts = {
        "addresses": [address for _, (address, ready) in ordered if ready],
        "notReadyAddresses": [address for _, (address, ready) in ordered if not ready],
        "ports": sorted((_shown(entry.port) for entry in group if entry.port), key=_port_hash),
    }
    return {name: value for name, value in parts.items() if value}


def _shown(port: Object) -> Object:
    return {name: value for name, value in port.items() if value != ""}


def _port_hash(port: Object) -> bytes:
    protocol = port.get("appProtocol", "<nil>")
    text = (
        f"(v1.EndpointPort){{Name:(string){port.get('name', '')} Port:(int32){port['port']} "
        f"Protocol:(v1.Protocol){port['protocol']} AppProtocol:(*string){protocol}}}"
    )
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def plan_endpoints(service: Object, current: Object | None, subsets: list[Object], moment: str) -> Object | None:
    """The Endpoints to be written; None if they are right."""
    old_labels = {name: value for name, value in labels_of(current or service).items() if name != shared.HEADLESS}
    if current is not None and (current.get("subsets") or []) == subsets and old_labels == labels_of(service):
        return None
    base = current or {"apiVersion": "v1", "kind": "Endpoints", "metadata": {}}
    labels = {name: value for name, value in labels_of(service).items() if name != shared.HEADLESS}
    metadata = {
        **base["metadata"],
        "name": name_of(service),
        "namespace": namespace_of(service),
        "labels": {**labels, shared.HEADLESS: ""} if shared.is_headless(service) else labels,
        "annotations": shared.annotated(base["metadata"].get("annotations") or {}, moment),
    }
    return revised(base, metadata=metadata, subsets=subsets)


def controller() -> Controller:
    """A controller with a memory of its own."""
    times = shared.TriggerTimes()

    async def reconcile(name: Key, api: Client) -> None:
        service = api.get(SERVICES, name)
        if service is None:
            times.forget(name)
            await _delete(name, api)
        elif service["spec"].get("selector"):
            pods = api.list(PODS, name.namespace, lambda pod: shared.selected_by(service, labels_of(pod)))
            moment = times.observe(service, pods)
            current = api.get(ENDPOINTS, name)
            wanted = plan_endpoints(service, current, plan(service, pods), moment)
            if wanted is not None:
                await _write(wanted, current is None, api)

    return Controller(
        "endpoint-controller",
        (
            Watch(SERVICES),
            Watch(PODS, shared.services_of, shared.pod_changed),
            Watch(ENDPOINTS, when=gone),
        ),
        reconcile,
        workers=2,
    )


async def _delete(name: Key, api: Client) -> None:
    try:
        await api.delete(ENDPOINTS, name)
    except StatusError as error:
        raise_unless(error, "NotFound")


async def _write(wanted: Object, create: bool, api: Client) -> None:
    try:
        await (api.create if create else api.update)(ENDPOINTS, wanted)
    except StatusError as error:
        if create and is_terminating(error):
            return
        metadata = wanted["metadata"]
        place = f"{metadata['namespace']}/{metadata['name']}: {error.message}"
        words = ("FailedToCreateEndpoint", f"Failed to create endpoint for service {place}")
        if not create:
            words = ("FailedToUpdateEndpoint", f"Failed to update endpoint {place}")
        await api.record(wanted, "Warning", *words)
        raise
