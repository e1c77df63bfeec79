"""LocalSubjectAccessReview. Follows pkg/apis/authorization and pkg/registry/authorization of v1.20."""

from __future__ import annotations

from fakekube.apis.authorization.versions import GROUP, versions
from fakekube.apis.resource import Resource

RESOURCE = Resource(
    group=GROUP,
    plural="localsubjectaccessreviews",
    kind="LocalSubjectAccessReview",
    versions=versions("LocalSubjectAccessReview", about_someone=True),
    verbs=("create",),
    stored=False,
)
