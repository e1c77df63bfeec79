"""PodDisruptionBudget. Follows pkg/registry/policy of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="policy",
    plural="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    versions=(Version("v1beta1", storage=True),),
    short_names=("pdb",),
    subresources=(Subresource("status"),),
)
