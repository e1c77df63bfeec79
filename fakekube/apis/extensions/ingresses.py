"""Ingress. Follows pkg/registry/extensions of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="extensions",
    plural="ingresses",
    kind="Ingress",
    stored_under="networking.k8s.io",
    versions=(Version("v1beta1", storage=True),),
    short_names=("ing",),
    subresources=(Subresource("status"),),
)
