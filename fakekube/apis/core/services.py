"""Service. Follows pkg/apis/core and pkg/registry/core/service of v1.20; addresses are allocated by its endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_1035_label, dns_label, dns_subdomain, port_name, port_number

SPEC = Path("spec")
TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
AFFINITIES = ("ClientIP", "None")
PROTOCOLS = ("SCTP", "TCP", "UDP")
EXPOSED = ("NodePort", "LoadBalancer")
"""Types that are reached from outside."""
AFFINITY_SECONDS = 10800
DUAL_STACK = ("ipFamilies", "ipFamilyPolicy")
"""Fields of a feature that is off in 1.20; topologyKeys is another one's."""


def default(service: Any) -> None:
    """ClusterIP, TCP, the target port is the port."""
    spec = service["spec"]
    affinity = spec.setdefault("sessionAffinity", "None") or "None"
    spec["sessionAffinity"] = affinity
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP" and "timeoutSeconds" not in spec.get("sessionAffinityConfig", {}).get("clientIP", {}):
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": AFFINITY_SECONDS}}
    spec["type"] = spec.get("type") or "ClusterIP"
    for port in spec.get("ports", ()):
        port["protocol"] = port.get("protocol") or "TCP"
        if port.get("targetPort", 0) in (0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] in EXPOSED:
        spec["externalTrafficPolicy"] = spec.get("externalTrafficPolicy") or "Cluster"


def drop_disabled(service: Any) -> None:
    """Fields of features that are off are not stored."""
    spec = service["spec"]
    for name in (*DUAL_STACK, "topologyKeys", "allocateLoadBalancerNodePorts"):
        spec.pop(name, None)


def is_headless(spec: Any) -> bool:
    """Whether it has no cluster IP on purpose."""
    return bool(spec.get("clusterIP") == "None")


def prepare_create(service: Any) -> None:
    """The list of cluster IPs follows the one that is given."""
    drop_disabled(service)
    mirror_address(service["spec"])


def prepare_update(new: Any, old: Any) -> None:
    """A cluster IP that is not given stays."""
    drop_disabled(new)
    spec, before = new["spec"], old["spec"]
    if before.get("type") != "ExternalName" and spec.get("type") != "ExternalName" and not spec.get("clusterIP"):
        spec["clusterIP"] = before.get("clusterIP", "")
    mirror_address(spec)


def mirror_address(spec: Any) -> None:
    """clusterIPs shows the one address of a cluster with one IP family."""
    if spec.get("clusterIP"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    else:
        spec.pop("clusterIPs", None)


def validate(service: Any) -> Iterator[FieldError]:
    """The whole spec, on creation and on updates."""
    spec = service["spec"]
    kind = spec.get("type", "")
    if not spec.get("ports") and not is_headless(spec) and kind != "ExternalName":
        yield required(SPEC / "ports")
    yield from _by_type(spec, kind)
    yield from _ports(spec)
    if spec.get("selector"):
        yield from metarules.validate_labels(spec["selector"], SPEC / "selector")
    if spec["sessionAffinity"] not in AFFINITIES:
        yield not_supported(SPEC / "sessionAffinity", spec["sessionAffinity"], AFFINITIES)
    if kind not in TYPES:
        yield not_supported(SPEC / "type", kind, TYPES)
    yield from _port_uses(spec, kind)


def validate_update(new: Any, old: Any) -> Iterator[FieldError]:
    """A cluster IP that was given never changes while the type needs one."""
    spec, before = new["spec"], old["spec"]
    kept = before.get("type") != "ExternalName" and spec.get("type") != "ExternalName"
    if kept and before.get("clusterIP") and spec.get("clusterIP") != before["clusterIP"]:
        addresses = Go(spec.get("clusterIPs"), "[]string")
        yield invalid(SPEC / "clusterIPs[0]", addresses, "may not change once set")
    yield from validate(new)


def _by_type(spec: Any, kind: str) -> Iterator[FieldError]:
    if kind in EXPOSED and is_headless(spec):
        yield invalid(SPEC / "clusterIPs" @ 0, "None", f"may not be set to 'None' for {kind} services")
    if kind != "ExternalName":
        return
    if spec.get("clusterIP"):
        yield forbidden(SPEC / "clusterIPs", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if not name:
        yield required(SPEC / "externalName")
    else:
        yield from (invalid(SPEC / "externalName", name, wrong) for wrong in dns_subdomain(name))


def _ports(spec: Any) -> Iterator[FieldError]:
    ports, names = spec.get("ports", ()), set()
    for index, port in enumerate(ports):
        path = SPEC / "ports" @ index
        name = port.get("name", "")
        if name:
            yield from (invalid(path / "name", name, wrong) for wrong in dns_label(name))
            if name in names:
                yield duplicate(path / "name", name)
            names.add(name)
        elif len(ports) > 1:
            yield required(path / "name")
        yield from (invalid(path / "port", port.get("port", 0), wrong) for wrong in port_number(port.get("port", 0)))
        if port["protocol"] not in PROTOCOLS:
            yield not_supported(path / "protocol", port["protocol"], PROTOCOLS)
        yield from _target(port.get("targetPort", 0), path / "targetPort")


def _target(port: int | str, path: Path) -> Iterator[FieldError]:
    rule = port_name(port) if isinstance(port, str) else port_number(port)
    yield from (invalid(path, port, wrong) for wrong in rule)


def _port_uses(spec: Any, kind: str) -> Iterator[FieldError]:
    """Node ports are for services that have them; no port is used twice."""
    ports = list(enumerate(spec.get("ports", ())))
    if kind == "ClusterIP":
        for index, port in ports:
            if port.get("nodePort"):
                yield forbidden(SPEC / "ports" @ index / "nodePort", "may not be used when `type` is 'ClusterIP'")
    for name in ("nodePort", "port"):
        seen = set()
        for index, port in ports:
            use = (port["protocol"], port.get(name, 0))
            if use in seen and use[1]:
                path = SPEC / "ports" @ index
                shown = {"protocol": use[0], "port": use[1]}
                yield (
                    duplicate(path / name, use[1])
                    if name == "nodePort"
                    else duplicate(path, Go(shown, "core.ServicePort"))
                )
            seen.add(use)


def _cluster_address(service: Any, now: float) -> str:
    address: str = (service["spec"].get("clusterIPs") or ["<none>"])[0]
    return address


def _external(service: Any, now: float) -> str:
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    found = [i.get("ip") or i.get("hostname", "") for i in service["status"].get("loadBalancer", {}).get("ingress", ())]
    addresses = [*(found if spec.get("type") == "LoadBalancer" else ()), *spec.get("externalIPs", ())]
    return ",".join(addresses) or ("<pending>" if spec.get("type") == "LoadBalancer" else "<none>")


def _port_list(service: Any, now: float) -> str:
    ports = service["spec"].get("ports", ())
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
        Subresource("status"),
    ),
    validate_name=dns_1035_label,
    prepare_create=prepare_create,
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
