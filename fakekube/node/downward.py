"""What a pod may learn of itself: fields and resources, for environment variables and files.

Follows pkg/fieldpath and pkg/api/v1/resource of v1.20.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from fakekube.apis.podspec.downward import split_subscript
from fakekube.machinery import quantity
from fakekube.machinery.objects import Object


class Unsupported(ValueError):
    """There is no such field or resource."""


def field_value(pod: Object, path: str, pod_ip: str, host_ip: str) -> str:
    """The value of a field of the pod. Raises Unsupported."""
    metadata, spec = pod["metadata"], pod["spec"]
    name, key = split_subscript(path)
    if key is not None and name in ("metadata.labels", "metadata.annotations"):
        return str((metadata.get(name.partition(".")[2]) or {}).get(key, ""))
    values = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "metadata.labels": formatted(metadata.get("labels") or {}),
        "metadata.annotations": formatted(metadata.get("annotations") or {}),
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.hostIP": host_ip,
        "status.podIP": pod_ip,
        "status.podIPs": pod_ip,
    }
    if path not in values:
        raise Unsupported(f"unsupported fieldPath: {path}")
    return str(values[path])


def formatted(values: Mapping[str, str]) -> str:
    """Labels or annotations as lines of key="value"."""
    return "\n".join(f"{key}={json.dumps(values[key], ensure_ascii=False)}" for key in sorted(values))


def resource_value(pod: Object, container: Object, reference: Object, allocatable: Mapping[str, str]) -> str:
    """What a container may use or asks for, in units of the divisor; the node's whole where there is no limit.

    Raises Unsupported.
    """
    name = reference.get("containerName")
    if name:
        named = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]
        container = next((one for one in named if one["name"] == name), container)
    kind, _, resource = reference["resource"].partition(".")
    amount = (container.get("resources", {}).get(kind) or {}).get(resource)
    if amount is None:
        amount = allocatable.get(resource, "0") if kind == "limits" else "0"
    return str(_in_units(amount, reference.get("divisor") or "0", milli=resource == "cpu"))


def _in_units(amount: str, divisor: str, *, milli: bool) -> int:
    """The amount divided, rounded up; no divisor counts as 1."""
    unit = quantity.parse(divisor)
    if unit.sign == 0:
        unit = quantity.parse("1")
    value = quantity.parse(amount)
    if milli:
        return -(-value.milli_value() // unit.milli_value())
    return -(-value.value() // unit.value())
