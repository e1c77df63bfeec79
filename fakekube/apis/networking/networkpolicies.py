"""NetworkPolicy. Follows pkg/registry/networking of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="networking.k8s.io",
    plural="networkpolicies",
    kind="NetworkPolicy",
    versions=(Version("v1", storage=True),),
    short_names=("netpol",),
)
