"""The versions of the access reviews. Follows pkg/apis/authorization of v1.20."""

from __future__ import annotations

from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Version
from fakekube.machinery.objects import Object

GROUP = "authorization.k8s.io"


def versions(kind: str, *, about_someone: bool = False) -> tuple[Version, ...]:
    """v1 and v1beta1; a review about someone else than the sender calls his groups "group" in v1beta1."""
    old = deprecated(f"{GROUP}/v1beta1", kind, "1.19", "1.22", f"{GROUP}/v1")
    to_v1, from_v1 = (_to_groups, _to_group) if about_someone else (None, None)
    beta = Version("v1beta1", until="1.22", to_storage=to_v1, from_storage=from_v1, deprecated=old)
    return Version("v1", storage=True), beta


def _to_groups(review: Object) -> Object:
    return _renamed(review, "group", "groups")


def _to_group(review: Object) -> Object:
    return _renamed(review, "groups", "group")


def _renamed(review: Object, old: str, new: str) -> Object:
    spec = review.get("spec") or {}
    if old not in spec:
        return review
    return {**review, "spec": {new if name == old else name: value for name, value in spec.items()}}
