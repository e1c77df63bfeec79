"""RoleBinding. Follows pkg/registry/rbac of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="rbac.authorization.k8s.io",
    plural="rolebindings",
    kind="RoleBinding",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
)
