"""What differs between two pod specs, in the words of the server, which compares and prints its internal types."""

from __future__ import annotations

from functools import cache
from typing import Any

from fakekube.machinery.godiff import Builder, GoType, compare, report, semantically_equal, view
from fakekube.machinery.godiff.values import BOOL, Member, pointer
from fakekube.machinery.objects import Object

POD_SPEC = "io.k8s.api.core.v1.PodSpec"
MOVED = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
"""Fields of the public spec that the internal security context has."""
SPEC_ORDER = (
    "Volumes", "InitContainers", "Containers", "EphemeralContainers", "RestartPolicy",
    "TerminationGracePeriodSeconds", "ActiveDeadlineSeconds", "DNSPolicy", "NodeSelector", "ServiceAccountName",
    "AutomountServiceAccountToken", "NodeName", "SecurityContext", "ImagePullSecrets", "Hostname", "Subdomain",
    "SetHostnameAsFQDN", "Affinity", "SchedulerName", "Tolerations", "HostAliases", "PriorityClassName", "Priority",
    "PreemptionPolicy", "DNSConfig", "ReadinessGates", "RuntimeClassName", "Overhead", "EnableServiceLinks",
    "TopologySpreadConstraints",
)  # fmt: skip
SECURITY_ORDER = (
    "HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "SELinuxOptions", "WindowsOptions", "RunAsUser",
    "RunAsGroup", "RunAsNonRoot", "SupplementalGroups", "FSGroup", "FSGroupChangePolicy", "Sysctls", "SeccompProfile",
)  # fmt: skip
SOURCE_ORDER = (
    "HostPath", "EmptyDir", "GCEPersistentDisk", "AWSElasticBlockStore", "GitRepo", "Secret", "NFS", "ISCSI",
    "Glusterfs", "PersistentVolumeClaim", "RBD", "Quobyte", "FlexVolume", "Cinder", "CephFS", "Flocker",
    "DownwardAPI", "FC", "AzureFile", "ConfigMap", "VsphereVolume", "AzureDisk", "PhotonPersistentDisk", "Projected",
    "PortworxVolume", "ScaleIO", "StorageOS", "CSI", "Ephemeral",
)  # fmt: skip


def _selector_text(selector: tuple[Any, ...]) -> str:
    """String() of a LabelSelector."""
    labels, expressions = selector
    shown = "".join(f"{key}: {value}," for key, value in (labels or {}).items())
    items = "".join(
        f"LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{' '.join(values or ())}],}},"
        for key, operator, values in expressions or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{shown}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{items}}},}}"
    )


@cache
def _pod_spec() -> GoType:
    from fakekube.apis import schema

    builder = Builder(
        packages={"io.k8s.api.core.v1.": "core.", "v1.": "core."},
        orders={"PodSpec": SPEC_ORDER, "PodSecurityContext": SECURITY_ORDER, "VolumeSource": SOURCE_ORDER},
        values={"ServiceAccountTokenProjection": frozenset({"ExpirationSeconds"})},
        extras={
            "PodSecurityContext": (
                Member("HostNetwork", "hostNetwork", BOOL),
                Member("HostPID", "hostPID", BOOL),
                Member("HostIPC", "hostIPC", BOOL),
                Member("ShareProcessNamespace", "shareProcessNamespace", pointer(BOOL)),
            )
        },
        key_prefixes={"core.ResourceList": "s"},
        texts={"v1.LabelSelector": _selector_text, "resource.Quantity": str},
    )
    return builder.type(schema.load().definition(POD_SPEC))


def _internal(spec: Object) -> Object:
    moved = {name: spec[name] for name in MOVED if name in spec}
    return {**spec, "securityContext": {**(spec.get("securityContext") or {}), **moved}}


def spec_difference(new: Object, old: Object) -> str:
    """The difference as text, "" where the server sees none: nil or empty, 1 or 1000m."""
    type_ = _pod_spec()
    x, y = view(_internal(new), type_), view(_internal(old), type_)
    return "" if semantically_equal(type_, x, y) else report(compare(type_, x, y))
