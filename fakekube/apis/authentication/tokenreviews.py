"""TokenReview. Follows pkg/registry/authentication of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="authentication.k8s.io",
    plural="tokenreviews",
    kind="TokenReview",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    namespaced=False,
    verbs=("create",),
    stored=False,
)
