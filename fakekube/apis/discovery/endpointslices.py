"""EndpointSlice. Follows pkg/registry/discovery of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="discovery.k8s.io",
    plural="endpointslices",
    kind="EndpointSlice",
    versions=(Version("v1beta1", storage=True),),
)
