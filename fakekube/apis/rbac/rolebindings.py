"""RoleBinding. Follows pkg/apis/rbac and pkg/registry/rbac/rolebinding of v1.20."""

from __future__ import annotations

from functools import partial

from fakekube.apis.rbac.columns import BINDING
from fakekube.apis.rbac.kinds import rbac_kind
from fakekube.apis.rbac.rules import default_binding, validate_binding, validate_role_stays

RESOURCE = rbac_kind(
    "RoleBinding",
    partial(validate_binding, namespaced=True),
    namespaced=True,
    default=default_binding,
    fixed=validate_role_stays,
    columns=BINDING,
)
