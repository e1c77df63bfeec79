"""PodSecurityPolicy. Follows pkg/apis/policy and pkg/registry/policy/podsecuritypolicy of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.columns import NAME
from fakekube.apis.policy.validation import validate_annotations, validate_spec
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path
from fakekube.machinery.objects import Object


def default(policy: Object) -> None:
    """Policies from before the field came to be go on allowing privilege escalation."""
    spec = policy.get("spec")
    if spec is None:
        spec = policy["spec"] = {}
    if spec.get("allowPrivilegeEscalation") is None:
        spec["allowPrivilegeEscalation"] = True


def prepare_create(policy: Object) -> None:
    """The feature of proc mounts is off in v1.20."""
    policy["spec"].pop("allowedProcMountTypes", None)


def prepare_update(new: Object, old: Object) -> None:
    """What the feature left in an old policy may stay."""
    if not old["spec"].get("allowedProcMountTypes"):
        prepare_create(new)


def validate(policy: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new policy."""
    yield from again.created(policy)
    yield from _annotations_and_spec(policy)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Everything may change."""
    yield from again.changed(new, old)
    yield from _annotations_and_spec(new)


def _annotations_and_spec(policy: Object) -> Iterator[FieldError]:
    annotations = policy["metadata"].get("annotations") or {}
    yield from validate_annotations(annotations, Path("metadata") / "annotations")
    yield from validate_spec(policy["spec"], Path("spec"))


def _joined(name: str) -> Callable[[Object, float], str]:
    return lambda policy, _: ",".join(policy["spec"].get(name) or ())


def _rule(name: str) -> str:
    return f".spec.{name}.rule"


def _flag(name: str) -> Callable[[Object, float], bool]:
    return lambda policy, _: bool(policy["spec"].get(name))


def _privileged(policy: Any, _: float) -> str:
    return str(bool(policy["spec"].get("privileged"))).lower()


RESOURCE = Resource(
    group="policy",
    plural="podsecuritypolicies",
    kind="PodSecurityPolicy",
    versions=(Version("v1beta1", storage=True, until="1.25", defaults=default),),
    namespaced=False,
    invalid_group="extensions",
    short_names=("psp",),
    returns_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Priv", "string", _privileged),
        Column("Caps", "string", _joined("allowedCapabilities")),
        Column("SELinux", "string", _rule("seLinux")),
        Column("RunAsUser", "string", _rule("runAsUser")),
        Column("FsGroup", "string", _rule("fsGroup")),
        Column("SupGroup", "string", _rule("supplementalGroups")),
        Column("ReadOnlyRootFs", "string", _flag("readOnlyRootFilesystem")),
        Column("Volumes", "string", _joined("volumes")),
    ),
)
