"""Validation of a whole pod spec: its parts in the server's order. Follows ValidatePodSpec of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fakekube.apis.podspec.checks import MAX_INT32, Rule, enumerated
from fakekube.apis.podspec.containers import (
    validate_containers,
    validate_ephemeral_containers,
    validate_init_containers,
)
from fakekube.apis.podspec.dns import validate_dns_config, validate_host_aliases
from fakekube.apis.podspec.options import DEFAULT_OPTIONS, Context, Options
from fakekube.apis.podspec.resources import validate_overhead
from fakekube.apis.podspec.scheduling import validate_affinity, validate_spread, validate_tolerations
from fakekube.apis.podspec.security import validate_pod_security
from fakekube.apis.podspec.volumes import validate_volumes
from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.names import dns_label, dns_subdomain, qualified_name
from fakekube.machinery.objects import Object

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")

restart_policy = enumerated("restartPolicy", RESTART_POLICIES)
dns_policy = enumerated("dnsPolicy", DNS_POLICIES)

Part = Callable[[Any, Path], Iterator[FieldError]]
"""(value of a field, path of the field)"""


def _name(rule: Rule) -> Part:
    def check(value: str, path: Path) -> Iterator[FieldError]:
        if value:
            yield from (invalid(path, value, wrong) for wrong in rule(value))

    return check


def _runtime_class(value: str, path: Path) -> Iterator[FieldError]:
    yield from (invalid(path, value, wrong) for wrong in dns_subdomain(value))


def _preemption(value: str, path: Path) -> Iterator[FieldError]:
    if value not in PREEMPTION_POLICIES:
        yield not_supported(path, value, PREEMPTION_POLICIES) if value else required(path)


def _readiness_gates(gates: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, gate in enumerate(gates):
        name = gate.get("conditionType", "")
        yield from (invalid(path @ index / "conditionType", name, wrong) for wrong in qualified_name(name))


def _deadline(value: int, path: Path) -> Iterator[FieldError]:
    if not 1 <= value <= MAX_INT32:
        yield invalid(path, value, f"must be between 1 and {MAX_INT32}, inclusive")


PARTS: tuple[tuple[str, Part], ...] = (
    ("readinessGates", _readiness_gates),
    ("topologySpreadConstraints", validate_spread),
    ("serviceAccountName", _name(dns_subdomain)),
    ("nodeName", _name(dns_subdomain)),
    ("activeDeadlineSeconds", _deadline),
    ("hostname", _name(dns_label)),
    ("subdomain", _name(dns_label)),
    ("tolerations", validate_tolerations),
    ("hostAliases", validate_host_aliases),
    ("priorityClassName", _name(dns_subdomain)),
    ("runtimeClassName", _runtime_class),
    ("preemptionPolicy", _preemption),
    ("overhead", validate_overhead),
)
"""The rest of a spec; a part is judged where its field is given."""


def validate_pod_spec(
    spec: Object, path: Path, options: Options = DEFAULT_OPTIONS, *, pod_name: str = ""
) -> Iterator[FieldError]:
    """Yield what is wrong with a defaulted pod spec at `path`. `pod_name` is that of a real pod, "" in a template."""
    volumes = yield from validate_volumes(spec.get("volumes") or (), path / "volumes", options, pod_name)
    yield from _all_containers(spec, path, Context(volumes, options))
    yield from restart_policy(spec, path)
    yield from dns_policy(spec, path)
    if spec.get("nodeSelector"):
        yield from metarules.validate_labels(spec["nodeSelector"], path / "nodeSelector")
    if spec.get("hostNetwork"):
        yield from _host_network(spec.get("containers") or (), path / "containers")
    if (context := spec.get("securityContext")) or spec.get("shareProcessNamespace"):
        yield from validate_pod_security(context or {}, path / "securityContext", spec)
    if spec.get("affinity") is not None:
        yield from validate_affinity(spec["affinity"], path / "affinity")
    if (config := spec.get("dnsConfig")) is not None or spec.get("dnsPolicy") == "None":
        yield from validate_dns_config(config, spec.get("dnsPolicy", ""), path / "dnsConfig")
    for name, part in PARTS:
        if (value := spec.get(name)) is not None:
            yield from part(value, path / name)


def _all_containers(spec: Object, path: Path, context: Context) -> Iterator[FieldError]:
    ordinary, init = spec.get("containers") or (), spec.get("initContainers") or ()
    yield from validate_containers(ordinary, path / "containers", context)
    if init:
        yield from validate_init_containers(init, ordinary, path / "initContainers", context)
    if ephemeral := spec.get("ephemeralContainers"):
        here = path / "ephemeralContainers"
        yield from validate_ephemeral_containers(ephemeral, (*ordinary, *init), here, context)


def _host_network(containers: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, container in enumerate(containers):
        for position, port in enumerate(container.get("ports") or ()):
            number = port.get("containerPort", 0)
            if port.get("hostPort", 0) != number:
                here = path @ index / "ports" @ position / "containerPort"
                yield invalid(here, number, "must match `hostPort` when `hostNetwork` is true")
