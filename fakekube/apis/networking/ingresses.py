"""Ingress. Follows pkg/registry/networking of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="networking.k8s.io",
    plural="ingresses",
    kind="Ingress",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    short_names=("ing",),
    subresources=(Subresource("status"),),
)
