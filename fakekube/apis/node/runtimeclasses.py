"""RuntimeClass. Follows pkg/registry/node of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="node.k8s.io",
    plural="runtimeclasses",
    kind="RuntimeClass",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True),
    ),
    namespaced=False,
)
