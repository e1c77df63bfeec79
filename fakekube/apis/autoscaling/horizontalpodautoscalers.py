"""HorizontalPodAutoscaler. Follows pkg/registry/autoscaling of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="autoscaling",
    plural="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    versions=(
        Version("v1", storage=True),
        Version("v2beta1"),
        Version("v2beta2"),
    ),
    short_names=("hpa",),
    categories=("all",),
    subresources=(Subresource("status"),),
)
