"""What a CustomResourceDefinition has to look like, but for its schemas. Follows apiextensions' validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.apis import meta
from fakekube.apis.apiextensions import schemarules
from fakekube.apis.webhookclients import parse, validate_service, validate_url
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go, quote
from fakekube.machinery.names import dns_1035_label, dns_subdomain, size
from fakekube.machinery.objects import Object

SPEC, STATUS = Path("spec"), Path("status")
NAMES = SPEC / "names"
VERSIONS = SPEC / "versions"
REVIEWS = ("v1", "v1beta1")
COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
APPROVED = "api-approved.kubernetes.io"
SEE = "see https://github.com/kubernetes/enhancements/pull/1111"
EXCLUSIVE = "top-level and per-version {} are mutually exclusive"
IDENTICAL = "per-version {} may not all be set to identical values (top-level {} should be used instead)"
NOT_SET = "should not be set when strategy is not set to Webhook"
PARTS = (
    ("schema", "validation", "schemas", "validation"),
    ("subresources", "subresources", "subresources", "subresources"),
    ("additionalPrinterColumns",) * 4,
)
"""(per version, beside the versions, what messages call the one and the other)."""


class Rules(Struct, frozen=True):
    """How strictly a definition is judged: v1beta1 and updates of old ones take more."""

    strict: bool = True
    """As v1 judges: with schemas that are structural, for whole groups approved ones."""
    old: Object | None = None
    """The definition before an update."""

    @property
    def old_spec(self) -> Object | None:
        """Its spec."""
        return self.old["spec"] if self.old is not None else None


def validate(definition: Object, rules: Rules) -> Iterator[FieldError]:
    """Yield what is wrong with a new definition, metadata included."""
    spec = definition["spec"]

    def rule(name: str) -> Iterator[str]:
        yield from dns_subdomain(name)
        if name != f"{(spec.get('names') or {}).get('plural', '')}.{spec.get('group', '')}":
            yield 'must be spec.names.plural+"."+spec.group'

    yield from meta.validate_object_meta(definition["metadata"], False, rule)
    yield from _spec(spec, rules)
    yield from _status(definition, rules)


def validate_update(new: Object, old: Object, rules: Rules) -> Iterator[FieldError]:
    """Yield what is wrong with an update: once it is established, much of the names is fixed."""
    rules = replace(rules, old=old)
    spec, before = new["spec"], old["spec"]
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from _spec(spec, rules)
    fixed = [("group", ("group",)), ("names.plural", ("names", "plural"))]
    if is_established(old):
        fixed = [("scope", ("scope",)), ("names.kind", ("names", "kind")), *fixed]
    for name, keys in fixed:
        if (value := _dig(spec, keys)) != _dig(before, keys):
            yield invalid(Path(f"spec.{name}"), value, "field is immutable")
    yield from _status(new, rules)


def _dig(value: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        value = (value or {}).get(key)
    return value or ""


def is_established(definition: Object) -> bool:
    """Whether its objects are served."""
    conditions = (definition.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Established" and one.get("status") == "True" for one in conditions)


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from _names((new.get("status") or {}).get("acceptedNames") or {}, STATUS / "acceptedNames")


def _status(definition: Object, rules: Rules) -> Iterator[FieldError]:
    status = definition.get("status") or {}
    yield from _names(status.get("acceptedNames") or {}, STATUS / "acceptedNames")
    yield from _stored(status.get("storedVersions") or [], definition["spec"].get("versions") or ())
    if rules.strict:
        yield from _approval(definition, rules.old)
        before = rules.old_spec
        if definition["spec"].get("preserveUnknownFields") and not (before or {}).get("preserveUnknownFields"):
            why = "cannot set to true, set x-preserve-unknown-fields to true in spec.versions[*].schema instead"
            yield invalid(SPEC / "preserveUnknownFields", True, why)


def _stored(stored: list[str], versions: Any) -> Iterator[FieldError]:
    path, names = STATUS / "storedVersions", [version.get("name", "") for version in versions]
    if not stored:
        yield invalid(path, Go(stored or None, "[]string"), "must have at least one stored version")
        return
    for version in versions:
        if version.get("storage") and version["name"] not in stored:
            shown = Go(version, "apiextensions.CustomResourceDefinitionVersion")
            yield invalid(path, shown, f"must have the storage version {version['name']}")
    for index, name in enumerate(stored):
        if name not in names:
            yield invalid(path @ index, name, "must appear in spec.versions")


def _approval(definition: Object, old: Object | None) -> Iterator[FieldError]:
    """Kinds in groups of Kubernetes itself say who has approved them."""
    group = f".{definition['spec'].get('group', '')}"
    if not group.endswith((".k8s.io", ".kubernetes.io")):
        return
    state, why = _approval_state(definition)
    if old is not None and _approval_state(old)[0] == state:
        return
    path, text = Path("metadata.annotations") @ APPROVED, _approval_text(definition)
    if state == "missing":
        yield required(path, why)
    elif state == "invalid":
        yield invalid(path, text, why)


def _approval_text(definition: Object) -> str:
    return str((definition["metadata"].get("annotations") or {}).get(APPROVED, ""))


def _approval_state(definition: Object) -> tuple[str, str]:
    text = _approval_text(definition)
    must = f"protected groups must have approval annotation {quote(APPROVED)}"
    if not text:
        return "missing", f"{must}, {SEE}"
    if text.startswith("unapproved"):
        return "bypassed", ""
    try:
        url = parse(text)
    except ValueError:
        url = None
    if url is not None and url.host and url.scheme:
        return "approved", ""
    return "invalid", f'{must} with either a URL or a reason starting with "unapproved", {SEE}'


# The spec


def _spec(spec: Object, rules: Rules) -> Iterator[FieldError]:
    yield from _group(spec.get("group", ""))
    scope = spec.get("scope", "")
    if not scope:
        yield required(SPEC / "scope")
    elif scope not in ("Cluster", "Namespaced"):
        yield not_supported(SPEC / "scope", scope, ("Cluster", "Namespaced"))
    options = schemarules.options_for(spec, rules.old_spec, strict=rules.strict)
    yield from schemarules.validate_presence(spec, options)
    yield from _versions(spec, options)
    yield from _common(spec)
    names = spec.get("names") or {}
    for name in ("plural", "singular", "kind", "listKind"):
        if not names.get(name):
            yield required(NAMES / name)
    yield from _names(names, NAMES)
    any_status = any(_has_status(one) for one in (spec, *(spec.get("versions") or ())))
    yield from schemarules.validate(spec.get("validation"), any_status, options, SPEC / "validation")
    yield from _subresources(spec.get("subresources"), SPEC / "subresources")
    yield from _columns(spec, SPEC)
    yield from _conversion(spec, rules)


def _group(group: str) -> Iterator[FieldError]:
    if not group:
        yield required(SPEC / "group")
    elif wrong := ",".join(dns_subdomain(group)):
        yield invalid(SPEC / "group", group, wrong)
    elif "." not in group:
        yield invalid(SPEC / "group", group, "should be a domain with at least one dot")


def _has_status(holder: Object) -> bool:
    return (holder.get("subresources") or {}).get("status") is not None


def _versions(spec: Object, options: schemarules.Options) -> Iterator[FieldError]:
    versions = spec.get("versions") or ()
    own = any(version.get("subresources") is not None for version in versions)
    for index, version in enumerate(versions):
        path, name = VERSIONS @ index, version.get("name", "")
        if wrong := ",".join(dns_1035_label(name)):
            yield invalid(path / "name", name, wrong)
        first = next(one for one in versions if one.get("name", "") == name)
        yield from _deprecation(version, path / "deprecationWarning")
        has_status = _has_status(first if own else spec)
        yield from schemarules.validate(version.get("schema"), has_status, options, path / "schema")
        yield from _subresources(version.get("subresources"), path / "subresources")
        yield from _columns(version, path)


def _deprecation(version: Object, path: Path) -> Iterator[FieldError]:
    text = version.get("deprecationWarning")
    if text is None:
        return
    shown = Go(text, "*string")
    if not version.get("deprecated"):
        yield invalid(path, shown, "can only be set for deprecated versions")
        return
    if size(text) > 256:
        yield invalid(path, shown, "must be <= 256 characters long")
    if not text:
        yield invalid(path, shown, "must not be an empty string")
    at = next((index for index, char in enumerate(text) if not char.isprintable()), None)
    if at is not None:
        index = size(text[:at])
        why = f"must only contain printable UTF-8 characters; non-printable character found at index {index}"
        yield invalid(path, shown, why)


def _common(spec: Object) -> Iterator[FieldError]:
    """What stands beside the versions stands in none of them."""
    versions = spec.get("versions") or []
    shown = Go(spec.get("versions"), "[]apiextensions.CustomResourceDefinitionVersion")
    for own, shared, what, _ in PARTS:
        if spec.get(shared) is not None and any(_given(version, own) for version in versions):
            yield forbidden(SPEC / shared, EXCLUSIVE.format(what))
    for own, _, what, instead in PARTS:
        if versions and all(_given(version, own) and version[own] == versions[0][own] for version in versions):
            yield invalid(VERSIONS, shown, IDENTICAL.format(what, instead))
    names = [version.get("name", "") for version in versions]
    if len(set(names)) < len(names):
        yield invalid(VERSIONS, shown, "must contain unique version names")
    if sum(bool(version.get("storage")) for version in versions) != 1:
        yield invalid(VERSIONS, shown, "must have exactly one version marked as storage version")
    if first := spec.get("version"):
        if wrong := ",".join(dns_1035_label(first)):
            yield invalid(SPEC / "version", first, wrong)
        if names and names[0] != first:
            yield invalid(SPEC / "version", first, "must match the first version in spec.versions")


def _given(version: Object, name: str) -> bool:
    return bool(version.get(name)) if name == "additionalPrinterColumns" else version.get(name) is not None


def _names(names: Object, path: Path) -> Iterator[FieldError]:
    for name in ("plural", "singular"):
        if (text := names.get(name)) and (wrong := ",".join(dns_1035_label(text))):
            yield invalid(path / name, text, wrong)
    for name in ("kind", "listKind"):
        if (text := names.get(name)) and (wrong := ",".join(dns_1035_label(text.lower()))):
            yield invalid(path / name, text, f"may have mixed case, but should otherwise match: {wrong}")
    yield from _each_name(names, "shortNames", path)
    if names.get("kind") and names["kind"] == names.get("listKind"):
        yield invalid(path / "listKind", names["listKind"], "kind and listKind may not be the same")
    yield from _each_name(names, "categories", path)


def _each_name(names: Object, key: str, path: Path) -> Iterator[FieldError]:
    for index, text in enumerate(names.get(key) or ()):
        if wrong := ",".join(dns_1035_label(text)):
            yield invalid(path / key @ index, text, wrong)


def _columns(holder: Object, path: Path) -> Iterator[FieldError]:
    for index, column in enumerate(holder.get("additionalPrinterColumns") or ()):
        here, type_, format_ = path / "additionalPrinterColumns" @ index, column.get("type"), column.get("format")
        if not column.get("name"):
            yield required(here / "name")
        if not type_:
            yield required(here / "type", f"must be one of {','.join(COLUMN_TYPES)}")
        elif type_ not in COLUMN_TYPES:
            yield invalid(here / "type", type_, f"must be one of {','.join(COLUMN_TYPES)}")
        if format_ and format_ not in FORMATS:
            yield invalid(here / "format", format_, f"must be one of {','.join(FORMATS)}")
        if not (json_path := column.get("JSONPath", "")):
            yield required(here / "JSONPath")
        else:
            yield from _json_path(json_path, here / "JSONPath")


def _json_path(text: str, path: Path) -> Iterator[FieldError]:
    if not text.startswith("."):
        yield invalid(path, text, "must be a simple json path starting with .")


def _subresources(subresources: Object | None, path: Path) -> Iterator[FieldError]:
    scale = (subresources or {}).get("scale")
    if scale is None:
        return
    for name, root in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        here, text = path / f"scale.{name}", scale.get(name, "")
        if not text:
            yield required(here)
        else:
            yield from _below(text, here, (f"{root}.",), f"should be a json path under {root}")
    if selector := scale.get("labelSelectorPath"):
        why = "should be a json path under either .spec or .status"
        yield from _below(selector, path / "scale.labelSelectorPath", (".spec.", ".status."), why)


def _below(text: str, path: Path, roots: tuple[str, ...], why: str) -> Iterator[FieldError]:
    if errors := list(_json_path(text, path)):
        yield from errors
    elif not text.startswith(roots):
        yield invalid(path, text, why)


def _conversion(spec: Object, rules: Rules) -> Iterator[FieldError]:
    conversion, path = spec.get("conversion"), SPEC / "conversion"
    if conversion is None:
        return
    strategy = conversion.get("strategy", "")
    if strategy != "None" and spec.get("preserveUnknownFields") is not False:
        yield invalid(path / "strategy", strategy, "must be None if spec.preserveUnknownFields is true")
    if not strategy:
        yield required(path / "strategy")
    elif strategy not in ("None", "Webhook"):
        yield not_supported(path / "strategy", strategy, ("None", "Webhook"))
    if strategy == "Webhook":
        yield from _webhook(conversion, rules, path)
        return
    if conversion.get("webhookClientConfig") is not None:
        yield forbidden(path / "webhookClientConfig", NOT_SET)
    if conversion.get("conversionReviewVersions"):
        yield forbidden(path / "conversionReviewVersions", NOT_SET)


def _webhook(conversion: Object, rules: Rules, path: Path) -> Iterator[FieldError]:
    client, here = conversion.get("webhookClientConfig"), path / "webhookClientConfig"
    url, service = (client or {}).get("url"), (client or {}).get("service")
    if client is None:
        yield required(here, "required when strategy is set to Webhook")
    elif (url is None) == (service is None):
        yield required(here, "exactly one of url or service is required")
    elif url is not None:
        yield from validate_url(url, here / "url")
    elif service is not None:
        name, namespace = service.get("name", ""), service.get("namespace", "")  # mixed up by the real server, too
        yield from validate_service(namespace, name, service.get("path"), service.get("port", 0), here / "service")
    before = ((rules.old_spec or {}).get("conversion") or {}).get("conversionReviewVersions") or ()
    needs_known = not before or bool(set(before) & set(REVIEWS))
    yield from _review_versions(
        conversion.get("conversionReviewVersions") or [], needs_known, path / "conversionReviewVersions"
    )


def _review_versions(versions: list[str], needs_known: bool, path: Path) -> Iterator[FieldError]:
    if not versions:
        yield required(path)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(path @ index, version, "duplicate version")
        else:
            yield from (invalid(path @ index, version, wrong) for wrong in dns_1035_label(version))
    if needs_known and not set(versions) & set(REVIEWS):
        yield invalid(path, Go(versions, "[]string"), f"must include at least one of {', '.join(REVIEWS)}")
