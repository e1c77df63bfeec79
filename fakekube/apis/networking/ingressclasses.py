"""IngressClass. Follows pkg/registry/networking of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="networking.k8s.io",
    plural="ingressclasses",
    kind="IngressClass",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
)
