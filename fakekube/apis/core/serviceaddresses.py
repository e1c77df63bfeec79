"""A service's addresses and what of them may change. Follows pkg/apis/core/validation and registry/core/service."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.core.addresses import not_special
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import ip, parse_cidr, parse_ip
from fakekube.machinery.objects import Object

SPEC = Path("spec")
CLUSTER_IPS = SPEC / "clusterIPs"
HEADLESS = "None"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
NO_RANGES = "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 "


def is_headless(spec: Object) -> bool:
    """Whether it has no cluster IP on purpose."""
    return list(spec.get("clusterIPs") or ()) == [HEADLESS]


def normalize(new: Object, old: Object | None) -> None:
    """Bring clusterIP and clusterIPs in line, as far as it is clear what a client means."""
    address, addresses = new.get("clusterIP", ""), new.get("clusterIPs") or []
    if old is None:
        if address and not addresses:
            new["clusterIPs"] = [address]
        return
    before, all_before = old.get("clusterIP", ""), old.get("clusterIPs") or []
    if all_before and not addresses and before == address:
        new["clusterIPs"] = addresses = list(all_before)
    if before != address and addresses == all_before:
        if address:
            new["clusterIPs"] = [address]
        elif before:
            new.pop("clusterIPs", None)


def _shown(spec: Object) -> Go:
    return Go(spec.get("clusterIPs"), "[]string")


def validate_cluster_ips(spec: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the cluster IPs by themselves."""
    if spec.get("type") == "ExternalName":
        return
    address, addresses = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    if address and not addresses:
        yield required(CLUSTER_IPS)
    elif address and addresses[0] != address:
        yield invalid(CLUSTER_IPS, _shown(spec), "element [0] must match clusterIP")
    elif addresses and not address:
        yield invalid(CLUSTER_IPS, _shown(spec), "must be empty when clusterIP is empty")
    for index, text in enumerate(addresses):
        if index or text != HEADLESS:
            yield from (invalid(CLUSTER_IPS @ index, text, wrong) for wrong in ip(text))


def validate_address_change(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield an error for a cluster IP that changes while the type needs one."""
    if "ExternalName" in (new.get("type"), old.get("type")) or (is_headless(new) and is_headless(old)):
        return
    now, before = new.get("clusterIPs") or [], old.get("clusterIPs") or []
    path = CLUSTER_IPS @ 0
    if before and not now:
        yield invalid(path, _shown(new), "primary clusterIP can not be unset")
    elif before and now[0] != before[0]:
        yield invalid(path, _shown(new), "may not change once set")


def validate_external_ips(spec: Object) -> Iterator[FieldError]:
    """Yield the external IPs that nobody could send anything to."""
    for index, text in enumerate(spec.get("externalIPs") or ()):
        path = SPEC / "externalIPs" @ index
        if parse_ip(text) is None:
            yield from (invalid(path, text, wrong) for wrong in ip(text))
        else:
            yield from not_special(text, path)


def validate_source_ranges(service: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the ranges that a load balancer lets in, of the field or the annotation of old."""
    ranges, spec = service["spec"].get("loadBalancerSourceRanges") or (), service["spec"]
    annotation = (service["metadata"].get("annotations") or {}).get(SOURCE_RANGES)
    if not ranges and annotation is None:
        return
    path, shown = SPEC / "LoadBalancerSourceRanges", f"[{' '.join(ranges)}]"
    if not ranges:
        path, shown = Path("metadata.annotations") @ SOURCE_RANGES, annotation or ""
        ranges = shown.split(",") if shown.strip() else ()
    if spec.get("type") != "LoadBalancer":
        yield forbidden(path, "may only be used when `type` is 'LoadBalancer'")
    if any(parse_cidr(text.strip()) is None for text in ranges):
        yield invalid(path, shown, NO_RANGES)
