"""What a policy makes of one container, of whichever list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekube.admission.psp import apparmor, capabilities, groups, hosts, seccomp, selinux, users
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

Annotations = Mapping[str, str]


def mutate(spec: Object, pod_context: Object, container: Object) -> Object:
    """The container with what the policy fills in; `pod_context` is the pod's security context."""
    context = container.get("securityContext")
    given = Effective(pod_context, context or {})
    filled: Object = {}
    _fill(filled, given, "runAsUser", users.default(spec["runAsUser"]))
    _fill(filled, given, "runAsGroup", groups.default(spec.get("runAsGroup") or groups.ANY))
    _fill(filled, given, "seLinuxOptions", selinux.default(spec["seLinux"]))
    if users.wants_non_root(spec["runAsUser"]) and given("runAsUser") is None:
        _fill(filled, given, "runAsNonRoot", True)
    if (wanted := capabilities.default(spec, given.own("capabilities"))) is not given.own("capabilities"):
        filled["capabilities"] = wanted
    if spec.get("readOnlyRootFilesystem") and given.own("readOnlyRootFilesystem") is None:
        filled["readOnlyRootFilesystem"] = True
    if given.own("allowPrivilegeEscalation") is None and (default := _escalation(spec)) is not None:
        filled["allowPrivilegeEscalation"] = default
    return {**container, "securityContext": {**(context or {}), **filled}} if filled else container


class Effective:
    """A container's security context, with the pod's behind it where the container's says nothing."""

    def __init__(self, pod: Object, own: Object) -> None:
        self._pod = pod
        self._own = own

    def __call__(self, field: str) -> Any:
        """What holds for the container; None where nobody says."""
        value = self._own.get(field)
        return self._pod.get(field) if value is None else value

    def own(self, field: str) -> Any:
        """What the container itself says."""
        return self._own.get(field)


def _fill(filled: Object, given: Effective, field: str, value: object) -> None:
    if value is not None and given(field) is None:
        filled[field] = value


def _escalation(spec: Object) -> bool | None:
    """What a container that does not say whether its processes may gain privileges is made to say."""
    default: bool | None = spec.get("defaultAllowPrivilegeEscalation")
    if default is None and not escalates(spec):
        return False
    return default


def escalates(spec: Object) -> bool:
    """Whether the policy lets processes gain privileges; old ones that do not say do."""
    return spec.get("allowPrivilegeEscalation") is not False


def check(policy: Object, pod: Object, container: Object, path: Path) -> Iterator[FieldError]:
    """Judge a container of the pod, in the real server's order."""
    spec, pod_spec = policy["spec"], pod["spec"]
    rules: Annotations = policy["metadata"].get("annotations") or {}
    annotations: Annotations = pod["metadata"].get("annotations") or {}
    given = Effective(pod_spec.get("securityContext") or {}, container.get("securityContext") or {})
    here = path / "securityContext"
    yield from users.check(spec["runAsUser"], given("runAsUser"), given("runAsNonRoot"), here)
    group = given("runAsGroup")
    yield from groups.check(spec.get("runAsGroup") or groups.ANY, None if group is None else [group], here)
    yield from selinux.check(spec["seLinux"], given("seLinuxOptions"), here / "seLinuxOptions")
    yield from apparmor.check(rules, annotations, container.get("name", ""))
    yield from seccomp.check_container(rules, annotations, pod_spec, container)
    yield from _privileges(spec, given, here)
    yield from capabilities.check(spec, given.own("capabilities"), here / "capabilities")
    yield from hosts.check_ports(spec, container, path)
    yield from _root_filesystem(spec, given.own("readOnlyRootFilesystem"), here / "readOnlyRootFilesystem")
    yield from _escalations(spec, given.own("allowPrivilegeEscalation"), here / "allowPrivilegeEscalation")


def _privileges(spec: Object, given: Effective, path: Path) -> Iterator[FieldError]:
    if given.own("privileged") and not spec.get("privileged"):
        yield invalid(path / "privileged", True, "Privileged containers are not allowed")
    mount = "Default" if given.own("procMount") is None else given.own("procMount")
    if mount not in (spec.get("allowedProcMountTypes") or ("Default",)):
        yield invalid(path / "procMount", mount, "ProcMountType is not allowed")


def _root_filesystem(spec: Object, read_only: bool | None, path: Path) -> Iterator[FieldError]:
    if not spec.get("readOnlyRootFilesystem") or read_only:
        return
    nothing = "may not be nil and " if read_only is None else ""
    yield invalid(path, Go(read_only, "*bool"), f"ReadOnlyRootFilesystem {nothing}must be set to true")


def _escalations(spec: Object, allowed: bool | None, path: Path) -> Iterator[FieldError]:
    if allowed is not False and not escalates(spec):
        yield invalid(path, Go(allowed, "*bool"), "Allowing privilege escalation for containers is not allowed")
