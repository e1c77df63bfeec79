"""StorageClass. Follows pkg/registry/storage of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="storage.k8s.io",
    plural="storageclasses",
    kind="StorageClass",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    namespaced=False,
    short_names=("sc",),
    returns_deleted=True,
)
