"""Role. Follows pkg/apis/rbac and pkg/registry/rbac/role of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.rbac.kinds import rbac_kind
from fakekube.apis.rbac.rules import validate_rules
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.objects import Object


def validate(role: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the rules."""
    return validate_rules(role.get("rules"), namespaced=True)


RESOURCE = rbac_kind("Role", validate, namespaced=True)
