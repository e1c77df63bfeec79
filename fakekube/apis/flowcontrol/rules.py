"""Which requests a flow schema is about. Follows pkg/apis/flowcontrol/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.checks import breaches
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, dns_subdomain
from fakekube.machinery.objects import Object

ANY = "*"
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
SUBJECTS = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
"""Kind of a subject: the field that describes it."""
KINDS = ("Group", "ServiceAccount", "User")
NOT_A_NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "


def validate_rule(rule: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the subjects and with what they ask for."""
    subjects, resources, others = (rule.get(name) or () for name in ("subjects", "resourceRules", "nonResourceRules"))
    if not subjects:
        yield required(path / "subjects", "subjects must contain at least one value")
    for index, subject in enumerate(subjects):
        yield from _subject(subject, path / "subjects" @ index)
    if not resources and not others:
        yield required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")
    for index, one in enumerate(resources):
        yield from _resource_rule(one, path / "resourceRules" @ index)
    for index, one in enumerate(others):
        yield from _url_rule(one, path / "nonResourceRules" @ index)


def _subject(subject: Object, path: Path) -> Iterator[FieldError]:
    kind = subject.get("kind", "")
    if kind not in SUBJECTS:
        yield not_supported(path / "kind", kind, KINDS)
        return
    name = SUBJECTS[kind]
    if subject.get(name) is None:
        yield required(path / name, f"{name} is required when subject kind is '{kind}'")
    else:
        yield from _named(subject[name], kind, path / name)
    for other, wrong in SUBJECTS.items():
        if other != kind and subject.get(wrong) is not None:
            yield forbidden(path / wrong, f"{wrong} is forbidden when subject kind is not '{other}'")


def _named(subject: Object, kind: str, path: Path) -> Iterator[FieldError]:
    name, namespace = subject.get("name", ""), subject.get("namespace", "")
    if not name:
        yield required(path / "name")
    if kind != "ServiceAccount":
        return
    if name and name != ANY:
        yield from breaches(name, path / "name", dns_subdomain)
    if namespace:
        yield from breaches(namespace, path / "namespace", dns_label)
    else:
        yield required(path / "namespace", "must specify namespace for service account")


def _alone(values: list[str], path: Path, what: str) -> Iterator[FieldError]:
    """A wildcard stands alone."""
    if ANY in values and len(values) > 1:
        yield invalid(path, Go(values, "[]string"), f"if '*' is present, must not specify other {what}")


def _verbs(rule: Object, path: Path) -> Iterator[FieldError]:
    verbs = rule.get("verbs") or []
    if not verbs:
        yield required(path, "verbs must contain at least one value")
    elif ANY not in verbs and not set(verbs) <= set(VERBS):
        yield not_supported(path, Go(verbs, "[]string"), VERBS)
    yield from _alone(verbs, path, "verbs")


def _url_rule(rule: Object, path: Path) -> Iterator[FieldError]:
    yield from _verbs(rule, path / "verbs")
    urls, here = rule.get("nonResourceURLs") or [], path / "nonResourceURLs"
    if not urls:
        yield required(here, "nonResourceURLs must contain at least one value")
    elif ANY in urls:
        yield from _alone(urls, here, "non-resource URLs")
    else:
        wrong = ((index, url, _wrong_url(url)) for index, url in enumerate(urls))
        yield from (invalid(here @ index, url, text) for index, url, text in wrong if text)


def _wrong_url(url: str) -> str:
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    return "wildcard can only do suffix matching" if stars > 1 or (stars and not url.endswith("/*")) else ""


def _resource_rule(rule: Object, path: Path) -> Iterator[FieldError]:
    yield from _verbs(rule, path / "verbs")
    for name, one, many in (("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")):
        values = rule.get(name) or []
        if not values:
            yield required(path / name, f"resource rules must supply at least one {one}")
        yield from _alone(values, path / name, many)
    yield from _namespaces(rule, path / "namespaces")


def _namespaces(rule: Object, path: Path) -> Iterator[FieldError]:
    namespaces = rule.get("namespaces") or []
    if not namespaces and not rule.get("clusterScope"):
        yield required(path, "resource rules that are not cluster scoped must supply at least one namespace")
    elif ANY in namespaces:
        yield from _alone(namespaces, path, "namespaces")
    else:
        for index, name in enumerate(namespaces):
            yield from (invalid(path @ index, name, NOT_A_NAMESPACE + wrong) for wrong in dns_label(name))
