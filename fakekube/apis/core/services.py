"""Service. Follows pkg/apis/core and pkg/registry/core/service of v1.20; addresses are allocated by its endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.serviceaddresses import (
    is_headless,
    normalize,
    validate_address_change,
    validate_cluster_ips,
    validate_external_ips,
    validate_source_ranges,
)
from fakekube.apis.loadbalancers import addresses, validate_load_balancer
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import (
    dns_1035_label,
    dns_label,
    dns_subdomain,
    port_name,
    port_number,
    qualified_name,
)

SPEC = Path("spec")
TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
AFFINITIES = ("ClientIP", "None")
PROTOCOLS = ("SCTP", "TCP", "UDP")
TRAFFIC_POLICIES = ("", "Cluster", "Local")
EXPOSED = ("NodePort", "LoadBalancer")
"""Types that are reached from outside."""
KUBELET_PORT = 10250
AFFINITY_SECONDS, MAX_AFFINITY_SECONDS = 10800, 86400
DISABLED = ("ipFamilies", "ipFamilyPolicy", "topologyKeys", "allocateLoadBalancerNodePorts")
"""Fields of features that are off in v1.20."""


def default(service: Any) -> None:
    """ClusterIP, TCP, the target port is the port."""
    spec = service["spec"]
    affinity = spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP" and _affinity_seconds(spec) is None:
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": AFFINITY_SECONDS}}
    spec["type"] = spec.get("type") or "ClusterIP"
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if port.get("targetPort", 0) in (0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] in EXPOSED:
        spec["externalTrafficPolicy"] = spec.get("externalTrafficPolicy") or "Cluster"


def _affinity_seconds(spec: Any) -> int | None:
    seconds: int | None = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds")
    return seconds


def needs_health_check(spec: Any) -> bool:
    """Whether its load balancer asks each node if the service is there."""
    return bool(spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local")


# Strategy


def prepare_create(service: Any) -> None:
    """The list of cluster IPs follows the one that is given; fields of features that are off are dropped."""
    normalize(service["spec"], None)
    _drop_disabled(service["spec"])


def export(service: Any, exact: bool) -> None:
    """Without the addresses and ports that were allocated."""
    spec = service["spec"]
    if exact:
        return
    if spec.get("clusterIP") != "None":
        for name in ("clusterIP", "clusterIPs"):
            spec.pop(name, None)
    if spec["type"] == "NodePort":
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)


def prepare_update(new: Any, old: Any) -> None:
    """As on creation; what another type needs no more goes too, unless a client has changed it."""
    spec, before = new["spec"], old["spec"]
    normalize(spec, before)
    _drop_disabled(spec)
    if spec["type"] == "ExternalName" != before["type"] and _same(spec, before, "clusterIP", "clusterIPs"):
        for name in ("clusterIP", "clusterIPs"):
            spec.pop(name, None)
    if before["type"] in EXPOSED and spec["type"] not in EXPOSED and node_ports(spec) <= node_ports(before):
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
    if needs_health_check(before) and not needs_health_check(spec) and _same(spec, before, "healthCheckNodePort"):
        spec.pop("healthCheckNodePort", None)


def _drop_disabled(spec: Any) -> None:
    for name in DISABLED:
        spec.pop(name, None)
    if len(spec.get("clusterIPs") or ()) > 1:
        spec["clusterIPs"] = spec["clusterIPs"][:1]


def _same(spec: Any, before: Any, *names: str) -> bool:
    return all((spec.get(name) or None) == (before.get(name) or None) for name in names)


def node_ports(spec: Any) -> set[int]:
    """The ports on every node that lead to it."""
    return {port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")}


# Validation


def validate(service: Any) -> Iterator[FieldError]:
    """Yield what is wrong with a new service."""
    yield from again.created(service)
    yield from _all_but_metadata(service)
    yield from _mixed_protocols(service["spec"], {})


def validate_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Yield what is wrong with an update: a cluster IP stays while the type needs one."""
    yield from again.changed(new, old)
    yield from validate_address_change(new["spec"], old["spec"])
    yield from again.judged(new, namespaced=True, rule=dns_1035_label)
    yield from _all_but_metadata(new)
    yield from _mixed_protocols(new["spec"], old["spec"])


def validate_status_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    balancer = (new.get("status") or {}).get("loadBalancer") or {}
    yield from validate_load_balancer(balancer, Path("status") / "loadBalancer")


def _all_but_metadata(service: Any) -> Iterator[FieldError]:
    spec = service["spec"]
    kind, ports = spec.get("type", ""), spec.get("ports") or ()
    if not ports and not is_headless(spec) and kind != "ExternalName":
        yield required(SPEC / "ports")
    yield from _by_type(spec, kind)
    yield from _ports(ports)
    yield from metarules.validate_labels(spec.get("selector") or {}, SPEC / "selector")
    yield from _affinity(spec)
    yield from validate_cluster_ips(spec)
    yield from validate_external_ips(spec)
    if kind not in TYPES:
        yield not_supported(SPEC / "type", kind, TYPES)
    yield from _port_uses(ports, kind)
    yield from validate_source_ranges(service)
    yield from _traffic(spec)


def _by_type(spec: Any, kind: str) -> Iterator[FieldError]:
    if kind == "LoadBalancer":
        for index, port in enumerate(spec.get("ports") or ()):
            if port.get("port") == KUBELET_PORT:
                why = f"may not expose port {KUBELET_PORT} externally since it is used by kubelet"
                yield invalid(SPEC / "ports" @ index, KUBELET_PORT, why)
    if kind in EXPOSED and is_headless(spec):
        yield invalid(SPEC / "clusterIPs" @ 0, "None", f"may not be set to 'None' for {kind} services")
    if kind != "ExternalName":
        return
    if spec.get("clusterIPs"):
        yield forbidden(SPEC / "clusterIPs", "may not be set for ExternalName services")
    if name := spec.get("externalName", "").removesuffix("."):
        yield from breaches(name, SPEC / "externalName", dns_subdomain)
    else:
        yield required(SPEC / "externalName")


def _ports(ports: Any) -> Iterator[FieldError]:
    names = set()
    for index, port in enumerate(ports):
        path, number = SPEC / "ports" @ index, port.get("port", 0)
        if name := port.get("name", ""):
            yield from breaches(name, path / "name", dns_label)
            if name in names:
                yield duplicate(path / "name", name)
            names.add(name)
        elif len(ports) > 1:
            yield required(path / "name")
        yield from (invalid(path / "port", number, wrong) for wrong in port_number(number))
        if port["protocol"] not in PROTOCOLS:
            yield not_supported(path / "protocol", port["protocol"], PROTOCOLS)
        yield from _target(port.get("targetPort", 0), path / "targetPort")
        if (application := port.get("appProtocol")) is not None:
            yield from breaches(application, path / "appProtocol", qualified_name)


def _target(port: int | str, path: Path) -> Iterator[FieldError]:
    rule = port_name(port) if isinstance(port, str) else port_number(port)
    yield from (invalid(path, port, wrong) for wrong in rule)


def _affinity(spec: Any) -> Iterator[FieldError]:
    affinity = spec.get("sessionAffinity", "")
    if affinity not in AFFINITIES:
        yield not_supported(SPEC / "sessionAffinity", affinity, AFFINITIES)
    seconds = _affinity_seconds(spec)
    if affinity == "ClientIP" and seconds is not None and not 0 < seconds <= MAX_AFFINITY_SECONDS:
        path = SPEC / "sessionAffinityConfig" / "clientIP" / "timeoutSeconds"
        yield invalid(path, seconds, f"must be greater than 0 and less than {MAX_AFFINITY_SECONDS}")


def _port_uses(ports: Any, kind: str) -> Iterator[FieldError]:
    """Node ports are for services that have them; no port is used twice."""
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                yield forbidden(SPEC / "ports" @ index / "nodePort", "may not be used when `type` is 'ClusterIP'")
    for name in ("nodePort", "port"):
        seen = set()
        for index, port in enumerate(ports):
            use = (port["protocol"], port.get(name, 0))
            if use in seen:
                yield _used_twice(name, use, SPEC / "ports" @ index)
            if use[1] or name == "port":
                seen.add(use)


def _used_twice(name: str, use: tuple[str, int], path: Path) -> FieldError:
    if name == "nodePort":
        return duplicate(path / name, use[1])
    return duplicate(path, Go({"protocol": use[0], "port": use[1]}, "core.ServicePort"))


def _mixed_protocols(spec: Any, before: Any) -> Iterator[FieldError]:
    """A load balancer speaks one protocol, unless the service had several already."""
    mixed, were_mixed = (len({port["protocol"] for port in one.get("ports") or ()}) > 1 for one in (spec, before))
    if spec.get("type") == "LoadBalancer" and mixed and not were_mixed:
        why = "may not contain more than 1 protocol when type is 'LoadBalancer'"
        yield invalid(SPEC / "ports", Go(spec["ports"], "[]core.ServicePort"), why)


def _traffic(spec: Any) -> Iterator[FieldError]:
    policy, port = spec.get("externalTrafficPolicy", ""), spec.get("healthCheckNodePort", 0)
    if policy not in TRAFFIC_POLICIES:
        yield invalid(SPEC / "externalTrafficPolicy", policy, "ExternalTrafficPolicy must be empty, Cluster or Local")
    if port < 0:
        yield invalid(SPEC / "healthCheckNodePort", port, "HealthCheckNodePort must be not less than 0")


def validate_traffic_fields(spec: Any) -> Iterator[FieldError]:
    """Yield the fields of traffic from outside that the type has no use for; judged once ports are allocated."""
    policy, port = spec.get("externalTrafficPolicy"), spec.get("healthCheckNodePort")
    if policy and spec.get("type") not in EXPOSED:
        why = "ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service"
        yield invalid(SPEC / "externalTrafficPolicy", policy, why)
    if port and not needs_health_check(spec):
        why = "HealthCheckNodePort can only be set on LoadBalancer service with ExternalTrafficPolicy=Local"
        yield invalid(SPEC / "healthCheckNodePort", port, why)


# Tables


def _cluster_address(service: Any, now: float) -> str:
    address: str = (service["spec"].get("clusterIPs") or ["<none>"])[0]
    return address


def _external(service: Any, now: float) -> str:
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    balanced = addresses(service.get("status") or {}) if spec.get("type") == "LoadBalancer" else ""
    found = [*([balanced] if balanced else ()), *(spec.get("externalIPs") or ())]
    return ",".join(found) or ("<pending>" if spec.get("type") == "LoadBalancer" else "<none>")


def _port_list(service: Any, now: float) -> str:
    ports = service["spec"].get("ports") or ()
    return ",".join(map(_port_text, ports)) or "<none>"


def _port_text(port: Any) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port['protocol']}"


def _selector(service: Any, now: float) -> str:
    selector = service["spec"].get("selector") or {}
    return ",".join(f"{name}={selector[name]}" for name in sorted(selector)) or "<none>"


RESOURCE = Resource(
    group="",
    plural="services",
    kind="Service",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("svc",),
    categories=("all",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="ServiceProxyOptions"),
        Subresource("status", validate_update=validate_status_update),
    ),
    validate_name=dns_1035_label,
    prepare_create=prepare_create,
    export=export,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Type", "string", ".spec.type"),
        Column("Cluster-IP", "string", _cluster_address),
        Column("External-IP", "string", _external),
        Column("Port(s)", "string", _port_list),
        AGE,
        Column("Selector", "string", _selector, priority=1),
    ),
)
