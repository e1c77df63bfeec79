"""APIService. Follows pkg/registry/apiregistration of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version
from fakekube.apis.statuses import keep_metadata_too
from fakekube.machinery.names import path_segment

RESOURCE = Resource(
    group="apiregistration.k8s.io",
    plural="apiservices",
    kind="APIService",
    kept_as_json=True,
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
    categories=("api-extensions",),
    subresources=(Subresource("status", prepare_update=keep_metadata_too),),
    validate_name=path_segment,
)
