"""What a policy makes of a whole pod."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from fakekube.admission.psp import (
    apparmor,
    containers,
    groups,
    hosts,
    runtimeclasses,
    seccomp,
    selinux,
    sysctls,
    users,
    volumes,
)
from fakekube.apis.podspec.annotations import SECCOMP_POD
from fakekube.apis.podspec.walk import containers as walk
from fakekube.machinery.fielderrors import FieldError, Path
from fakekube.machinery.objects import Object

SPEC = Path("spec")
LISTS = ("initContainers", "containers", "ephemeralContainers")
"""The lists whose containers are filled in. Those of the last, an alpha feature, are dropped afterwards, unjudged."""


def fault(spec: Object) -> str:
    """Why the policy cannot be tried at all, "" if it can. Such a policy is as good as none."""
    faults = (
        users.fault(spec.get("runAsUser") or {}),
        groups.fault(spec.get("runAsGroup") or groups.ANY, "RunAsGroup"),
        selinux.fault(spec.get("seLinux") or {}),
        groups.fault(spec.get("fsGroup") or {}, "FSGroup"),
        groups.fault(spec.get("supplementalGroups") or {}, "SupplementalGroups"),
    )
    return ", ".join(filter(None, faults))


def mutate(policy: Object, pod: Object) -> Object:
    """The pod with what the policy fills in: a new one, or the same where nothing is missing."""
    spec, metadata, pod_spec = policy["spec"], pod["metadata"], pod["spec"]
    annotations, filled = _annotations(policy, pod), _spec(spec, pod_spec)
    if annotations != (metadata.get("annotations") or {}):
        metadata = {**metadata, "annotations": annotations}
    elif filled is pod_spec:
        return pod
    return {**pod, "metadata": metadata, "spec": filled}


def _annotations(policy: Object, pod: Object) -> dict[str, str]:
    rules = policy["metadata"].get("annotations") or {}
    annotations = dict(pod["metadata"].get("annotations") or {})
    if profile := seccomp.default(rules, annotations, pod["spec"]):
        annotations[SECCOMP_POD] = profile
    for container in chain.from_iterable(pod["spec"].get(name) or () for name in LISTS):
        annotations.update(apparmor.default(rules, annotations, container.get("name", "")))
    return annotations


def _spec(spec: Object, pod_spec: Object) -> Object:
    context: Object = pod_spec.get("securityContext") or {}
    changed: Object = {}
    if filled := _context(spec, context):
        context = changed["securityContext"] = {**context, **filled}
    if pod_spec.get("runtimeClassName") is None and (name := runtimeclasses.default(spec)) is not None:
        changed["runtimeClassName"] = name
    for name in LISTS:
        before = pod_spec.get(name) or []
        after = [containers.mutate(spec, context, container) for container in before]
        if any(new is not old for new, old in zip(after, before, strict=True)):
            changed[name] = after
    return {**pod_spec, **changed} if changed else pod_spec


def _context(spec: Object, context: Object) -> Object:
    """What the pod's security context lacks."""
    group, supplemental = groups.default(spec["fsGroup"]), groups.default(spec["supplementalGroups"])
    defaults = {
        "supplementalGroups": None if supplemental is None else [supplemental],
        "fsGroup": group,
        "seLinuxOptions": selinux.default(spec["seLinux"]),
    }
    return {name: value for name, value in defaults.items() if value is not None and context.get(name) is None}


def check(policy: Object, pod: Object) -> Iterator[FieldError]:
    """Judge the pod, in the real server's order."""
    spec, pod_spec = policy["spec"], pod["spec"]
    rules = policy["metadata"].get("annotations") or {}
    annotations = pod["metadata"].get("annotations") or {}
    context, here = pod_spec.get("securityContext") or {}, SPEC / "securityContext"
    group = context.get("fsGroup")
    yield from groups.check(spec["fsGroup"], None if group is None else [group], here / "fsGroup")
    yield from groups.check(spec["supplementalGroups"], context.get("supplementalGroups"), here / "supplementalGroups")
    yield from seccomp.check_pod(rules, annotations, pod_spec)
    yield from selinux.check(spec["seLinux"], context.get("seLinuxOptions"), here / "seLinuxOptions")
    yield from hosts.check_namespaces(spec, pod_spec, here)
    yield from sysctls.check(spec, context)
    yield from volumes.check(spec, pod_spec, SPEC)
    yield from runtimeclasses.check(spec, pod_spec.get("runtimeClassName"), SPEC / "runtimeClassName")
    for container, path in walk(pod_spec):
        yield from containers.check(policy, pod, container, path)
