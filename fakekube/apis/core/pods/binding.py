"""A pod gets its node. Follows BindingREST of pkg/registry/core/pod/storage of v1.20."""

from __future__ import annotations

from fakekube.apis.core.pods.validation import validate_binding
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time

__all__ = ["NotAssignable", "bound", "validate_binding"]


class NotAssignable(ValueError):
    """The pod cannot be bound; the server answers a Conflict on "pods/binding" with this text."""


def bound(pod: Object, binding: Object, now: float) -> Object:
    """The pod as it is stored when the binding is carried out; `pod` stays as it is. Raises NotAssignable."""
    metadata, spec = pod["metadata"], pod["spec"]
    if "deletionTimestamp" in metadata:
        raise NotAssignable(f"pod {metadata['name']} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        raise NotAssignable(f'pod {metadata["name"]} is already assigned to node "{spec["nodeName"]}"')
    added = (binding.get("metadata") or {}).get("annotations") or {}
    if added:
        metadata = {**metadata, "annotations": {**(metadata.get("annotations") or {}), **added}}
    status = pod.get("status") or {}
    condition = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": format_time(now),
    }
    return {
        **pod,
        "metadata": metadata,
        "spec": {**spec, "nodeName": binding["target"]["name"]},
        "status": {**status, "conditions": set_condition(status.get("conditions") or (), condition)},
    }


def set_condition(conditions: list[Object] | tuple[Object, ...], condition: Object) -> list[Object]:
    """The conditions with that one in place of the one of its type; its time stays while its status does."""
    changed = list(conditions)
    for index, one in enumerate(conditions):
        if one.get("type") == condition["type"]:
            kept = one.get("status") == condition["status"]
            since = one.get("lastTransitionTime") if kept else condition["lastTransitionTime"]
            changed[index] = {**condition, "lastTransitionTime": since}
            return changed
    return [*changed, condition]
