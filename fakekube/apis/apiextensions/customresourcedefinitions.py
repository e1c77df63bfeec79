"""CustomResourceDefinition. Follows pkg/registry/apiextensions of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version
from fakekube.apis.statuses import keep_metadata_too

RESOURCE = Resource(
    group="apiextensions.k8s.io",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    kept_as_json=True,
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=(Subresource("status", prepare_update=keep_metadata_too),),
)
