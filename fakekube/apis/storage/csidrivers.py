"""CSIDriver. Follows pkg/registry/storage of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="storage.k8s.io",
    plural="csidrivers",
    kind="CSIDriver",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
    returns_deleted=True,
)
