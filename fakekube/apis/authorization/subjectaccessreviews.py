"""SubjectAccessReview. Follows pkg/apis/authorization and pkg/registry/authorization of v1.20."""

from __future__ import annotations

from fakekube.apis.authorization.versions import GROUP, versions
from fakekube.apis.resource import Resource

RESOURCE = Resource(
    group=GROUP,
    plural="subjectaccessreviews",
    kind="SubjectAccessReview",
    versions=versions("SubjectAccessReview", about_someone=True),
    namespaced=False,
    verbs=("create",),
    stored=False,
)
