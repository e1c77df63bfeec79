"""Audit policies: the first rule that matches a request says in which detail it is recorded.

Follows apiserver's audit/policy and the validation of audit.k8s.io.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct

from fakekube.authz.attributes import Attributes
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain

VERSIONS = ("audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1")
RECEIVED, STARTED, COMPLETE, PANIC = "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"
STAGES = (RECEIVED, STARTED, COMPLETE, PANIC)


class Level(IntEnum):
    """How much is recorded; each level has what the one before it has."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3

    @property
    def label(self) -> str:
        """As policies and events write it."""
        return "".join(map(str.capitalize, self.name.split("_")))


LEVELS = {level.label: level for level in Level}


class Rule(Struct, frozen=True):
    """Which requests are recorded how. What is empty does not narrow it down."""

    level: Level
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    resources: Sequence[Mapping[str, Any]] = ()
    """{"group": G, "resources": [R, R/S, */S, R/*, *], "resourceNames": [N]}."""
    urls: Sequence[str] = ()
    omitted: frozenset[str] = frozenset()
    """Stages that leave no event."""

    def matches(self, a: Attributes, *, anonymous: bool) -> bool:
        """Whether the rule is about this request; `anonymous` says that nobody vouches for the user."""
        if self.users and (anonymous or a.user.name not in self.users):
            return False
        if self.groups and (anonymous or self.groups.isdisjoint(a.user.groups)):
            return False
        if self.verbs and a.verb not in self.verbs:
            return False
        if self.namespaces or self.resources:
            return self._matches_resource(a)
        return not self.urls or (not a.is_resource and any(_covers(url, a.path) for url in self.urls))

    def _matches_resource(self, a: Attributes) -> bool:
        if not a.is_resource or (self.namespaces and a.namespace not in self.namespaces):
            return False
        return not self.resources or any(_selects(entry, a) for entry in self.resources)


def _covers(url: str, path: str) -> bool:
    return url in ("*", path) or (url.endswith("*") and path.startswith(url.rstrip("*")))


def _selects(entry: Mapping[str, Any], a: Attributes) -> bool:
    if entry.get("group", "") != a.group:
        return False
    resources, names = entry.get("resources") or (), entry.get("resourceNames") or ()
    if not resources:
        return True
    combined = f"{a.resource}/{a.subresource}" if a.subresource else a.resource
    wanted = {"*", combined, f"{a.resource}/*"} | ({f"*/{a.subresource}"} if a.subresource else set())
    return (not names or a.name in names) and not wanted.isdisjoint(resources)


class Policy(Struct, frozen=True):
    """Rules in order, and the stages that leave no event where no rule matches."""

    rules: Sequence[Rule]
    omitted: frozenset[str] = frozenset()

    def judge(self, a: Attributes, *, anonymous: bool = False) -> tuple[Level, frozenset[str]]:
        """The level of a request and the stages that are left out."""
        for rule in self.rules:
            if rule.matches(a, anonymous=anonymous):
                return rule.level, rule.omitted
        return Level.NONE, self.omitted


EVERYTHING = Policy((Rule(Level.METADATA),))
"""Where a log is asked for and no policy is given: every request, none of its contents."""


def load(path: FilePath) -> Policy:
    """The policy of a file. Raises ValueError."""
    from fakekube.machinery import goyaml

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f'loading audit policy file: failed to read file path "{path}": {error}') from None
    try:
        return read(goyaml.load(data))
    except ValueError as error:
        raise ValueError(f"loading audit policy file: {error}: from file {path}") from None


def read(document: Any) -> Policy:
    """The policy of a document. Raises ValueError."""
    if not isinstance(document, dict) or document.get("kind") != "Policy":
        raise ValueError("failed decoding: the document is no Policy")
    if document.get("apiVersion") not in VERSIONS:
        raise ValueError(f"unknown group version field {document.get('apiVersion')} in policy")
    rules = document.get("rules") or []
    if errors := [str(error) for error in validate(document)]:
        raise ValueError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
    if not rules:
        raise ValueError("loaded illegal policy with 0 rules")
    omitted = frozenset(document.get("omitStages") or ())
    return Policy(tuple(_rule(rule, omitted) for rule in rules), omitted)


def _rule(rule: Mapping[str, Any], omitted: frozenset[str]) -> Rule:
    def names(field: str) -> frozenset[str]:
        return frozenset(rule.get(field) or ())

    return Rule(
        LEVELS[rule["level"]], names("users"), names("userGroups"), names("verbs"), names("namespaces"),
        tuple(rule.get("resources") or ()), tuple(rule.get("nonResourceURLs") or ()), names("omitStages") | omitted,
    )  # fmt: skip


def validate(policy: Mapping[str, Any]) -> Iterator[FieldError]:
    """Yield what is wrong with a policy."""
    yield from _stages(policy.get("omitStages") or (), Path("omitStages"))
    for index, rule in enumerate(policy.get("rules") or ()):
        path = Path("rules") @ index
        for check in CHECKS:
            yield from check(rule, path)


def _level(rule: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    level = rule.get("level") or ""
    if not level:
        yield required(path / "level")
    elif level not in LEVELS:
        yield not_supported(path / "level", level, LEVELS)


def _urls(rule: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    for index, url in enumerate(rule.get("nonResourceURLs") or ()):
        where = path / "nonResourceURLs" @ index
        if url != "*" and not url.startswith("/"):
            yield invalid(where, url, "non-resource URL rules must begin with a '/' character")
        if "*" in url[:-1]:
            yield invalid(where, url, "non-resource URL wildcards '*' must be the final character of the rule")


def _resources(rule: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    for entry in rule.get("resources") or ():
        group, names = entry.get("group") or "", entry.get("resourceNames") or ()
        if group and (wrong := ",".join(dns_subdomain(group))):
            yield invalid(path / "resources" / "group", group, wrong)
        if names and not entry.get("resources"):
            shown = Go(list(names), "[]string")
            yield invalid(
                path / "resources" / "resourceNames", shown, "using resourceNames requires at least one resource"
            )


def _omitted(rule: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    return _stages(rule.get("omitStages") or (), path / "omitStages")


def _both(rule: Mapping[str, Any], path: Path) -> Iterator[FieldError]:
    urls = rule.get("nonResourceURLs") or ()
    if urls and (rule.get("resources") or rule.get("namespaces")):
        problem = "rules cannot apply to both regular resources and non-resource URLs"
        yield invalid(path / "nonResourceURLs", Go(list(urls), "[]string"), problem)


def _stages(names: Sequence[str], path: Path) -> Iterator[FieldError]:
    for index, name in enumerate(names):
        if name not in STAGES:
            yield invalid(path @ index, name, f"allowed stages are {','.join(STAGES)}")


CHECKS: tuple[Callable[[Mapping[str, Any], Path], Iterator[FieldError]], ...] = (
    _level, _urls, _resources, _omitted, _both,
)  # fmt: skip
