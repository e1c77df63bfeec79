"""Event. Follows pkg/registry/events of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="events.k8s.io",
    plural="events",
    kind="Event",
    stored_under="",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    short_names=("ev",),
)
