"""What the two kinds of webhook configurations share. Follows pkg/apis/admissionregistration of v1.20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from fakekube.apis import meta
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.podspec.checks import one_of
from fakekube.apis.resource import Column, Resource, Version
from fakekube.apis.webhookclients import validate_service, validate_url
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_1035_label, dns_subdomain, fully_qualified_name
from fakekube.machinery.objects import Object

GROUP = "admissionregistration.k8s.io"
HOOKS = Path("webhooks")
REVIEWS = ("v1", "v1beta1")
NO_SIDE_EFFECTS = ("None", "NoneOnDryRun")
SIDE_EFFECTS = ("None", "NoneOnDryRun", "Some", "Unknown")
OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
LONGEST = 30
DEFAULTS: dict[str, dict[str, Any]] = {
    "v1": {"failurePolicy": "Fail", "matchPolicy": "Equivalent", "timeoutSeconds": 10},
    "v1beta1": {
        "failurePolicy": "Ignore",
        "matchPolicy": "Exact",
        "timeoutSeconds": 30,
        "sideEffects": "Unknown",
    },
}
"""By version; empty selectors besides, which match everything."""


class Rules(Struct, frozen=True):
    """How strictly hooks are judged: an update tolerates what was there before."""

    no_side_effects: bool = True
    known_review: bool = True
    unique_names: bool = True


OLD_RULES = Rules(no_side_effects=False, unique_names=False)
"""Of v1beta1."""


# Defaults


def _default(version: str, configuration: Object, extra: Object) -> None:
    for hook in configuration.get("webhooks") or ():
        for name, value in {**DEFAULTS[version], **extra}.items():
            if hook.get(name) is None:
                hook[name] = value
        for name in ("namespaceSelector", "objectSelector"):
            if hook.get(name) is None:
                hook[name] = {}
        if version == "v1beta1" and not hook.get("admissionReviewVersions"):
            hook["admissionReviewVersions"] = ["v1beta1"]
        _default_parts(hook)


def _default_parts(hook: Object) -> None:
    for rule in hook.get("rules") or ():
        if rule.get("scope") is None:
            rule["scope"] = "*"
    service = hook.get("clientConfig", {}).get("service")
    if service is not None and service.get("port") is None:
        service["port"] = 443


# Validation


def _validate_hooks(configuration: Object, rules: Rules) -> Iterator[FieldError]:
    names: set[str] = set()
    for index, hook in enumerate(configuration.get("webhooks") or ()):
        path, name = HOOKS @ index, hook.get("name", "")
        yield from _validate_hook(hook, rules, path)
        versions = hook.get("admissionReviewVersions") or []
        yield from _review_versions(versions, rules, path / "admissionReviewVersions")
        if rules.unique_names and name in names:
            yield duplicate(path / "name", name)
        if name:
            names.add(name)


def _validate_hook(hook: Object, rules: Rules, path: Path) -> Iterator[FieldError]:
    yield from fully_qualified_name(hook.get("name", ""), path / "name")
    for index, rule in enumerate(hook.get("rules") or ()):
        yield from _operations(rule, path / "rules" @ index)
        yield from _rule(rule, path / "rules" @ index)
    yield from one_of("failurePolicy", ("Fail", "Ignore"))(hook, path)
    yield from one_of("matchPolicy", ("Equivalent", "Exact"))(hook, path)
    yield from _side_effects(hook.get("sideEffects"), rules, path / "sideEffects")
    if (seconds := hook.get("timeoutSeconds")) is not None and not 1 <= seconds <= LONGEST:
        yield invalid(path / "timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for name in ("namespaceSelector", "objectSelector"):
        yield from selectors.validate_object(hook.get(name), path / name)
    yield from one_of("reinvocationPolicy", ("IfNeeded", "Never"))(hook, path)
    yield from _client(hook.get("clientConfig") or {}, path / "clientConfig")


def _side_effects(effects: str | None, rules: Rules, path: Path) -> Iterator[FieldError]:
    allowed = NO_SIDE_EFFECTS if rules.no_side_effects else SIDE_EFFECTS
    if effects is None:
        yield required(path, f"must specify one of {', '.join(allowed)}")
    elif effects not in allowed:
        yield not_supported(path, effects, allowed)


def _client(client: Object, path: Path) -> Iterator[FieldError]:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from validate_url(url, path / "url")
    elif service is not None:
        name, namespace = service.get("name", ""), service.get("namespace", "")
        # The real server mixes the two up here: the one that is missing is called by the name of the other.
        yield from validate_service(namespace, name, service.get("path"), service.get("port", 0), path / "service")


def _review_versions(versions: list[str], rules: Rules, path: Path) -> Iterator[FieldError]:
    if not versions:
        yield required(path, f"must specify one of {', '.join(REVIEWS)}")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(path @ index, version, "duplicate version")
        else:
            yield from (invalid(path @ index, version, wrong) for wrong in dns_1035_label(version))
    if rules.known_review and not set(versions) & set(REVIEWS):
        yield invalid(path, Go(versions, "[]string"), f"must include at least one of {', '.join(REVIEWS)}")


def _operations(rule: Object, path: Path) -> Iterator[FieldError]:
    operations, here = rule.get("operations") or [], path / "operations"
    if not operations:
        yield required(here)
    if len(operations) > 1 and "*" in operations:
        shown = Go(operations, "[]admissionregistration.OperationType")
        yield invalid(here, shown, "if '*' is present, must not specify other operations")
    for index, operation in enumerate(operations):
        if operation not in OPERATIONS:
            yield not_supported(here @ index, operation, OPERATIONS)


def _rule(rule: Object, path: Path) -> Iterator[FieldError]:
    yield from _some(rule.get("apiGroups") or [], path / "apiGroups", "API groups")
    versions = rule.get("apiVersions") or []
    yield from _some(versions, path / "apiVersions", "API versions")
    yield from (required(path / "apiVersions" @ index) for index, version in enumerate(versions) if not version)
    yield from _resources(rule.get("resources") or [], path / "resources")
    yield from one_of("scope", SCOPES)(rule, path)


def _some(values: list[str], path: Path, what: str) -> Iterator[FieldError]:
    if not values:
        yield required(path)
    if len(values) > 1 and "*" in values:
        yield invalid(path, Go(values, "[]string"), f"if '*' is present, must not specify other {what}")


def _resources(resources: Sequence[str], path: Path) -> Iterator[FieldError]:
    """A wildcard leaves nothing to be said besides it."""
    if not resources:
        yield required(path)
    whole: set[str] = set()
    anywhere: set[str] = set()
    plain = False
    for index, resource in enumerate(resources):
        name, slash, sub = resource.partition("/")
        if not resource:
            yield required(path @ index)
            continue
        if not slash:
            plain = resource != "*"  # the last one counts, on the real server too
            continue
        if name in whole:
            yield invalid(path @ index, resource, f"if '{name}/*' is present, must not specify {resource}")
        if sub in anywhere:
            yield invalid(path @ index, resource, f"if '*/{sub}' is present, must not specify {resource}")
        whole.update([name] if sub == "*" else ())
        anywhere.update([sub] if name == "*" else ())
    shown = Go(list(resources), "[]string")
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(path, shown, "if '*/*' is present, must not specify other resources")
    if "*" in resources and plain:
        yield invalid(path, shown, "if '*' is present, must not specify other resources without subresources")


def _tolerant(rules: Rules, old: Object) -> Rules:
    """The rules for an update of `old`."""
    hooks = old.get("webhooks") or ()
    names = [hook.get("name", "") for hook in hooks]
    reviews = [set(hook.get("admissionReviewVersions") or ()) for hook in hooks]
    return Rules(
        rules.no_side_effects and all(hook.get("sideEffects") in NO_SIDE_EFFECTS for hook in hooks),
        all(not versions or versions & set(REVIEWS) for versions in reviews),
        rules.unique_names and len(set(names)) == len(names),
    )


def validate(configuration: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one, as v1 judges it."""
    return _validate_hooks(configuration, Rules())


def validate_beta(configuration: Object) -> Iterator[FieldError]:
    """The same, as v1beta1 judges it."""
    return _validate_hooks(configuration, OLD_RULES)


def _validate_update(new: Object, old: Object, rules: Rules) -> Iterator[FieldError]:
    yield from meta.validate_object_meta(new["metadata"], False, dns_subdomain)
    yield from _validate_hooks(new, _tolerant(rules, old))


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, as v1 judges it."""
    return _validate_update(new, old, Rules())


def validate_update_beta(new: Object, old: Object) -> Iterator[FieldError]:
    """The same, as v1beta1 judges it."""
    return _validate_update(new, old, OLD_RULES)


def configuration(kind: str, defaults: Object) -> Resource:
    """The resource of that kind; `defaults` are those of its hooks alone."""
    return Resource(
        group=GROUP,
        plural=f"{kind.lower()}s",
        kind=kind,
        versions=(
            Version("v1", since="1.16", defaults=lambda obj: _default("v1", obj, defaults)),
            Version(
                "v1beta1",
                storage=True,
                until="1.22",
                defaults=lambda obj: _default("v1beta1", obj, defaults),
                deprecated=deprecated(f"{GROUP}/v1beta1", kind, "1.16", "1.22", f"{GROUP}/v1"),
                validate=validate_beta,
                validate_update=validate_update_beta,
            ),
        ),
        namespaced=False,
        categories=("api-extensions",),
        validate=validate,
        validate_update=validate_update,
        generation=True,
        counted=lambda obj: obj.get("webhooks") or [],
        counts_empty=True,
        unconditional_update=False,
        columns=(NAME, Column("Webhooks", "integer", lambda obj, now: len(obj.get("webhooks") or ())), AGE),
    )
