"""PodSecurityPolicy. Follows pkg/registry/policy of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="policy",
    plural="podsecuritypolicies",
    kind="PodSecurityPolicy",
    versions=(Version("v1beta1", storage=True),),
    namespaced=False,
    short_names=("psp",),
    returns_deleted=True,
)
