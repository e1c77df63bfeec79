"""What the four kinds of the group share. Follows pkg/registry/rbac and its validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Column, Mutate, Resource, Validate, ValidateUpdate, Version
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object

GROUP = "rbac.authorization.k8s.io"


def rbac_kind(
    kind: str,
    own: Validate,
    *,
    namespaced: bool,
    default: Mutate | None = None,
    fixed: ValidateUpdate | None = None,
    columns: tuple[Column, ...] = (),
) -> Resource:
    """A kind of the group. `own` judges all but the metadata; `fixed` what must not change, if anything."""

    def validate(obj: Object) -> Iterator[FieldError]:
        yield from again.created(obj)
        yield from own(obj)

    def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
        for _ in range(2):  # an updated object is judged twice
            yield from again.judged(new, namespaced=namespaced, rule=path_segment)
            yield from own(new)
        yield from again.changed(new, old)
        if fixed is not None:
            yield from fixed(new, old)

    return Resource(
        group=GROUP,
        plural=f"{kind.lower()}s",
        exportable=False,
        kind=kind,
        versions=_versions(kind, default),
        namespaced=namespaced,
        validate_name=path_segment,
        validate=validate,
        validate_update=validate_update,
        create_on_update=True,
        columns=columns,
    )


def _versions(kind: str, default: Mutate | None) -> tuple[Version, ...]:
    """They do not differ."""
    old = deprecated(f"{GROUP}/v1beta1", kind, "1.17", "1.22", f"{GROUP}/v1")
    return (
        Version("v1", storage=True, defaults=default),
        Version("v1beta1", until="1.22", defaults=default, deprecated=old),
    )
