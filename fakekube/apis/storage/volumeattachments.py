"""VolumeAttachment. Follows pkg/registry/storage of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="storage.k8s.io",
    plural="volumeattachments",
    kind="VolumeAttachment",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    namespaced=False,
    subresources=(Subresource("status", versions=("v1",)),),
    returns_deleted=True,
)
