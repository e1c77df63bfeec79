"""TokenReview. Follows pkg/registry/authentication of v1.20."""

from __future__ import annotations

from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Resource, Version

GROUP = "authentication.k8s.io"
OLD = deprecated(f"{GROUP}/v1beta1", "TokenReview", "1.19", "1.22", f"{GROUP}/v1")

RESOURCE = Resource(
    group=GROUP,
    plural="tokenreviews",
    kind="TokenReview",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1", until="1.22", deprecated=OLD),
    ),
    namespaced=False,
    verbs=("create",),
    stored=False,
)
