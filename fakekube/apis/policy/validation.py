"""What a PodSecurityPolicy has to look like. Follows pkg/apis/policy/validation of v1.20, odd paths included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fakekube.apis.podspec.annotations import DOCKER_DEFAULT, LOCALHOST, RUNTIME_DEFAULT, UNCONFINED
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.podspec.paths import descending
from fakekube.apis.podspec.volumesources import csi_driver_name
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go, quote
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object

ANY = "*"
APPARMOR = "apparmor.security.beta.kubernetes.io/"
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
RULES = {
    "runAsUser": ("MustRunAs", "MustRunAsNonRoot", "RunAsAny"),
    "seLinux": ("MustRunAs", "RunAsAny"),
    "supplementalGroups": ("MayRunAs", "MustRunAs", "RunAsAny"),
    "fsGroup": ("MayRunAs", "MustRunAs", "RunAsAny"),
}
"""Strategy: its rules, in the order in which messages list them."""
GROUP_RULES = ("MustRunAs", "RunAsAny", "MayRunAs")
VOLUMES = (
    "*", "awsElasticBlockStore", "azureDisk", "azureFile", "cephFS", "cinder", "configMap", "csi", "downwardAPI",
    "emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath",
    "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd",
    "scaleIO", "secret", "storageos", "vsphereVolume",
)  # fmt: skip
PROC_MOUNTS = ("Default", "Unmasked")
SYSCTL_LENGTH = 253
SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]"
SYSCTL_PATTERN = re.compile(SYSCTL)


def validate_annotations(annotations: Mapping[str, str], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the AppArmor and seccomp profiles."""
    for name in ("defaultProfileName", "allowedProfileNames"):
        text = annotations.get(APPARMOR + name, "")
        for profile in [text] if name.startswith("default") else text.split(","):
            if profile not in ("", RUNTIME_DEFAULT, UNCONFINED) and not profile.startswith(LOCALHOST):
                yield invalid(path @ (APPARMOR + name), text, f"invalid AppArmor profile name: {quote(profile)}")
    key = SECCOMP + "defaultProfileName"
    if profile := annotations.get(key, ""):
        yield from _seccomp(profile, path @ key)
    key = SECCOMP + "allowedProfileNames"
    for profile in annotations[key].split(",") if annotations.get(key) else ():
        if profile != ANY:
            yield from _seccomp(profile, path @ key)


def _seccomp(profile: str, path: Path) -> Iterator[FieldError]:
    if profile.startswith(LOCALHOST):
        yield from descending(profile.removeprefix(LOCALHOST), path)
    elif profile not in (RUNTIME_DEFAULT, DOCKER_DEFAULT, UNCONFINED):
        yield invalid(path, profile, "must be a valid seccomp profile")


def validate_spec(spec: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with a policy, in the real server's order."""
    yield from _strategy(spec, "runAsUser", path)
    if (group := spec.get("runAsGroup")) is not None:
        yield from _group_strategy(group, path / "runAsGroup")
    for name in ("seLinux", "supplementalGroups", "fsGroup"):
        yield from _strategy(spec, name, path)
    for volume in spec.get("volumes") or ():
        if volume not in VOLUMES:
            yield not_supported(path / "volumes", volume, VOLUMES)
    yield from _capabilities(spec)
    if spec.get("defaultAllowPrivilegeEscalation") and not spec.get("allowPrivilegeEscalation"):
        yield invalid(path / "defaultAllowPrivilegeEscalation", True, ESCALATION)
    for name, check in LISTS.items():
        yield from check(spec.get(name) or (), path / name)
    yield from _overlaps(spec, path)
    if (strategy := spec.get("runtimeClass")) is not None:
        yield from _runtime_classes(strategy, path / "runtimeClass")


ESCALATION = "Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true"


def _strategy(spec: Object, name: str, path: Path) -> Iterator[FieldError]:
    strategy = spec.get(name) or {}
    if (rule := strategy.get("rule", "")) not in RULES[name]:
        yield not_supported(path / name / "rule", rule, RULES[name])
    if name != "seLinux":
        yield from _ranges(strategy.get("ranges") or (), path / name / "ranges")


def _group_strategy(group: Object, path: Path) -> Iterator[FieldError]:
    rule, ranges = group.get("rule", ""), group.get("ranges")
    shown = Go(ranges, "[]policy.IDRange")
    if rule not in GROUP_RULES:
        yield not_supported(path / "rule", rule, GROUP_RULES)
    elif rule == "RunAsAny":
        if ranges:
            yield invalid(path / "ranges", shown, "Ranges must be empty")
    elif not ranges:
        yield invalid(path / "ranges", shown, "must provide at least one range")
    else:
        yield from _ranges(ranges, path / "ranges")


def _ranges(ranges: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, span in enumerate(ranges):
        low, high = span.get("min", 0), span.get("max", 0)
        if low < 0:
            yield invalid(path @ index / "min", low, "min cannot be negative")
        if high < 0:
            yield invalid(path @ index / "max", high, "max cannot be negative")
        if low > high:
            yield invalid(path @ index / "min", low, "min cannot be greater than max")


def _capabilities(spec: Object) -> Iterator[FieldError]:
    """What has to be dropped can neither be added nor allowed. The server leaves "spec" out of these paths."""
    dropped, allowed = spec.get("requiredDropCapabilities") or (), spec.get("allowedCapabilities") or ()
    if dropped and ANY in allowed:
        text = "must be empty when all capabilities are allowed by a wildcard"
        yield invalid(Path("requiredDropCapabilities"), Go(dropped, "[]core.Capability"), text)
    for name in ("defaultAddCapabilities", "allowedCapabilities"):
        for capability in spec.get(name) or ():
            if capability in dropped:
                text = f"capability is listed in {name} and requiredDropCapabilities"
                yield invalid(Path(name), capability, text)


def _proc_mounts(types: Sequence[str], path: Path) -> Iterator[FieldError]:
    for index, type_ in enumerate(types):
        if type_ not in PROC_MOUNTS:
            yield not_supported(path @ index, type_, PROC_MOUNTS)


def _host_paths(allowed: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, target in enumerate(allowed):
        prefix = target.get("pathPrefix", "")
        if not prefix:
            yield required(path @ index, "is required")
            return
        if ".." in prefix.split("/"):
            yield invalid(path @ index, prefix, "must not contain '..'")


def _flex_volumes(allowed: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, volume in enumerate(allowed):
        if not volume.get("driver"):
            yield required(path / "allowedFlexVolumes" @ index / "driver", "must specify a driver")


def _csi_drivers(allowed: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, driver in enumerate(allowed):
        yield from csi_driver_name(driver.get("name", ""), path / "allowedCSIDriver" @ index / "name")


def _sysctls(patterns: Sequence[str], path: Path) -> Iterator[FieldError]:
    wildcard = False
    for index, pattern in enumerate(patterns):
        if not pattern:
            yield invalid(path @ index, pattern, "empty sysctl not allowed")
        elif len(pattern) > SYSCTL_LENGTH or not SYSCTL_PATTERN.fullmatch(pattern):
            text = f"must have at most {SYSCTL_LENGTH} characters and match regex {SYSCTL}"
            yield invalid(path @ index, pattern, text)
        else:
            wildcard = wildcard or pattern[0] == ANY
    if wildcard and len(patterns) > 1:
        yield forbidden(path / "items", "if '*' is present, must not specify other sysctls")


LISTS: dict[str, Callable[[Sequence[Any], Path], Iterator[FieldError]]] = {
    "allowedProcMountTypes": _proc_mounts,
    "allowedHostPaths": _host_paths,
    "allowedFlexVolumes": _flex_volumes,
    "allowedCSIDrivers": _csi_drivers,
    "allowedUnsafeSysctls": _sysctls,
    "forbiddenSysctls": _sysctls,
}


def _overlaps(spec: Object, path: Path) -> Iterator[FieldError]:
    """The pattern that the other one covers is at fault."""
    for index, allowed in enumerate(spec.get("allowedUnsafeSysctls") or ()):
        for position, denied in enumerate(spec.get("forbiddenSysctls") or ()):
            if _covers(denied, allowed):
                yield invalid(path / "allowedUnsafeSysctls" @ index, allowed, f"sysctl overlaps with {denied}")
            elif _covers(allowed, denied):
                yield invalid(path / "forbiddenSysctls" @ position, denied, f"sysctl overlaps with {allowed}")


def _covers(pattern: str, other: str) -> bool:
    return other.removesuffix(ANY).startswith(pattern[:-1]) if pattern.endswith(ANY) else pattern == other


def _runtime_classes(strategy: Object, path: Path) -> Iterator[FieldError]:
    names, here = strategy.get("allowedRuntimeClassNames") or (), path / "allowedRuntimeClassNames"
    for index, name in enumerate(names):
        if name != ANY:
            yield from breaches(name, here @ index, dns_subdomain)
        if name in names[:index]:
            yield duplicate(here @ index, name)
    if (default := strategy.get("defaultRuntimeClassName")) is not None:
        yield from breaches(default, path / "defaultRuntimeClassName", dns_subdomain)
        if default not in names and ANY not in names:
            yield required(here, f"default {quote(default)} must be allowed")
    if ANY in names and len(names) > 1:
        text = "if '*' is present, must not specify other RuntimeClass names"
        yield invalid(here, Go(names, "[]string"), text)
