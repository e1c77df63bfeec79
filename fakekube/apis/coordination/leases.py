"""Lease. Follows pkg/registry/coordination of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="coordination.k8s.io",
    plural="leases",
    kind="Lease",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
)
