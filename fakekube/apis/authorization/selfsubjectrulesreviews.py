"""SelfSubjectRulesReview. Follows pkg/registry/authorization of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="authorization.k8s.io",
    plural="selfsubjectrulesreviews",
    kind="SelfSubjectRulesReview",
    versions=(
        Version("v1", storage=True),
        Version("v1beta1"),
    ),
    namespaced=False,
    verbs=("create",),
    stored=False,
)
