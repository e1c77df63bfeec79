"""Attribute-based access control by the lines of a file (--authorization-policy-file).

Follows pkg/auth/authorizer/abac and pkg/apis/abac. A line is a Policy of abac.authorization.kubernetes.io/v1beta1, or
one of the older form v0, which has no version and no spec. Blank lines and those that begin with # do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import UserRules
from fakekube.authz.rules import ALL, url_covers
from fakekube.machinery import decoding
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.users import AUTHENTICATED

NAME = "ABAC"
GROUP, VERSION, KIND = "abac.authorization.kubernetes.io", "v1beta1", "Policy"
SCHEME = "k8s.io/kubernetes/pkg/apis/abac/register.go:33"
READS = ("get", "list", "watch")
UNMATCHED = "No policy matched."


class Policy(Struct, frozen=True):
    """One line: whom it is about, and what they may do, where "*" stands for anything and "" for nothing."""

    user: str = ""
    group: str = ""
    readonly: bool = False
    api_group: str = ""
    resource: str = ""
    namespace: str = ""
    path: str = ""

    def is_about(self, user: UserInfo) -> bool:
        """Whether it names the user, the group, or both, and all that it names fits."""
        if not self.user and not self.group:
            return False
        return self.user in ("", user.name) and (not self.group or self.group in user.groups)

    def allows(self, a: Attributes) -> bool:
        """Whether it permits the action."""
        if not self.is_about(a.user) or (self.readonly and a.verb not in READS):
            return False
        if not a.is_resource:
            return url_covers(self.path, a.path)
        wanted = ((self.namespace, a.namespace), (self.resource, a.resource), (self.api_group, a.group))
        return all(mine in (ALL, asked) for mine, asked in wanted)

    def rules(self) -> Iterator[Object]:
        """The same as rules of RBAC's form."""
        verbs = list(READS) if self.readonly else [ALL]
        if self.resource:
            yield {"verbs": verbs, "apiGroups": [self.api_group], "resources": [self.resource]}
        if self.path:
            yield {"verbs": verbs, "nonResourceURLs": [self.path]}


class ABAC:
    """The mode ABAC of --authorization-mode."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = tuple(policies)

    async def decide(self, attributes: Attributes) -> Verdict:
        """ALLOW by the first line that permits the action."""
        if any(policy.allows(attributes) for policy in self._policies):
            return Verdict(Decision.ALLOW, authorizer=NAME)
        return Verdict(Decision.NO_OPINION, UNMATCHED, NAME)

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """The rules of all lines about the user and the namespace."""
        mine = (policy for policy in self._policies if policy.is_about(user) and policy.namespace in (ALL, namespace))
        return UserRules([rule for policy in mine for rule in policy.rules()])


def read_policies(path: Path) -> list[Policy]:
    """The policies of a file. Raises ValueError with the number of the line at fault, OSError."""
    found: list[Policy] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip() or line.strip().startswith(b"#"):
            continue
        try:
            found.append(policy_of(line))
        except decoding.DecodeError as error:
            shown = line.decode("utf-8", "replace")
            raise ValueError(f"error reading policy file {path}, line {number}: {shown}: {error}") from None
    return found


def policy_of(line: bytes) -> Policy:
    """The policy that a line says. Raises DecodeError."""
    document = decoding.decode_recognized(line)
    found = decoding.identify(document, decoding.Kind("", "", ""))
    if found == (GROUP, VERSION, KIND):
        return _current(decoding.convert(document, _CURRENT, line))
    if found.version and found.kind:
        raise decoding.DecodeError(decoding.not_registered(found, SCHEME))
    return _old(decoding.convert(document, _OLD, line))


def _current(document: Object) -> Policy:
    spec = document.get("spec") or {}
    policy = Policy(**{own: spec[name] for name, own in _FIELDS.items() if spec.get(name)})
    if ALL in (policy.user, policy.group):
        return _of_everybody(policy)
    return policy


def _old(document: Object) -> Policy:
    """Here what is left out means everything, and every API group is meant."""
    given: dict[str, Any] = {own: document[name] for name, own in _FIELDS.items() if document.get(name)}
    anywhere = "namespace" not in given and "resource" not in given
    policy = Policy(**{"namespace": ALL, "resource": ALL, **given, "api_group": ALL, "path": ALL if anywhere else ""})
    if ALL in (policy.user, policy.group) or not (policy.user or policy.group):
        return _of_everybody(policy)
    return policy


def _of_everybody(policy: Policy) -> Policy:
    """Who is authenticated, that is."""
    return replace(policy, user="", group=AUTHENTICATED)


_FIELDS = {
    "user": "user",
    "group": "group",
    "readonly": "readonly",
    "apiGroup": "api_group",
    "resource": "resource",
    "namespace": "namespace",
    "nonResourcePath": "path",
}
"""Name in JSON -> field of Policy."""


def _struct(go: str, fields: Sequence[Field]) -> Type:
    made = Type(Form.OBJECT, go=go)
    made.set_fields({field.name: field for field in fields})
    return made


def _scalar(name: str) -> Field:
    form, go = (Form.BOOLEAN, "bool") if name == "readonly" else (Form.STRING, "string")
    return Field(name, Type(form, go=go), go=name[0].upper() + name[1:])


_META = ("kind", "apiVersion")
_SPEC = _struct("v1beta1.PolicySpec", [_scalar(name) for name in _FIELDS])
_CURRENT = _struct("v1beta1.Policy", [*(_scalar(name) for name in _META), Field("spec", _SPEC, go="Spec")])
_OLD_NAMES = (name for name in _FIELDS if name not in ("apiGroup", "nonResourcePath"))
_OLD = _struct("v0.Policy", [_scalar(name) for name in (*_META, *_OLD_NAMES)])
