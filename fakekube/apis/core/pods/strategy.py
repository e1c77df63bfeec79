"""What happens to a pod on its way to storage: defaults, what clients cannot set, deletion, field selectors.

Follows pkg/registry/core/pod/strategy.go and pkg/apis/core/v1 of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekube.apis.core.pods.columns import pod_ip
from fakekube.apis.core.pods.qos import qos_class
from fakekube.apis.podspec.annotations import SECCOMP_CONTAINER, SECCOMP_POD, seccomp_annotation, seccomp_profile
from fakekube.apis.podspec.defaults import default_pod_spec, default_requests, drop_init_annotations
from fakekube.apis.podspec.gates import drop_disabled_fields
from fakekube.apis.podspec.walk import init_and_containers, is_terminal
from fakekube.machinery.objects import Object


def default_pod(pod: Object) -> None:
    """Fill in what a pod leaves out."""
    spec = pod.get("spec")
    if spec is None:
        spec = pod["spec"] = {}
    default_requests(spec)
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    default_pod_spec(spec)
    drop_init_annotations(pod)
    if status := pod.get("status"):
        _sync_addresses(status)


def _sync_addresses(status: Object) -> None:
    """podIP and the first of podIPs are the same; where both are given, podIP wins."""
    address, addresses = status.get("podIP"), status.get("podIPs")
    if address and (not addresses or addresses[0].get("ip") != address):
        status["podIPs"] = [{"ip": address}]
    elif addresses and not address:
        status["podIP"] = addresses[0].get("ip", "")


def prepare_create(pod: Object) -> None:
    """A new pod is Pending, whatever the client says."""
    pod["status"] = {"phase": "Pending", "qosClass": qos_class(pod["spec"])}
    drop_disabled_fields(pod["spec"])
    _sync_seccomp(pod)


def _sync_seccomp(pod: Object) -> None:
    """Where a seccomp profile is given by the field or by an annotation, the other one is made of it."""
    annotations = dict(pod["metadata"].get("annotations") or {})
    before = len(annotations)
    holders = [(pod["spec"], SECCOMP_POD)]
    holders += [(one, SECCOMP_CONTAINER + one.get("name", "")) for one in init_and_containers(pod["spec"])]
    for holder, key in holders:
        profile = (holder.get("securityContext") or {}).get("seccompProfile")
        if profile is not None and key not in annotations:
            if annotation := seccomp_annotation(profile):
                annotations[key] = annotation
        elif profile is None and (made := seccomp_profile(annotations.get(key, ""))) is not None:
            holder["securityContext"] = {**(holder.get("securityContext") or {}), "seccompProfile": made}
    if len(annotations) > before:
        pod["metadata"]["annotations"] = annotations


def prepare_update(new: Object, old: Object) -> None:
    """Disabled fields come only with a pod that has them already."""
    drop_disabled_fields(new["spec"], old["spec"])


def prepare_status(new: Object, old: Object) -> None:
    """Through the status, labels and annotations may change as well; the spec and the owners do not."""
    new["spec"] = old["spec"]
    metadata, before = new["metadata"], old["metadata"]
    metadata.pop("deletionTimestamp", None)
    metadata.pop("ownerReferences", None)
    if "ownerReferences" in before:
        metadata["ownerReferences"] = before["ownerReferences"]


def grace_period(pod: Object, asked: int | None) -> int:
    """Seconds until the pod is gone: none for one that no node runs or that has ended."""
    if not pod["spec"].get("nodeName") or is_terminal(pod):
        return 0
    return int(pod["spec"].get("terminationGracePeriodSeconds") or 0) if asked is None else asked


def _text(outer: str, name: str) -> Callable[[Any], str]:
    return lambda pod: str((pod.get(outer) or {}).get(name) or "")


SELECTABLE: Mapping[str, Callable[[Any], str]] = {
    "spec.nodeName": _text("spec", "nodeName"),
    "spec.host": _text("spec", "nodeName"),
    "spec.restartPolicy": _text("spec", "restartPolicy"),
    "spec.schedulerName": _text("spec", "schedulerName"),
    "spec.serviceAccountName": _text("spec", "serviceAccountName"),
    "status.phase": _text("status", "phase"),
    "status.podIP": pod_ip,
    "status.podIPs": lambda _: "",  # the real server knows the name and no value of it
    "status.nominatedNodeName": _text("status", "nominatedNodeName"),
}
