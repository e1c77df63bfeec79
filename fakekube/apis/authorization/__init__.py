"""The kinds of authorization.k8s.io."""

from __future__ import annotations

from fakekube.apis.authorization import (
    localsubjectaccessreviews,
    selfsubjectaccessreviews,
    selfsubjectrulesreviews,
    subjectaccessreviews,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    localsubjectaccessreviews.RESOURCE,
    selfsubjectaccessreviews.RESOURCE,
    selfsubjectrulesreviews.RESOURCE,
    subjectaccessreviews.RESOURCE,
)
"""In the order of discovery."""
