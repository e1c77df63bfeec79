"""What rules, subjects and role references have to look like. Follows pkg/apis/rbac/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.rbac.kinds import GROUP
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain, path_segment
from fakekube.machinery.objects import Object

RULES, ROLE_REF, SUBJECTS = Path("rules"), Path("roleRef"), Path("subjects")
SUBJECT_KINDS = ("ServiceAccount", "User", "Group")


def validate_rules(rules: list[Object] | None, namespaced: bool) -> Iterator[FieldError]:
    """Yield what is wrong with the rules of a role."""
    for index, rule in enumerate(rules or ()):
        yield from validate_rule(rule, namespaced, RULES @ index)


def validate_rule(rule: Object, namespaced: bool, path: Path) -> Iterator[FieldError]:
    """A rule is about resources or about URLs, never about both."""
    if not rule.get("verbs"):
        yield required(path / "verbs", "verbs must contain at least one value")
    if urls := rule.get("nonResourceURLs"):
        shown = Go(urls, "[]string")
        if namespaced:
            yield invalid(path / "nonResourceURLs", shown, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(path / "nonResourceURLs", shown, text)
        return
    if not rule.get("apiGroups"):
        yield required(path / "apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required(path / "resources", "resource rules must supply at least one resource")


def default_binding(binding: Object) -> None:
    """The API group of the role, and of those subjects that have one."""
    ref = binding.get("roleRef")
    if ref is None:
        ref = binding["roleRef"] = {}
    if not ref.get("apiGroup"):
        ref["apiGroup"] = GROUP
    for subject in binding.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def validate_binding(binding: Object, namespaced: bool) -> Iterator[FieldError]:
    """Yield what is wrong with the role reference and the subjects."""
    ref = binding.get("roleRef") or {}
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if ref.get("apiGroup", "") != GROUP:
        yield not_supported(ROLE_REF / "apiGroup", ref.get("apiGroup", ""), (GROUP,))
    if ref.get("kind", "") not in kinds:
        yield not_supported(ROLE_REF / "kind", ref.get("kind", ""), kinds)
    if name := ref.get("name"):
        yield from (invalid(ROLE_REF / "name", name, wrong) for wrong in path_segment(name))
    else:
        yield required(ROLE_REF / "name")
    for index, subject in enumerate(binding.get("subjects") or ()):
        yield from validate_subject(subject, namespaced, SUBJECTS @ index)


def validate_subject(subject: Object, namespaced: bool, path: Path) -> Iterator[FieldError]:
    """A service account needs a namespace, unless the binding has one; users and groups are of the RBAC group."""
    name, kind, group = (subject.get(field, "") for field in ("name", "kind", "apiGroup"))
    if not name:
        yield required(path / "name")
    if kind == "ServiceAccount":
        if name:
            yield from (invalid(path / "name", name, wrong) for wrong in dns_subdomain(name))
        if group:
            yield not_supported(path / "apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(path / "namespace")
    elif kind not in SUBJECT_KINDS:
        yield not_supported(path / "kind", kind, SUBJECT_KINDS)
    elif group != GROUP:
        yield not_supported(path / "apiGroup", group, (GROUP,))


def validate_role_stays(new: Object, old: Object) -> Iterator[FieldError]:
    """The role of a binding never changes."""
    if new.get("roleRef") != old.get("roleRef"):
        yield invalid(ROLE_REF, Go(new.get("roleRef") or {}, "rbac.RoleRef"), "cannot change roleRef")
