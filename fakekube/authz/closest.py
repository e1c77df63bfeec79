"""What stands between a user and an action that no rule allows: for a person who asks why, so it may take its time.

Says of the user's own roles which come close, then what would help: the same role bound elsewhere, a role that nobody
has bound to the user. Everything is as it is now, which may be later than the refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.authz.attributes import Attributes
from fakekube.authz.rbac import subject_key, user_keys
from fakekube.authz.rules import ALL, CompiledRule, combined_names, url_covers
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader

SHOWN = 3
"""Lines of each sort, at most."""


class Bound(Struct, frozen=True):
    """A role that is bound to the user, and where its binding holds ("" for everywhere)."""

    namespace: str
    binding: Object
    role: Object

    def __str__(self) -> str:
        return f"{title(self.role)}, bound by {title(self.binding)}"


def closest(a: Attributes, reader: Reader) -> list[str]:
    """Lines about roles, those first that come closest. Empty for someone to whom nothing is near."""
    mine = list(_bound(a, reader))
    here = [one for one in mine if one.namespace in ("", a.namespace)]
    lines = [f"{one} {why}" for one in here for why in _near(a, one.role)][:SHOWN]
    elsewhere = [one for one in mine if one not in here and _allows(a, one.role)]
    lines += [f"{one} would do, but holds in the namespace {quote(one.namespace)} only" for one in elsewhere[:SHOWN]]
    return lines + _unbound(a, reader, [one.role for one in here])


def _unbound(a: Attributes, reader: Reader, bound: Sequence[Object]) -> list[str]:
    known = [*(reader.list(roles.RESOURCE, a.namespace) if a.namespace else ()), *reader.list(clusterroles.RESOURCE)]
    fitting = [role for role in known if role not in bound and _allows(a, role) and not _is_internal(role)]
    fitting.sort(key=_power)
    return [f"{title(role)} would do, but is not bound to the user here" for role in fitting[:SHOWN]]


def _is_internal(role: Object) -> bool:
    """Roles of the control plane's own parts are no advice."""
    return str(role["metadata"]["name"]).startswith("system:")


def _power(role: Object) -> int:
    """How much a role gives, roughly: what gives least is the best advice."""
    everything = 1000
    sizes = (
        [everything if ALL in (rule.get(part) or ()) else len(rule.get(part) or ()) for part in ("verbs", "resources")]
        for rule in role.get("rules") or ()
    )
    return sum(verbs * max(resources, 1) for verbs, resources in sizes)


def _bound(a: Attributes, reader: Reader) -> Iterator[Bound]:
    keys = frozenset(user_keys(a.user))
    for kind in (rolebindings.RESOURCE, clusterrolebindings.RESOURCE):
        for binding in reader.list(kind):
            namespace = binding["metadata"].get("namespace", "")
            if any(subject_key(subject, namespace) in keys for subject in binding.get("subjects") or ()):
                role = _role(binding["roleRef"], namespace, reader)
                if role is not None:
                    yield Bound(namespace, binding, role)


def _role(reference: Object, namespace: str, reader: Reader) -> Object | None:
    if reference["kind"] == "Role":
        return reader.get(roles.RESOURCE, Key(namespace, reference["name"]))
    return reader.get(clusterroles.RESOURCE, Key("", reference["name"]))


def _allows(a: Attributes, role: Object) -> bool:
    names = combined_names(a)
    return any(CompiledRule(rule).allows(a, *names) for rule in role.get("rules") or ())


def _near(a: Attributes, role: Object) -> Iterator[str]:
    """In which single point each of the role's rules fails."""
    for rule in role.get("rules") or ():
        missed = list(_missed(a, rule))
        if len(missed) == 1:
            yield missed[0]


def _missed(a: Attributes, rule: Object) -> Iterator[str]:
    """The points in which a rule is about something else."""
    if not a.is_resource:
        urls = rule.get("nonResourceURLs") or ()
        if not any(url_covers(url, a.path) for url in urls):
            yield f"is about {listed(urls)}" if urls else "is about resources"
            if not urls:
                yield ""  # of another sort altogether
    else:
        yield from _missed_resource(a, rule)
    if not _has(rule.get("verbs"), a.verb):
        yield f"allows {listed(rule.get('verbs') or ())}, not {a.verb}"


def _missed_resource(a: Attributes, rule: Object) -> Iterator[str]:
    combined, wildcard = combined_names(a)
    resources = rule.get("resources") or ()
    if not any(_has(resources, name) for name in (combined, wildcard)):
        of_it = [name for name in resources if name.partition("/")[0] == a.resource]
        yield f"is about {listed(of_it or resources)}, not {combined}"
        if not of_it:
            yield ""  # another resource altogether
    if not _has(rule.get("apiGroups"), a.group):
        yield f"is about the API groups {listed(rule.get('apiGroups') or ())}, not {quote(a.group)}"
    names = rule.get("resourceNames") or ()
    if names and a.name not in names:
        yield f"is about {listed(names)} alone, not {quote(a.name) if a.name else 'all of them'}"


def _has(values: Iterable[str] | None, wanted: str) -> bool:
    given = tuple(values or ())
    return ALL in given or wanted in given


def listed(values: Iterable[str]) -> str:
    """Names as a sentence has them."""
    return ", ".join(value or '""' for value in values)


def title(obj: Object) -> str:
    """Role "dev/reader", ClusterRole "view"."""
    metadata = obj["metadata"]
    where = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{obj['kind']} {quote(where + metadata['name'])}"
