"""Lease. Follows pkg/apis/coordination and pkg/registry/coordination/lease of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import meta
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.objects import Object

GROUP = "coordination.k8s.io"
OLD = deprecated(f"{GROUP}/v1beta1", "Lease", "1.19", "1.22", f"{GROUP}/v1")
SPEC = Path("spec")


def validate(lease: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new lease."""
    spec = lease.get("spec") or {}
    duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if duration is not None and duration <= 0:
        yield invalid(SPEC / "leaseDurationSeconds", duration, "must be greater than 0")
    if transitions is not None and transitions < 0:
        yield invalid(SPEC / "leaseTransitions", transitions, "must to greater or equal than 0")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Everything may change."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from validate(new)


RESOURCE = Resource(
    group=GROUP,
    plural="leases",
    kind="Lease",
    versions=(
        Version("v1"),
        Version("v1beta1", storage=True, until="1.22", deprecated=OLD),
    ),
    validate=validate,
    validate_update=validate_update,
    create_on_update=True,
    unconditional_update=False,
    columns=(NAME, Column("Holder", "string", ".spec.holderIdentity"), AGE),
)
