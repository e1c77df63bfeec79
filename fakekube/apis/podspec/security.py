"""Security contexts of pods and of containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fakekube.apis.podspec.checks import MAX_INT32, one_of, ranged
from fakekube.apis.podspec.paths import descending
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain, in_range, size
from fakekube.machinery.objects import Object

SECCOMP_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
PROC_MOUNTS = ("Default", "Unmasked")
GROUP_CHANGES = ("Always", "OnRootMismatch")
_SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = rf"({_SYSCTL_SEGMENT}\.)*{_SYSCTL_SEGMENT}"
SYSCTL = re.compile(_SYSCTL)
SYSCTL_LIMIT = 253
SYSCTL_TEXT = f"must have at most {SYSCTL_LIMIT} characters and match regex {_SYSCTL}"
NO_ESCALATION = "cannot set `allowPrivilegeEscalation` to false and"

CREDENTIAL_LIMIT_KIB = 64
DOMAIN_LIMIT = 256
USER_LIMIT = 104
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NET_BIOS = re.compile(r"""[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}""")
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
WINDOWS_DOMAIN = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*")
BAD_USER = re.compile(r"""["/\\:;|=,+*?<>@\[\]]""")
BLANK_USER = re.compile(r"[. ]+")

user = ranged("runAsUser", 0, MAX_INT32)
group = ranged("runAsGroup", 0, MAX_INT32)
fs_group = ranged("fsGroup", 0, MAX_INT32)
group_change = one_of("fsGroupChangePolicy", GROUP_CHANGES)
proc_mount = one_of("procMount", PROC_MOUNTS)


def validate_pod_security(context: Object, path: Path, spec: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a pod's security context; `spec` is the pod's."""
    yield from fs_group(context, path)
    yield from user(context, path)
    yield from group(context, path)
    for index, number in enumerate(context.get("supplementalGroups") or ()):
        for wrong in in_range(number, 0, MAX_INT32):
            yield invalid(path / "supplementalGroups" @ index, number, wrong)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        why = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(path / "shareProcessNamespace", True, why)
    if context.get("sysctls"):
        yield from _sysctls(context["sysctls"], path / "sysctls")
    yield from group_change(context, path)
    yield from _common(context, path)


def validate_security(context: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with a container's security context."""
    yield from user(context, path)
    yield from group(context, path)
    yield from proc_mount(context, path)
    if context.get("seccompProfile") is not None:
        yield from _seccomp(context["seccompProfile"], path / "seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        yield from _escalation(context, path)
    if context.get("windowsOptions") is not None:
        yield from _windows(context["windowsOptions"], path / "windowsOptions")


def _common(context: Object, path: Path) -> Iterator[FieldError]:
    if context.get("seccompProfile") is not None:
        yield from _seccomp(context["seccompProfile"], path / "seccompProfile")
    if context.get("windowsOptions") is not None:
        yield from _windows(context["windowsOptions"], path / "windowsOptions")


def _escalation(context: Object, path: Path) -> Iterator[FieldError]:
    shown = Go(context, "core.SecurityContext")
    if context.get("privileged"):
        yield invalid(path, shown, f"{NO_ESCALATION} `privileged` to true")
    for capability in (context.get("capabilities") or {}).get("add") or ():
        if capability == "CAP_SYS_ADMIN":
            yield invalid(path, shown, f"{NO_ESCALATION} `capabilities.Add` CAP_SYS_ADMIN")


def _seccomp(profile: Object, path: Path) -> Iterator[FieldError]:
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        yield required(path / "type", "type is required when seccompProfile is set")
    elif kind not in SECCOMP_TYPES:
        yield not_supported(path / "type", kind, SECCOMP_TYPES)
    if kind == "Localhost":
        if local is None:
            yield required(path / "localhostProfile", "must be set when seccomp type is Localhost")
        else:
            yield from descending(local, path / "localhostProfile")
    elif local is not None:
        shown = Go(profile, "core.SeccompProfile")
        yield invalid(path / "localhostProfile", shown, "can only be set when seccomp type is Localhost")


def _sysctls(sysctls: Sequence[Object], path: Path) -> Iterator[FieldError]:
    taken: set[str] = set()
    for index, sysctl in enumerate(sysctls):
        name, here = sysctl.get("name", ""), path @ index / "name"
        if not name:
            yield required(here)
        elif not is_sysctl(name):
            yield invalid(here, name, SYSCTL_TEXT)
        elif name in taken:
            yield duplicate(here, name)
        taken.add(name)


def is_sysctl(name: str) -> bool:
    """Whether it can be the name of a kernel parameter."""
    return len(name) <= SYSCTL_LIMIT and SYSCTL.fullmatch(name) is not None


def _windows(options: Object, path: Path) -> Iterator[FieldError]:
    name, credential = options.get("gmsaCredentialSpecName"), options.get("gmsaCredentialSpec")
    for wrong in dns_subdomain(name) if name is not None else ():
        yield invalid(path / "gmsaCredentialSpecName", name, wrong)
    if credential == "":
        yield invalid(path / "gmsaCredentialSpec", credential, "gmsaCredentialSpec cannot be an empty string")
    elif credential is not None and size(credential) > CREDENTIAL_LIMIT_KIB * 1024:
        why = f"gmsaCredentialSpec size must be under {CREDENTIAL_LIMIT_KIB} KiB"
        yield invalid(path / "gmsaCredentialSpec", credential, why)
    if (text := options.get("runAsUserName")) is not None:
        for wrong in _windows_user(text):
            yield invalid(path / "runAsUserName", text, f"runAsUserName{wrong}")


def _windows_user(text: str) -> Iterator[str]:
    if not text:
        yield " cannot be an empty string"
    elif CONTROL.search(text):
        yield " cannot contain control characters"
    elif text.count("\\") > 1:
        yield " cannot contain more than one backslash"
    else:
        domain, backslash, name = text.rpartition("\\")
        yield from _windows_domain(domain) if backslash else ()
        yield from _windows_name(name)


def _windows_domain(domain: str) -> Iterator[str]:
    if size(domain) >= DOMAIN_LIMIT:
        yield f"'s Domain length must be under {DOMAIN_LIMIT} characters"
    if not NET_BIOS.fullmatch(domain) and not WINDOWS_DOMAIN.fullmatch(domain):
        yield "'s Domain doesn't match the NetBios nor the DNS format"


def _windows_name(name: str) -> Iterator[str]:
    if not name:
        yield "'s User cannot be empty"
    elif size(name) > USER_LIMIT:
        yield f"'s User length must not be longer than {USER_LIMIT} characters"
    if BLANK_USER.fullmatch(name):
        yield "'s User cannot contain only periods or spaces"
    if BAD_USER.search(name):
        yield """'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]"""
