"""Nobody grants more than they have: what creating and updating roles and bindings has to pass.

Follows registry/rbac's policybased storages. The checks come after decoding and before admission; whoever may
`escalate` the role, or `bind` it, passes, and so do members of system:masters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.apis.resource import Resource
from fakekube.authz.attributes import Attributes
from fakekube.authz.chain import SYSTEM_MASTERS, Chain
from fakekube.authz.rbac import RBAC, RoleNotFound
from fakekube.authz.rules import compact, describe, quoted_list, uncovered
from fakekube.machinery.goformat import aggregate, quote
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError, bad_request, failure, forbidden, not_found

RULES_KINDS = frozenset({roles.RESOURCE.plural, clusterroles.RESOURCE.plural})
BINDING_KINDS = frozenset({rolebindings.RESOURCE.plural, clusterrolebindings.RESOURCE.plural})
FULL_AUTHORITY: tuple[Object, ...] = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)
NEEDS_ADMIN = "must have cluster-admin privileges to use the aggregationRule"
_GARBAGE_COLLECTED = ("ownerReferences", "finalizers", "managedFields", "selfLink")
_ROLE_KINDS = {kind.RESOURCE.kind: kind.RESOURCE.plural for kind in (clusterroles, roles)}


async def check_escalation(
    resource: Resource,
    new: Object,
    old: Object | None,
    *,
    user: UserInfo,
    name: str,
    namespace: str,
    authorizer: Chain,
) -> None:
    """Let a create (`old` None) or update of any of the four kinds pass, or raise the StatusError that answers it.

    `name` and `namespace` are the request's; `new` is of the storage version. Other resources pass.
    """
    if resource.group != roles.RESOURCE.group or SYSTEM_MASTERS in user.groups:
        return
    if resource.plural in RULES_KINDS:
        if await _may(authorizer, user, "escalate", resource.plural, name, namespace):
            return
        if old is None or not only_garbage_collection(new, old):
            _check_role(resource, new, old, user, namespace, authorizer.rbac)
    elif resource.plural in BINDING_KINDS and (old is None or not only_garbage_collection(new, old)):
        await _check_binding(resource, new, user, namespace, authorizer)


def _check_role(
    resource: Resource, new: Object, old: Object | None, user: UserInfo, namespace: str, rbac: RBAC
) -> None:
    name = new["metadata"].get("name", "")
    if why := missing_rights(rbac, user, namespace, new.get("rules") or ()):
        raise forbidden(resource.group, resource.plural, name, why)
    aggregated = resource is not roles.RESOURCE and (_aggregates(new) or _aggregates(old or {}))
    if aggregated and missing_rights(rbac, user, namespace, FULL_AUTHORITY):
        raise forbidden(resource.group, resource.plural, name, NEEDS_ADMIN)


async def _check_binding(resource: Resource, new: Object, user: UserInfo, namespace: str, authorizer: Chain) -> None:
    ref = new.get("roleRef") or {}
    kind, name = ref.get("kind", ""), ref.get("name", "")
    plural = _ROLE_KINDS.get(kind, "")
    if plural and await _may(authorizer, user, "bind", plural, name, namespace, ref.get("apiGroup", "")):
        return
    rules = _bound_rules(kind, name, namespace, authorizer.rbac)
    if why := missing_rights(authorizer.rbac, user, namespace, rules):
        raise forbidden(resource.group, resource.plural, new["metadata"].get("name", ""), why)


def _bound_rules(kind: str, name: str, namespace: str, rbac: RBAC) -> Sequence[Object]:
    """This comes before validation, so a faulty reference gets the answer of the store that it is looked up in."""
    if kind not in _ROLE_KINDS:
        raise StatusError(failure(500, "", f"unsupported role reference kind: {quote(kind)}"))
    if kind == roles.RESOURCE.kind and not namespace:
        raise bad_request("Namespace parameter required.")
    check_name(name)
    try:
        return rbac.role_rules({"kind": kind, "name": name}, namespace)
    except RoleNotFound as error:
        raise not_found(roles.RESOURCE.group, error.resource, error.name) from None


def check_name(name: str) -> None:
    """What the real store answers to a name that no object can have, when it is looked up. Raises BadRequest (400)."""
    if not name:
        raise bad_request("Name parameter required.")
    if faults := list(path_segment(name)):
        raise bad_request(f"Name parameter invalid: {quote(name)}: {';'.join(faults)}")


def missing_rights(rbac: RBAC, user: UserInfo, namespace: str, wanted: Sequence[Object]) -> str:
    """Why the user must not grant the wanted rules in that namespace; "" if they hold them all."""
    held, unresolved = rbac.resolve(user, namespace)
    missing = uncovered(held, wanted)
    if not missing:
        return ""
    lines = "\n".join(sorted({describe(rule) for rule in compact(missing)}))
    who = f"user {quote(user.name)} (groups={quoted_list(user.groups)})"
    errors = f"; resolution errors: [{aggregate([str(error) for error in unresolved])}]" if unresolved else ""
    return f"{who} is attempting to grant RBAC permissions not currently held:\n{lines}{errors}"


def only_garbage_collection(new: Object, old: Object) -> bool:
    """Whether an update changes nothing but what the garbage collector needs to delete the object."""
    return _without_collected(new) == _without_collected(old)


def _without_collected(obj: Object) -> Mapping[str, object]:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _GARBAGE_COLLECTED}
    return {**obj, "metadata": metadata}


def _aggregates(role: Object) -> bool:
    return bool((role.get("aggregationRule") or {}).get("clusterRoleSelectors"))


async def _may(
    authorizer: Chain,
    user: UserInfo,
    verb: str,
    resource: str,
    name: str,
    namespace: str,
    group: str = roles.RESOURCE.group,
) -> bool:
    attributes = Attributes(user, verb, namespace, group, "*", resource, name=name)
    return (await authorizer.decide(attributes)).allowed
