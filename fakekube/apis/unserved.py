"""Kinds in versions that the real server knows but does not serve, because some manifest may still name them."""

from __future__ import annotations

_WORKLOADS = frozenset({"ControllerRevision", "Deployment", "Scale", "StatefulSet"})
UNSERVED = {
    ("apps", "v1beta1"): _WORKLOADS | {"DeploymentRollback"},
    ("apps", "v1beta2"): _WORKLOADS | {"DaemonSet", "ReplicaSet"},
    ("batch", "v2alpha1"): frozenset({"CronJob", "JobTemplate"}),
    ("extensions", "v1beta1"): frozenset(
        {
            "DaemonSet",
            "Deployment",
            "DeploymentRollback",
            "NetworkPolicy",
            "PodSecurityPolicy",
            "ReplicaSet",
            "Scale",
        }
    ),
}
"""By group and version."""


def is_unserved(group: str, version: str, kind: str) -> bool:
    """Whether it is such a kind."""
    return kind in UNSERVED.get((group, version), ())
