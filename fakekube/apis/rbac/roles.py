"""Role. Follows pkg/apis/rbac and pkg/registry/rbac/role of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.rbac.rules import GROUP, validate_rules, versions
from fakekube.apis.resource import Resource
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object


def validate(role: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new role."""
    yield from again.created(role)
    yield from validate_rules(role.get("rules"), namespaced=True)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """An updated role is judged twice."""
    for _ in range(2):
        yield from again.judged(new, namespaced=True, rule=path_segment)
        yield from validate_rules(new.get("rules"), namespaced=True)
    yield from again.changed(new, old)


RESOURCE = Resource(
    group=GROUP,
    plural="roles",
    exportable=False,
    kind="Role",
    versions=versions("Role"),
    validate_name=path_segment,
    validate=validate,
    validate_update=validate_update,
    create_on_update=True,
)
