"""AppArmor profiles: annotations of the policy and of the pod, one of these for each container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekube.apis.podspec.annotations import APPARMOR_CONTAINER
from fakekube.machinery.fielderrors import FieldError, Path, forbidden
from fakekube.machinery.goformat import quote

DEFAULT = "apparmor.security.beta.kubernetes.io/defaultProfileName"
ALLOWED = "apparmor.security.beta.kubernetes.io/allowedProfileNames"
PATH = Path("pod") / "metadata" / "annotations"


def default(policy: Mapping[str, str], annotations: Mapping[str, str], container: str) -> dict[str, str]:
    """The annotation to add for the container of that name, if any."""
    key = APPARMOR_CONTAINER + container
    profile = policy.get(DEFAULT, "")
    return {key: profile} if profile and not annotations.get(key) else {}


def check(policy: Mapping[str, str], annotations: Mapping[str, str], container: str) -> Iterator[FieldError]:
    """Judge the profile of the container of that name. A policy without the annotation allows everything."""
    if ALLOWED not in policy:
        return
    key = APPARMOR_CONTAINER + container
    profile = annotations.get(key, "")
    if not profile:
        yield forbidden(PATH @ key, "AppArmor profile must be set")
    elif profile not in policy[ALLOWED].split(","):
        text = f"{profile} is not an allowed profile. Allowed values: {quote(policy[ALLOWED])}"
        yield forbidden(PATH @ key, text)
