"""Role-based access control over the objects of the API. Follows plugin/pkg/auth/authorizer/rbac.

Bindings are indexed by the subjects they name, so that a request costs what its own user's bindings cost, however many
others there are. What was derived from an object stays valid as long as the cache hands out that very object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.apis.resource import Resource
from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import UserRules
from fakekube.authz.rules import CompiledRule, aggregate, combined_names
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.registry.client import Reader

SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
REMEMBERED = 2_000
"""Users' rules, roles and namespaces that are kept, at most."""

NAME = "RBAC"
_KINDS = (clusterrolebindings.RESOURCE, clusterroles.RESOURCE, rolebindings.RESOURCE, roles.RESOURCE)


class Match(NamedTuple):
    """A binding that applies to someone: sorts in the order of bindings, the first subject that applies first."""

    position: int
    subject: int
    binding: Object


class RoleNotFound(Exception):
    """A binding refers to a role that does not exist. `resource` is the plural of its kind."""

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(f"{resource}.{clusterroles.RESOURCE.group} {quote(name)} not found")
        self.resource = resource
        self.name = name

    @property
    def evaluation_error(self) -> str:
        """The text of the real authorizer, whose lister names things in the singular."""
        return f"{self.resource.removesuffix('s')}.{clusterroles.RESOURCE.group} {quote(self.name)} not found"


class SubjectIndex:
    """The bindings of one namespace (or of the cluster) by the subjects that they name."""

    def __init__(self, bindings: Sequence[Object], namespace: str) -> None:
        self.bindings = bindings
        self._by_subject: dict[str, list[Match]] = {}
        for position, binding in enumerate(bindings):
            for number, subject in enumerate(binding.get("subjects") or ()):
                if key := subject_key(subject, namespace):
                    self._by_subject.setdefault(key, []).append(Match(position, number, binding))

    def applying(self, keys: Iterable[str]) -> list[Match]:
        """One match for each binding that applies to someone of these keys, in the order of the bindings."""
        found = [matches for key in keys if (matches := self._by_subject.get(key))]
        if len(found) == 1 and len(found[0]) == 1:
            return found[0]
        first: dict[int, Match] = {}
        for match in sorted((match for matches in found for match in matches), key=_order):
            first.setdefault(match.position, match)
        return list(first.values())

    def is_of(self, bindings: Sequence[Object]) -> bool:
        """Whether it was made of these very objects."""
        mine = self.bindings
        return len(mine) == len(bindings) and all(a is b for a, b in zip(mine, bindings, strict=True))


def _order(match: Match) -> tuple[int, int]:
    return match.position, match.subject


def subject_key(subject: Object, namespace: str) -> str:
    """What a user must have among their `user_keys` for the subject to mean them; "" for nobody."""
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "User":
        return f"u:{name}"
    if kind == "Group":
        return f"g:{name}"
    where = subject.get("namespace") or namespace
    return f"u:{SERVICE_ACCOUNT_PREFIX}{where}:{name}" if kind == "ServiceAccount" and where else ""


def user_keys(user: UserInfo) -> list[str]:
    """The keys that mean a user: the name and each group."""
    return [f"u:{user.name}", *[f"g:{group}" for group in user.groups]]


class Applicable(NamedTuple):
    """All rules of one user in one namespace, each with the reason it gives, and the verdict if none permits."""

    rules: tuple[tuple[CompiledRule, str], ...]
    refusal: Verdict


class RBAC:
    """The mode RBAC of --authorization-mode."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._revisions: list[int] = []
        self._indexes: dict[str, SubjectIndex] = {}
        self._fresh: set[str] = set()
        self._roles: dict[tuple[str, Key], tuple[Object, tuple[CompiledRule, ...]]] = {}
        self._applicable: dict[tuple[str, tuple[str, ...], str], Applicable] = {}

    async def decide(self, attributes: Attributes) -> Verdict:
        """`evaluate`, as an Authorizer."""
        return self.evaluate(attributes)

    def evaluate(self, a: Attributes) -> Verdict:
        """ALLOW by the first rule that permits the action, or NO_OPINION with the faults that were met."""
        self._follow_changes()
        applicable = self._rules_of(a.user, a.namespace)
        combined, wildcard = combined_names(a)
        for rule, reason in applicable.rules:
            if rule.allows(a, combined, wildcard):
                return Verdict(Decision.ALLOW, reason, NAME, rule.source)
        return applicable.refusal

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """All rules that apply to the user in a namespace ("" for those of the cluster alone)."""
        rules, missing = self.resolve(user, namespace)
        return UserRules(rules, errors=[error.evaluation_error for error in missing])

    def resolve(self, user: UserInfo, namespace: str) -> tuple[list[Object], list[RoleNotFound]]:
        """The same, and the roles that bindings refer to in vain."""
        self._follow_changes()
        rules: list[Object] = []
        missing: list[RoleNotFound] = []
        for match, where in self._matches(user, namespace):
            try:
                rules.extend(self.role_rules(match.binding["roleRef"], where))
            except RoleNotFound as error:
                missing.append(error)
        return rules, missing

    def role_rules(self, role_ref: Object, namespace: str) -> Sequence[Object]:
        """The rules of the role that a binding in that namespace refers to. Raises RoleNotFound."""
        role = self._role(role_ref, namespace)
        return role.get("rules") or ()

    def _rules_of(self, user: UserInfo, namespace: str) -> Applicable:
        key = (user.name, user.groups, namespace)
        found = self._applicable.get(key)
        if found is None:
            if len(self._applicable) >= REMEMBERED:
                self._applicable.clear()
            found = self._applicable[key] = self._gather(user, namespace)
        return found

    def _gather(self, user: UserInfo, namespace: str) -> Applicable:
        rules: list[tuple[CompiledRule, str]] = []
        errors: list[str] = []
        for match, where in self._matches(user, namespace):
            try:
                compiled = self._compiled(match.binding["roleRef"], where)
            except RoleNotFound as error:
                errors.append(error.evaluation_error)
                continue
            reason = f"RBAC: allowed by {described(match, where)}"
            rules += [(rule, reason) for rule in compiled]
        why = f"RBAC: {aggregate(errors)}" if errors else ""
        return Applicable(tuple(rules), Verdict(Decision.NO_OPINION, why, NAME))

    def _matches(self, user: UserInfo, namespace: str) -> Iterator[tuple[Match, str]]:
        keys = user_keys(user)
        for where in ("", namespace) if namespace else ("",):
            for match in self._index(where).applying(keys):
                yield match, where

    def _follow_changes(self) -> None:
        revisions = [self._reader.revision(kind) for kind in _KINDS]
        if revisions != self._revisions:
            self._revisions = revisions
            self._applicable.clear()
            self._fresh.clear()

    def _index(self, namespace: str) -> SubjectIndex:
        found = self._indexes.get(namespace)
        if found is not None and namespace in self._fresh:
            return found
        kind = rolebindings.RESOURCE if namespace else clusterrolebindings.RESOURCE
        bindings = self._reader.list(kind, namespace)
        if found is None or not found.is_of(bindings):
            found = self._remember(namespace, SubjectIndex(bindings, namespace))
        self._fresh.add(namespace)
        return found

    def _remember(self, namespace: str, index: SubjectIndex) -> SubjectIndex:
        if len(self._indexes) >= REMEMBERED:
            self._indexes.clear()  # names of namespaces come from requests
            self._fresh.clear()
        self._indexes[namespace] = index
        return index

    def _compiled(self, role_ref: Object, namespace: str) -> tuple[CompiledRule, ...]:
        role = self._role(role_ref, namespace)
        key = (role_ref["kind"], Key(namespace, role_ref["name"]))
        known = self._roles.get(key)
        if known is not None and known[0] is role:
            return known[1]
        rules = tuple(CompiledRule(rule) for rule in role.get("rules") or ())
        if len(self._roles) >= REMEMBERED:
            self._roles.clear()
        self._roles[key] = role, rules
        return rules

    def _role(self, role_ref: Object, namespace: str) -> Object:
        kind: Resource = roles.RESOURCE if role_ref["kind"] == "Role" else clusterroles.RESOURCE
        key = Key(namespace if kind.namespaced else "", role_ref["name"])
        role = self._reader.get(kind, key)
        if role is None:
            raise RoleNotFound(kind.plural, role_ref["name"])
        return role


def described(match: Match, namespace: str) -> str:
    """As reasons name a binding: RoleBinding "x/ns" of ClusterRole "view" to Group "g"."""
    metadata, ref = match.binding["metadata"], match.binding["roleRef"]
    subject = match.binding["subjects"][match.subject]
    name = f"{metadata['name']}/{namespace}" if namespace else metadata["name"]
    whom = subject.get("name", "")
    if subject["kind"] == "ServiceAccount":
        whom = f"{whom}/{subject.get('namespace') or namespace}"
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return f"{kind} {quote(name)} of {ref['kind']} {quote(ref['name'])} to {subject['kind']} {quote(whom)}"
