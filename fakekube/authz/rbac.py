"""Role-based access control over the objects of the API. Follows plugin/pkg/auth/authorizer/rbac.

Bindings are indexed by the subjects they name, so that a request costs what its own user's bindings cost, however many
others there are; the index follows each commit, so that a write costs what that one binding costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.apis.resource import Resource
from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import UserRules
from fakekube.authz.rules import CompiledRule, combined_names
from fakekube.machinery.goformat import aggregate, quote
from fakekube.machinery.objects import Key, Object, UserInfo, key_of
from fakekube.machinery.users import service_account_name
from fakekube.registry.changes import Changes
from fakekube.registry.client import Reader

REMEMBERED = 2_000
"""Users' rules and roles that are kept, at most."""

NAME = "RBAC"
ROLES, BINDINGS = (clusterroles.RESOURCE, roles.RESOURCE), (clusterrolebindings.RESOURCE, rolebindings.RESOURCE)


class Match(NamedTuple):
    """A binding that applies to someone, and the number of the first subject that means them."""

    name: str
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
    """The bindings of each namespace, and ("") those of the cluster, by the subjects that they name."""

    def __init__(self) -> None:
        self._matches: dict[tuple[str, str], dict[str, Match]] = {}

    def add(self, binding: Object) -> None:
        """Take a binding in."""
        key = key_of(binding)
        for number, whom in enumerate(subject_keys(binding)):
            if whom:
                named = self._matches.setdefault((key.namespace, whom), {})
                named.setdefault(key.name, Match(key.name, number, binding))

    def remove(self, binding: Object) -> None:
        """Forget a binding."""
        key = key_of(binding)
        for whom in subject_keys(binding):
            named = self._matches.get((key.namespace, whom), {})
            named.pop(key.name, None)
            if not named:
                self._matches.pop((key.namespace, whom), None)

    def applying(self, keys: Iterable[str], namespace: str) -> list[Match]:
        """One match for each binding there that applies to someone of these keys, in the order of their names."""
        found: dict[str, Match] = {}
        for key in keys:
            for name, match in self._matches.get((namespace, key), {}).items():
                if name not in found or match.subject < found[name].subject:
                    found[name] = match
        return sorted(found.values(), key=attrgetter("name"))


def subject_keys(binding: Object) -> Iterator[str]:
    """`subject_key` of each of its subjects."""
    namespace = binding["metadata"].get("namespace", "")
    return (subject_key(subject, namespace) for subject in binding.get("subjects") or ())


def subject_key(subject: Object, namespace: str) -> str:
    """What a user must have among their `user_keys` for the subject to mean them; "" for nobody."""
    kind, name = subject.get("kind"), subject.get("name", "")
    if kind == "User":
        return f"u:{name}"
    if kind == "Group":
        return f"g:{name}"
    where = subject.get("namespace") or namespace
    return f"u:{service_account_name(Key(where, name))}" if kind == "ServiceAccount" and where else ""


def user_keys(user: UserInfo) -> list[str]:
    """The keys that mean a user: the name and each group."""
    return [f"u:{user.name}", *[f"g:{group}" for group in user.groups]]


class Applicable(NamedTuple):
    """All rules of one user in one namespace, each with the reason it gives, and the verdict if none permits."""

    rules: tuple[tuple[CompiledRule, str], ...]
    refusal: Verdict


class RBAC:
    """The mode RBAC of --authorization-mode."""

    def __init__(self, reader: Reader, changes: Changes) -> None:
        self._reader = reader
        self._changes = changes
        self._index: SubjectIndex | None = None
        self._roles: dict[tuple[str, Key], tuple[Object, tuple[CompiledRule, ...]]] = {}
        self._applicable: dict[tuple[str, tuple[str, ...], str], Applicable] = {}

    async def decide(self, attributes: Attributes) -> Verdict:
        """`evaluate`, as an Authorizer."""
        return self.evaluate(attributes)

    def evaluate(self, a: Attributes) -> Verdict:
        """ALLOW by the first rule that permits the action, or NO_OPINION with the faults that were met."""
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
        index, keys = self._index or self._follow(), user_keys(user)
        for where in ("", namespace) if namespace else ("",):
            for match in index.applying(keys, where):
                yield match, where

    def _follow(self) -> SubjectIndex:
        """Index what exists and follow its changes: from the first question on, since before it the store is empty."""
        self._index = index = SubjectIndex()

        def rebound(old: Object | None, new: Object | None) -> None:
            if old is not None:
                index.remove(old)
            if new is not None:
                index.add(new)
            self._applicable.clear()

        for kind in BINDINGS:
            self._changes.subscribe(kind, rebound)
        for kind in ROLES:
            self._changes.subscribe(kind, lambda _old, _new: self._applicable.clear())
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
