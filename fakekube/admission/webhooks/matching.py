"""Which requests a webhook hears of: by selectors, then by rules. Follows generic/webhook.go and rules/rules.go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from fakekube.admission.webhooks.hooks import Hook
from fakekube.apis.catalog import Catalog
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.resource import Resource, Version
from fakekube.machinery import selectors, status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import DELETE, Attributes
from fakekube.registry.client import Reader

CONFIGURATIONS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
GROUP = "admissionregistration.k8s.io"


class Invocation(Struct, frozen=True):
    """A hook, and as which resource and version it sees the request."""

    hook: Hook
    resource: Resource
    version: str


def is_about_webhooks(a: Attributes) -> bool:
    """Whether the request could lock everyone out, so that no hook hears of it."""
    return a.resource.group == GROUP and a.resource.plural in CONFIGURATIONS


def namespace_of(a: Attributes) -> str:
    """The request's namespace, which is its own for a Namespace."""
    return a.name if a.resource is NAMESPACES else a.namespace


def invocation(hook: Hook, a: Attributes, reader: Reader, catalog: Catalog) -> Invocation | None:
    """How the hook is to be called, None if it is not. Raises NotFound (404) for a namespace that is not there."""
    if not _object_matches(hook.spec, a):
        return None
    missing: status.StatusError | None = None
    try:
        if not _namespace_matches(hook.spec, a, reader):
            return None
    except status.StatusError as error:  # of no interest to requests that the rules leave out
        missing = error
    found = _by_rules(hook, a, catalog)
    if found is not None and missing is not None:
        raise missing
    return found


def _namespace_matches(spec: Object, a: Attributes, reader: Reader) -> bool:
    namespace = namespace_of(a)
    selector = selectors.from_object(spec.get("namespaceSelector") or {})
    if selector.empty or (not namespace and a.resource is not NAMESPACES):
        return True
    if a.resource is NAMESPACES and not a.subresource and a.operation != DELETE:
        return selector.matches(_labels(a.object))
    found = reader.get(NAMESPACES, Key("", namespace))
    if found is None:
        raise status.not_found("", NAMESPACES.plural, namespace)
    return selector.matches(_labels(found))


def _object_matches(spec: Object, a: Attributes) -> bool:
    selector = selectors.from_object(spec.get("objectSelector") or {})
    if selector.empty:
        return True
    return any(_has_metadata(obj) and selector.matches(_labels(obj)) for obj in (a.object, a.old_object))


def _has_metadata(obj: Object | None) -> bool:
    """Options of a connection have none."""
    return obj is not None and "metadata" in obj


def _labels(obj: Object | None) -> dict[str, str]:
    return ((obj or {}).get("metadata") or {}).get("labels") or {}


def _by_rules(hook: Hook, a: Attributes, catalog: Catalog) -> Invocation | None:
    rules = hook.spec.get("rules") or ()
    if any(matches(rule, a, a.resource, a.version) for rule in rules):
        return Invocation(hook, a.resource, a.version)
    if hook.spec.get("matchPolicy") != "Equivalent":
        return None
    for rule in rules:
        for resource, version in equivalents(a, catalog):
            if matches(rule, a, resource, version.name):
                return Invocation(hook, resource, version.name)
    return None


def matches(rule: Object, a: Attributes, resource: Resource, version: str) -> bool:
    """Whether the rule is about the request, taken as one for that resource in that version."""
    return (
        _in_scope(rule.get("scope") or "*", a, resource)
        and _any(rule.get("operations"), a.operation)
        and _any(rule.get("apiGroups"), resource.group)
        and _any(rule.get("apiVersions"), version)
        and any(_names(text, resource.plural, a.subresource) for text in rule.get("resources") or ())
    )


def _in_scope(scope: str, a: Attributes, resource: Resource) -> bool:
    clusterwide = resource is NAMESPACES or not a.namespace
    return {"*": True, "Cluster": clusterwide, "Namespaced": not clusterwide}.get(scope, False)


def _any(items: Iterable[str] | None, wanted: str) -> bool:
    return any(item in ("*", wanted) for item in items or ())


def _names(text: str, plural: str, subresource: str) -> bool:
    """Whether "pods", "pods/*", "*/scale" or the like means this."""
    resource, _, sub = text.partition("/")
    return resource in ("*", plural) and sub in ("*", subresource)


def equivalents(a: Attributes, catalog: Catalog) -> Iterator[tuple[Resource, Version]]:
    """The other versions and groups under which the same objects are served."""
    for resource in catalog.resources:
        if (resource.stored_group, resource.plural) != (a.resource.stored_group, a.resource.plural):
            continue
        for version in resource.versions:
            same = resource.group == a.resource.group and version.name == a.version
            if not same and catalog.by_plural(resource.group, version.name, resource.plural):
                yield resource, version
