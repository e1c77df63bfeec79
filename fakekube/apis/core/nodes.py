"""Node. Follows pkg/apis/core/validation and pkg/registry/core/node of v1.20; see nodetaints for taints."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.nodetaints import validate_annotations, validate_taints
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.podspec.defaults import round_up
from fakekube.apis.podspec.resources import amount
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.statuses import keep_all_but_status, without_status
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import config_map_key, dns_label, dns_subdomain, parse_cidr
from fakekube.machinery.objects import Object

SPEC, STATUS, METADATA = Path("spec"), Path("status"), Path("metadata")
WHOLE = Path("[]")
"""How the server writes the path of the object itself here."""
ONE_SOURCE = "exactly one reference subfield must be non-nil"
ONLY = (
    "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature "
    "gate is enabled)"
)
ROLE_PREFIX, ROLE = "node-role.kubernetes.io/", "kubernetes.io/role"


def default(node: Object) -> None:
    """All of a node's capacity may be allocated."""
    status = node.get("status") or {}
    capacity = status.get("capacity")
    if capacity is not None and status.get("allocatable") is None:
        status["allocatable"] = {**capacity}
    round_up(capacity)
    round_up(status.get("allocatable"))


def to_storage(node: Object) -> Object:
    """podCIDR is the first of podCIDRs; where the two differ, it is right."""
    spec = node.get("spec") or {}
    first, all_of_them = spec.get("podCIDR"), spec.get("podCIDRs") or ()
    if first and first != next(iter(all_of_them), ""):
        spec["podCIDRs"] = [first]
    elif all_of_them:
        spec["podCIDR"] = all_of_them[0]
    return node


def prepare_create(node: Object) -> None:
    """One address range for pods: nodes with one of each IP family are a feature that is off."""
    spec = node.get("spec") or {}
    if len(spec.get("podCIDRs") or ()) > 1:
        spec["podCIDRs"] = spec["podCIDRs"][:1]


def prepare_update(new: Object, old: Object) -> None:
    """As on creation."""
    prepare_create(new)


# Validation


def validate(node: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new node."""
    yield from again.created(node)
    yield from _node(node)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, in part twice, as the real server does."""
    yield from again.judged(new, namespaced=False)
    yield from _node(new)
    yield from validate_status_update(new, old)


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status, which is judged as one of the node."""
    spec, before, status = new.get("spec") or {}, old.get("spec") or {}, new.get("status") or {}
    yield from again.changed(new, old)
    yield from _annotations(new)
    yield from _resources(new)
    yield from _duplicate_addresses(status)
    yield from _fixed_once_set(spec, before)
    if (source := spec.get("configSource")) is not None:
        yield from _source(source, SPEC / "configSource", in_status=False)
    for name in ("assigned", "active", "lastKnownGood"):
        if (source := (status.get("config") or {}).get(name)) is not None:
            yield from _source(source, STATUS / "config" / name, in_status=True)
    yield from validate_taints(spec.get("taints") or (), METADATA / "taints")
    if any(_changed(spec, before)):
        yield forbidden(WHOLE, ONLY)


def _node(node: Object) -> Iterator[FieldError]:
    spec = node.get("spec") or {}
    yield from _annotations(node)
    yield from validate_taints(spec.get("taints") or (), METADATA / "taints")
    yield from _resources(node)
    ranges = spec.get("podCIDRs") or ()
    for index, text in enumerate(ranges):
        if parse_cidr(text) is None:
            yield invalid(SPEC / "podCIDRs" @ index, Go(ranges, "[]string"), "must be valid CIDR")


def _annotations(node: Object) -> Iterator[FieldError]:
    return validate_annotations(node["metadata"].get("annotations") or {}, METADATA / "annotations")


def _resources(node: Object) -> Iterator[FieldError]:
    for part in ("capacity", "allocatable"):
        for name, text in ((node.get("status") or {}).get(part) or {}).items():
            yield from amount(name, text, STATUS / part / name)


def _duplicate_addresses(status: Object) -> Iterator[FieldError]:
    seen = []
    for index, address in enumerate(status.get("addresses") or ()):
        if address in seen:
            yield duplicate(STATUS / "addresses" @ index, Go(address, "core.NodeAddress"))
        seen.append(address)


def _fixed_once_set(spec: Object, before: Object) -> Iterator[FieldError]:
    old, new = before.get("podCIDRs") or [], spec.get("podCIDRs") or []
    changes = [a for a, b in zip(old, new, strict=False) if a != b] if len(old) == len(new) else old[:1]
    for _ in changes:
        yield forbidden(SPEC / "podCIDRs", 'node updates may not change podCIDR except from "" to valid')
    provider = before.get("providerID")
    if provider and provider != spec.get("providerID"):
        yield forbidden(SPEC / "providerID", 'node updates may not change providerID except from "" to valid')


def _changed(spec: Object, before: Object) -> Iterator[bool]:
    """Whether what must not change has changed."""
    for name in ("podCIDRs", "providerID"):
        yield bool(before.get(name)) and before[name] != spec.get(name)
    yield (before.get("externalID") or "") != (spec.get("externalID") or "")


def _source(source: Object, path: Path, *, in_status: bool) -> Iterator[FieldError]:
    """Where a kubelet's configuration is: in a config map."""
    config_map = source.get("configMap")
    if config_map is None:
        yield invalid(path, Go(source, "*core.NodeConfigSource"), ONE_SOURCE)
        return
    here = path / "configMap"
    for name in ("uid", "resourceVersion"):
        if in_status and not config_map.get(name):
            yield required(here / name, f"{name} must be set in status")
        elif not in_status and config_map.get(name):
            yield forbidden(here / name, f"{name} must not be set in spec")
    for name, rule in (("namespace", dns_label), ("name", dns_subdomain), ("kubeletConfigKey", config_map_key)):
        if text := config_map.get(name):
            yield from breaches(text, here / name, rule)
        else:
            yield required(here / name, f"{name} must be set")


# Tables


def _status(node: Object, _: float) -> str:
    conditions = {one.get("type"): one.get("status") for one in (node.get("status") or {}).get("conditions") or ()}
    words = ["Unknown"]
    if "Ready" in conditions:
        words = ["Ready" if conditions["Ready"] == "True" else "NotReady"]
    return ",".join([*words, "SchedulingDisabled"] if (node.get("spec") or {}).get("unschedulable") else words)


def _roles(node: Object, _: float) -> str:
    labels = node["metadata"].get("labels") or {}
    roles = {name.removeprefix(ROLE_PREFIX) for name in labels if name.startswith(ROLE_PREFIX)}
    roles.add(labels.get(ROLE, ""))
    return ",".join(sorted(roles - {""})) or "<none>"


def _info(node: Object, name: str) -> str:
    return str(((node.get("status") or {}).get("nodeInfo") or {}).get(name, ""))


def _address(node: Object, kind: str) -> str:
    addresses = (node.get("status") or {}).get("addresses") or ()
    return next((str(one.get("address", "")) for one in addresses if one.get("type") == kind), "<none>")


def _wide(name: str, field: str) -> Column:
    return Column(name, "string", lambda node, now: _info(node, field) or "<unknown>", priority=1)


RESOURCE = Resource(
    group="",
    plural="nodes",
    kind="Node",
    versions=(Version("v1", storage=True, defaults=default, to_storage=to_storage),),
    namespaced=False,
    create_keeps_status=True,
    short_names=("no",),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="NodeProxyOptions"),
        Subresource("status", prepare_update=keep_all_but_status, validate_update=validate_status_update),
    ),
    prepare_create=prepare_create,
    export=without_status,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    selectable={"spec.unschedulable": lambda node: str(bool((node.get("spec") or {}).get("unschedulable"))).lower()},
    columns=(
        NAME,
        Column("Status", "string", _status, description="The status of the node"),
        Column("Roles", "string", _roles, description="The roles of the node"),
        AGE,
        Column("Version", "string", lambda node, now: _info(node, "kubeletVersion")),
        Column("Internal-IP", "string", lambda node, now: _address(node, "InternalIP"), priority=1),
        Column("External-IP", "string", lambda node, now: _address(node, "ExternalIP"), priority=1),
        _wide("OS-Image", "osImage"),
        _wide("Kernel-Version", "kernelVersion"),
        _wide("Container-Runtime", "containerRuntimeVersion"),
    ),
)
