"""What of the host a pod may share: network, process and IPC namespaces, ports."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.admission.psp.ranges import Ranges, contains
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

NAMESPACES = {"hostNetwork": "Host network", "hostPID": "Host PID", "hostIPC": "Host IPC"}


def check_namespaces(spec: Object, pod_spec: Object, path: Path) -> Iterator[FieldError]:
    """Judge the pod; `path` is its security context's, where the real server has these fields."""
    for field, label in NAMESPACES.items():
        if pod_spec.get(field) and not spec.get(field):
            yield invalid(path / field, True, f"{label} is not allowed to be used")


def check_ports(spec: Object, container: Object, path: Path) -> Iterator[FieldError]:
    """Judge a container's host ports; `path` is the container's, and no port is named in it."""
    allowed = spec.get("hostPorts") or ()
    for port in container.get("ports") or ():
        number = port.get("hostPort") or 0
        if number > 0 and not contains(allowed, number):
            text = f"Host port {number} is not allowed to be used. Allowed ports: [{_text(allowed)}]"
            yield invalid(path / "hostPort", number, text)


def _text(allowed: Ranges) -> str:
    ends = [(span.get("min") or 0, span.get("max") or 0) for span in allowed]
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ends)
