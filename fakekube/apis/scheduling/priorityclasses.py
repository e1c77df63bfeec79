"""PriorityClass. Follows pkg/registry/scheduling of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="scheduling.k8s.io",
    plural="priorityclasses",
    kind="PriorityClass",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    namespaced=False,
    short_names=("pc",),
)
