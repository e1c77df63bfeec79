"""APIService. Follows kube-aggregator's pkg/apis/apiregistration and pkg/registry/apiservice of v1.20."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fakekube.apis import meta
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.keyed import byte_count
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.statuses import keep_all_but_status
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import quote
from fakekube.machinery.names import dns_1035_label, dns_subdomain, path_segment, port_number
from fakekube.machinery.objects import Object

GROUP = "apiregistration.k8s.io"
SPEC, STATUS = Path("spec"), Path("status")
SERVICE = SPEC / "service"
LEGACY = "only v1 may have an empty group and it better be legacy kube"
PRIORITIES = (("groupPriorityMinimum", 20000), ("versionPriority", 1000))
STATES = ("True", "False", "Unknown")


def default(service: Object) -> None:
    """The port of https."""
    reference = (service.get("spec") or {}).get("service")
    if reference is not None and reference.get("port") is None:
        reference["port"] = 443


def prepare_create(service: Object) -> None:
    """What this server serves itself is available at once."""
    if (service.get("spec") or {}).get("service") is None:
        condition = {
            "type": "Available",
            "status": "True",
            "lastTransitionTime": service["metadata"]["creationTimestamp"],
            "reason": "Local",
            "message": "Local APIServices are always available",
        }
        service["status"] = {"conditions": [condition]}


def validate(service: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an API service; the name follows from the spec."""
    spec = service.get("spec") or {}
    group, version = spec.get("group", ""), spec.get("version", "")

    def rule(name: str) -> Iterable[str]:
        wrong = list(path_segment(name))
        if not wrong and name != f"{version}.{group}":
            wrong = [f'must be `spec.version+"."+spec.group`: {quote(f"{version}.{group}")}']
        return wrong

    yield from meta.validate_object_meta(service["metadata"], False, rule)
    if not group and version != "v1":
        yield required(SPEC / "group", LEGACY)
    if group:
        yield from (invalid(SPEC / "group", group, wrong) for wrong in dns_subdomain(group))
    yield from (invalid(SPEC / "version", version, wrong) for wrong in dns_1035_label(version))
    for name, most in PRIORITIES:
        if not 0 < (number := spec.get(name, 0)) <= most:
            yield invalid(SPEC / name, number, f"must be positive and less than {most}")
    yield from _local(spec) if spec.get("service") is None else _remote(spec)


def _local(spec: Object) -> Iterator[FieldError]:
    if bundle := spec.get("caBundle"):
        yield invalid(SPEC / "caBundle", f"{byte_count(bundle)} bytes", "local APIServices may not have a caBundle")
    if spec.get("insecureSkipTLSVerify"):
        yield invalid(SPEC / "insecureSkipTLSVerify", True, "local APIServices may not have insecureSkipTLSVerify")


def _remote(spec: Object) -> Iterator[FieldError]:
    reference = spec["service"]
    for name in ("namespace", "name"):
        if not reference.get(name):
            yield required(SERVICE / name)
    port = reference.get("port", 0)
    if wrong := list(port_number(port)):
        yield invalid(SERVICE / "port", port, f"port is not valid: {', '.join(wrong)}")
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        yield invalid(SPEC / "insecureSkipTLSVerify", True, "may not be true if caBundle is present")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; all but the name may change."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from validate(new)


KEPT_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")
"""What an update of the status does not change; the rest is judged as in any update."""


def prepare_status_update(new: Object, old: Object) -> None:
    """The status is the new one."""
    keep_all_but_status(new, old)
    others = {name: value for name, value in new["metadata"].items() if name not in KEPT_METADATA}
    kept = {name: old["metadata"][name] for name in KEPT_METADATA if name in old["metadata"]}
    new["metadata"] = {**others, **kept}


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield the conditions that are neither true nor false nor unknown."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    for index, condition in enumerate((new.get("status") or {}).get("conditions") or ()):
        if (state := condition.get("status", "")) not in STATES:
            yield not_supported(STATUS / "conditions" @ index / "status", state, STATES)


def _where(service: Object, _: float) -> str:
    reference = (service.get("spec") or {}).get("service")
    return "Local" if reference is None else f"{reference.get('namespace', '')}/{reference.get('name', '')}"


def _available(service: Object, _: float) -> str:
    conditions = (service.get("status") or {}).get("conditions") or ()
    condition = next((one for one in conditions if one.get("type") == "Available"), {"status": "Unknown"})
    state: str = condition.get("status", "")
    return f"{state} ({condition['reason']})" if state != "True" and condition.get("reason") else state


RESOURCE = Resource(
    group=GROUP,
    plural="apiservices",
    kind="APIService",
    kept_as_json=True,
    tracked=False,
    versions=(
        Version("v1", defaults=default),
        Version(
            "v1beta1",
            storage=True,
            until="1.22",
            defaults=default,
            deprecated=deprecated(f"{GROUP}/v1beta1", "APIService", "1.19", "1.22", f"{GROUP}/v1"),
        ),
    ),
    namespaced=False,
    categories=("api-extensions",),
    subresources=(Subresource("status", prepare_update=prepare_status_update, validate_update=validate_status_update),),
    validate_name=path_segment,
    metadata_last=True,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
    unconditional_update=False,
    columns=(
        NAME,
        Column("Service", "string", _where, description="The reference to the service that hosts this API endpoint."),
        Column("Available", "string", _available, description="Whether this service is available."),
        AGE,
    ),
)
