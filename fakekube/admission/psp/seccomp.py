"""Seccomp profiles: allowed and default ones are annotations of the policy; pods name theirs by annotation or field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekube.apis.podspec.annotations import (
    DOCKER_DEFAULT,
    RUNTIME_DEFAULT,
    SECCOMP_CONTAINER,
    SECCOMP_POD,
    seccomp_annotation,
)
from fakekube.machinery.fielderrors import FieldError, Path, forbidden
from fakekube.machinery.objects import Object

ANY = "*"
DEFAULT = "seccomp.security.alpha.kubernetes.io/defaultProfileName"
ALLOWED = "seccomp.security.alpha.kubernetes.io/allowedProfileNames"
PATH = Path("pod") / "metadata" / "annotations"
TWINS = (RUNTIME_DEFAULT, DOCKER_DEFAULT)
"""Two names of one profile: who allows one allows both."""


def default(policy: Mapping[str, str], annotations: Mapping[str, str], spec: Object) -> str:
    """The profile that the pod's annotation is to name, "" for none: its own, its field's, the policy's default."""
    return _of_pod(annotations, spec, policy.get(DEFAULT, ""))


def check_pod(policy: Mapping[str, str], annotations: Mapping[str, str], spec: Object) -> Iterator[FieldError]:
    """Judge the pod's own profile."""
    yield from _check(policy, _of_pod(annotations, spec, ""), PATH @ SECCOMP_POD)


def check_container(
    policy: Mapping[str, str], annotations: Mapping[str, str], spec: Object, container: Object
) -> Iterator[FieldError]:
    """Judge the profile of a container: its field's, its annotation's, the pod's field's, the pod's annotation's."""
    key = SECCOMP_CONTAINER + container.get("name", "")
    profile = _field(container)
    if profile is None:
        profile = annotations.get(key)
    if profile is None:
        profile = _field(spec)
    if profile is None:
        profile = annotations.get(SECCOMP_POD, "")
    yield from _check(policy, profile, PATH @ key)


def _of_pod(annotations: Mapping[str, str], spec: Object, otherwise: str) -> str:
    if annotations.get(SECCOMP_POD):
        return annotations[SECCOMP_POD]
    field = _field(spec)
    return otherwise if field is None else field


def _field(holder: Object) -> str | None:
    """The field of a pod's spec or a container as an annotation; None where there is no field."""
    profile = (holder.get("securityContext") or {}).get("seccompProfile")
    return None if profile is None else seccomp_annotation(profile)


def _check(policy: Mapping[str, str], profile: str, path: Path) -> Iterator[FieldError]:
    names = policy[ALLOWED].split(",") if ALLOWED in policy else []
    allowed = {name for name in names if name != ANY}
    if allowed.intersection(TWINS):
        allowed.update(TWINS)
    if ANY in names or profile in allowed or (not allowed and not profile):
        return
    if allowed:
        yield forbidden(path, f"{profile} is not an allowed seccomp profile. Valid values are {policy[ALLOWED]}")
    else:
        yield forbidden(path, "seccomp may not be set")
