"""RoleBinding. Follows pkg/apis/rbac and pkg/registry/rbac/rolebinding of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.rbac.columns import BINDING
from fakekube.apis.rbac.rules import GROUP, default_binding, validate_binding, validate_binding_update, versions
from fakekube.apis.resource import Resource
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object


def validate(binding: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new binding."""
    yield from again.created(binding)
    yield from validate_binding(binding, namespaced=True)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    return validate_binding_update(new, old, namespaced=True)


RESOURCE = Resource(
    group=GROUP,
    plural="rolebindings",
    exportable=False,
    kind="RoleBinding",
    versions=versions("RoleBinding", default_binding),
    validate_name=path_segment,
    validate=validate,
    validate_update=validate_update,
    create_on_update=True,
    columns=BINDING,
)
