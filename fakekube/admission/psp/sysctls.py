"""Sysctls: a few are safe, others need to be allowed, any can be forbidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.machinery.fielderrors import FieldError, Path, forbidden
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

SAFE = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
    }
)
PATH = Path("pod") / "spec" / "securityContext" / "sysctls"


def check(spec: Object, context: Object) -> Iterator[FieldError]:
    """Judge the sysctls of a pod's security context."""
    for index, sysctl in enumerate(context.get("sysctls") or ()):
        name = sysctl.get("name", "")
        if _matches(name, spec.get("forbiddenSysctls") or ()):
            yield forbidden(PATH @ index, f"sysctl {quote(name)} is not allowed")
        elif name not in SAFE and not _matches(name, spec.get("allowedUnsafeSysctls") or ()):
            yield forbidden(PATH @ index, f"unsafe sysctl {quote(name)} is not allowed")


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """A pattern ends in * and matches what begins so, or is a name."""
    return any(name.startswith(p.removesuffix("*")) if p.endswith("*") else name == p for p in patterns)
