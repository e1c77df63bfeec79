"""ServiceAccount. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="",
    plural="serviceaccounts",
    kind="ServiceAccount",
    versions=(Version("v1", storage=True),),
    short_names=("sa",),
    subresources=(
        Subresource("token", verbs=("create",), group="authentication.k8s.io", version="v1", kind="TokenRequest"),
    ),
    returns_deleted=True,
)
