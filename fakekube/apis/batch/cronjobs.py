"""CronJob. Follows pkg/registry/batch of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="batch",
    plural="cronjobs",
    kind="CronJob",
    versions=(Version("v1beta1", storage=True),),
    short_names=("cj",),
    categories=("all",),
    subresources=(Subresource("status"),),
)
