"""Policy rules: what one allows, and whether rules cover others. Follows apis/rbac's evaluation helpers and the
policy comparator.

A rule is what RBAC objects hold: {"verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"}, lists of
strings of which empty ones may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fakekube.authz.attributes import Attributes
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

ALL = "*"


class CompiledRule:
    """A rule in the form that answers quickest; None stands for "*"."""

    __slots__ = ("groups", "names", "resources", "source", "urls", "verbs")

    def __init__(self, rule: Object) -> None:
        self.source = rule
        self.verbs = _set(rule.get("verbs"))
        self.groups = _set(rule.get("apiGroups"))
        self.resources = _set(rule.get("resources"))
        self.names = frozenset(rule.get("resourceNames") or ())
        self.urls: tuple[str, ...] = tuple(rule.get("nonResourceURLs") or ())

    def allows(self, a: Attributes, combined: str, wildcard: str) -> bool:
        """Whether it permits the action; `combined` is "pods/log", `wildcard` is "*/log" ("" without subresource)."""
        if self.verbs is not None and a.verb not in self.verbs:
            return False
        if not a.is_resource:
            return any(url_covers(url, a.path) for url in self.urls)
        if self.groups is not None and a.group not in self.groups:
            return False
        resources = self.resources
        if resources is not None and combined not in resources and wildcard not in resources:
            return False
        return not self.names or a.name in self.names


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    found = frozenset(values or ())
    return None if ALL in found else found


def combined_names(a: Attributes) -> tuple[str, str]:
    """("pods/log", "*/log"), or ("pods", "pods"): under which names rules may list the resource."""
    if a.subresource:
        return f"{a.resource}/{a.subresource}", f"*/{a.subresource}"
    return a.resource, a.resource


def rules_allow(rules: Iterable[CompiledRule], a: Attributes) -> bool:
    """Whether any of the rules permits the action."""
    combined, wildcard = combined_names(a)
    return any(rule.allows(a, combined, wildcard) for rule in rules)


def url_covers(owner: str, path: str) -> bool:
    """ "/apis/*" covers all paths that begin with "/apis/"."""
    return owner == path or (owner.endswith(ALL) and path.startswith(owner.rstrip(ALL)))


def uncovered(owned: Sequence[Object], wanted: Iterable[Object]) -> list[Object]:
    """The parts of the wanted rules, broken down to single verbs and resources, that no single owned rule covers."""
    parts = (part for rule in wanted for part in break_down(rule))
    return [part for part in parts if not any(_covers(rule, part) for rule in owned)]


def break_down(rule: Object) -> Iterator[Object]:
    """Equal rules of one verb, one group, one resource and at most one name, or of one verb and one URL."""
    verbs = rule.get("verbs") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in verbs:
                part = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
                names = rule.get("resourceNames")
                yield from ({**part, "resourceNames": [name]} for name in names) if names else (part,)
    for url in rule.get("nonResourceURLs") or ():
        yield from ({"verbs": [verb], "nonResourceURLs": [url]} for verb in verbs)


def _covers(owner: Object, part: Object) -> bool:
    return (
        _has(owner, "verbs", part)
        and _has(owner, "apiGroups", part)
        and _resources_cover(owner.get("resources") or (), part)
        and _names_cover(owner.get("resourceNames"), part.get("resourceNames"))
        and all(_url_covered(owner, path) for path in part.get("nonResourceURLs") or ())
    )


def _has(owner: Object, key: str, part: Object) -> bool:
    owned = owner.get(key) or ()
    return ALL in owned or all(value in owned for value in part.get(key) or ())


def _resources_cover(owned: Sequence[str], part: Object) -> bool:
    for resource in part.get("resources") or ():
        _, slash, subresource = resource.partition("/")
        if ALL not in owned and resource not in owned and not (slash and f"*/{subresource}" in owned):
            return False
    return True


def _names_cover(owned: Sequence[str] | None, names: Sequence[str] | None) -> bool:
    return not owned or (bool(names) and all(name in owned for name in names or ()))


def _url_covered(owner: Object, path: str) -> bool:
    return any(url_covers(url, path) for url in owner.get("nonResourceURLs") or ())


def compact(parts: Iterable[Object]) -> list[Object]:
    """Join broken-down rules that differ by their verb only."""
    joined: dict[tuple[str, ...], Object] = {}
    rest: list[Object] = []
    for part in parts:
        if "nonResourceURLs" in part:
            rest.append(part)
            continue
        key = (*part["apiGroups"], *part["resources"], *part.get("resourceNames", ()))
        found = joined.setdefault(key, {**part, "verbs": []})
        found["verbs"].extend(part["verbs"])
    return [*rest, *joined.values()]


_SHOWN = (
    ("apiGroups", "APIGroups"),
    ("resources", "Resources"),
    ("nonResourceURLs", "NonResourceURLs"),
    ("resourceNames", "ResourceNames"),
    ("verbs", "Verbs"),
)


def describe(rule: Object) -> str:
    """As messages show a rule: {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}."""
    return "{" + ", ".join(f"{label}:{quoted_list(rule[key])}" for key, label in _SHOWN if rule.get(key)) + "}"


def quoted_list(values: Iterable[str]) -> str:
    """%q of a list of strings."""
    return f"[{' '.join(quote(value) for value in values)}]"
