"""What the schema of a custom resource may say. Follows apiextensions' validation of v1.20; see structural.

Schemas are JSON: `items` is a schema or a list of them, `additionalProperties` a schema or a boolean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.apis.apiextensions.structural import is_structural, validate_structural
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go, struct_fields
from fakekube.machinery.objects import Object

TYPES = ("array", "boolean", "integer", "number", "object", "string")
AT_ROOT = (
    "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern "
    "MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields"
)
META = ("metadata", "kind", "apiVersion")
NO_DEFAULTS = "(cannot set default values in apiextensions.k8s.io/v1beta1 CRDs, must use apiextensions.k8s.io/v1)"
UNIQUE = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
NULL = "type cannot be set to null, use nullable as an alternative"
KEEP, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
LIST_TYPE, MAP_TYPE, LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-list-map-keys"
NESTED = ("allOf", "oneOf", "anyOf")
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "id": (None, ""),
    "additionalItems": (None,),
    "patternProperties": (None, {}),
    "definitions": (None, {}),
    "dependencies": (None,),
    "$ref": (None,),
}
"""What no schema may have, with the values that count as nothing."""


class Options(Struct, frozen=True):
    """How strictly schemas are judged."""

    needs_schema: bool = True
    defaults: bool = True
    no_defaults_because: str = ""
    known_types: bool = True
    structural: bool = True
    inside_meta: bool = False
    """Within the schema of an object's metadata."""
    atomic_sets: bool = True
    """Items of sets have to be atomic."""
    complete_keys: bool = True
    """Keys of lists that are maps have to be there."""

    def without_defaults(self, why: str) -> Options:
        """The same where defaults are forbidden."""
        return replace(self, defaults=False, no_defaults_because=why)


def schemas_of(spec: Object) -> Iterator[Object]:
    """All schemas of a definition."""
    holders = [spec.get("validation"), *(version.get("schema") for version in spec.get("versions") or ())]
    for holder in holders:
        if (schema := (holder or {}).get("openAPIV3Schema")) is not None:
            yield schema


def parts_of(schema: Any) -> Iterator[Object]:
    """The schemas directly within one."""
    items = schema.get("items")
    yield from items if isinstance(items, list) else [items] if items is not None else []
    for name in NESTED:
        yield from schema.get(name) or ()
    for name in ("not", "additionalProperties", "additionalItems"):
        if isinstance(schema.get(name), dict):
            yield schema[name]
    for name in ("properties", "patternProperties", "definitions", "dependencies"):
        yield from (part for part in (schema.get(name) or {}).values() if isinstance(part, dict))


def has(schema: Object, wanted: Callable[[Object], bool]) -> bool:
    """Whether a schema, or one within it, is such a one."""
    return wanted(schema) or any(has(part, wanted) for part in parts_of(schema))


def any_has(spec: Object, wanted: Callable[[Object], bool]) -> bool:
    """Whether any schema of a definition has it."""
    return any(has(schema, wanted) for schema in schemas_of(spec))


def _has_default(schema: Object) -> bool:
    return schema.get("default") is not None


def _has_extension(schema: Object) -> bool:
    names = (EMBEDDED, INT_OR_STRING, LIST_KEYS)
    return any(schema.get(name) for name in names) or any(schema.get(name) is not None for name in (KEEP, LIST_TYPE))


def _has_odd_type(schema: Object) -> bool:
    return bool(schema.get("type")) and schema["type"] not in TYPES


def _has_non_atomic_set(schema: Object) -> bool:
    return any(_set_items(schema, Path("x")))


def _has_incomplete_keys(schema: Object) -> bool:
    return any(_list_keys(schema, Path("x")))


def _all_have_schemas(spec: Object) -> bool:
    if (spec.get("validation") or {}).get("openAPIV3Schema") is not None:
        return True
    return all((version.get("schema") or {}).get("openAPIV3Schema") is not None for version in spec["versions"] or ())


def options_for(spec: Object, old: Object | None, *, strict: bool) -> Options:
    """How the schemas of a definition are judged; `old` is its spec before an update."""
    old_defaults = old is not None and any_has(old, _has_default)
    defaults = strict or old_defaults
    structural = strict and (old is None or all(is_structural(schema) for schema in schemas_of(old)))
    pruned = spec.get("preserveUnknownFields") is False
    return Options(
        needs_schema=strict and (old is None or _all_have_schemas(old)),
        defaults=defaults,
        no_defaults_because="" if defaults else NO_DEFAULTS,
        known_types=strict and (old is None or not any_has(old, _has_odd_type)),
        structural=structural or pruned or any_has(spec, _has_extension) or (defaults and any_has(spec, _has_default)),
        atomic_sets=old is None or not any_has(old, _has_non_atomic_set),
        complete_keys=old is None or not any_has(old, _has_incomplete_keys),
    )


def validate_presence(spec: Object, options: Options) -> Iterator[FieldError]:
    """Yield the versions without a schema that need one."""
    path, pruned = Path("spec"), spec.get("preserveUnknownFields") is False
    if (spec.get("validation") or {}).get("openAPIV3Schema") is None:
        for index, version in enumerate(spec.get("versions") or ()):
            here = path / "versions" @ index / "schema" / "openAPIV3Schema"
            if (version.get("schema") or {}).get("openAPIV3Schema") is not None:
                continue
            if options.needs_schema:
                yield required(here, "schemas are required")
            elif pruned and version.get("served"):
                yield required(here, "because otherwise all fields are pruned")
    if options.defaults and any_has(spec, _has_default) and not pruned:
        yield invalid(path / "preserveUnknownFields", True, "must be false in order to use defaults in the schema")


def validate(holder: Object | None, has_status: bool, options: Options, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with a schema; `has_status`: its kind has the subresource."""
    schema = (holder or {}).get("openAPIV3Schema")
    if schema is None:
        return
    here = path / "openAPIV3Schema"
    errors = list(_root(schema, here)) if has_status else []
    if schema.get("nullable"):
        errors.append(forbidden(here / "nullable", "nullable cannot be true at the root"))
    errors += _schema(schema, here, options, root=True)
    yield from errors
    if not options.structural:
        return
    if not (unsupported := _unsupported(schema)):
        yield from validate_structural(schema, here)
    elif not errors:
        yield invalid(here, "", f"OpenAPIV3Schema {unsupported}")


def _unsupported(schema: Object) -> str:
    """What no structural schema can have, the first of it; "" for nothing."""
    for name in ("id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"):
        if schema.get(name) not in (None, "", {}):
            return f"'{'schema' if name == '$schema' else name}' is not supported"
    if isinstance(schema.get("items"), list):
        return "'items' must be a schema, but is an array"
    return next(filter(None, map(_unsupported, parts_of(schema))), "")


def _root(schema: Object, path: Path) -> Iterator[FieldError]:
    """At the root stands nothing that would not hold for the status alone."""
    allowed = AT_ROOT.split()
    for go, _, key in struct_fields("apiextensions.JSONSchemaProps") or ():
        value = schema.get(key)
        if value is None or value is False or value == "":
            continue
        if go == "Type" and value != "object":
            why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
            yield invalid(path / "type", value, why)
            return
        if go not in allowed:
            why = f"only [{AT_ROOT}] fields are allowed at the root of the schema if the status subresource is enabled"
            yield invalid(path, Go(schema, "apiextensions.JSONSchemaProps"), why)
            return


def _schema(schema: Any, path: Path, options: Options, *, root: bool = False) -> Iterator[FieldError]:
    yield from _plain(schema, path, options)
    if schema.get("uniqueItems"):
        yield forbidden(path / "uniqueItems", UNIQUE)
    yield from _additional(schema, path, options)
    for name, part in (schema.get("properties") or {}).items():
        inner = options
        if (root or schema.get(EMBEDDED)) and name in META:
            inner = replace(options, inside_meta=True)
            inner = inner.without_defaults(f"in top-level {name}") if root else inner
        yield from _schema(part, path / "properties" @ name, inner)
    if schema.get("not") is not None:
        yield from _schema(schema["not"], path / "not", options)
    for name in ("allOf", "oneOf", "anyOf"):
        for index, part in enumerate(schema.get(name) or ()):
            yield from _schema(part, path / name @ index, options)
    for name, part in (schema.get("definitions") or {}).items():
        yield from _schema(part, path / "definitions" @ name, options)
    yield from _items(schema.get("items"), path / "items", options)
    for name, part in (schema.get("dependencies") or {}).items():
        if isinstance(part, dict):
            yield from _schema(part, path / "dependencies" @ name, options)
    yield from _extensions(schema, path, options)


def _plain(schema: Object, path: Path, options: Options) -> Iterator[FieldError]:
    kind = schema.get("type", "")
    if options.known_types and kind and kind not in TYPES:
        yield not_supported(path / "type", kind, TYPES)
    if schema.get("default") is not None and not options.defaults:
        yield forbidden(path / "default", f"must not be set {options.no_defaults_because}".rstrip())
    for name, nothing in UNSUPPORTED.items():
        if schema.get(name) not in nothing:
            yield forbidden(path / name, f"{name} is not supported")
    if kind == "null":
        yield forbidden(path / "type", NULL)
    if isinstance(schema.get("items"), list) and schema["items"]:
        yield forbidden(path / "items", "items must be a schema object and not an array")
    if options.inside_meta and schema.get(EMBEDDED):
        yield forbidden(path / EMBEDDED, "must not be used inside of resource meta")


def _additional(schema: Object, path: Path, options: Options) -> Iterator[FieldError]:
    more = schema.get("additionalProperties")
    if more is None:
        return
    if schema.get("properties") and more is not True:
        yield forbidden(path / "additionalProperties", "additionalProperties and properties are mutual exclusive")
    if isinstance(more, dict):
        if options.inside_meta:
            options = options.without_defaults("inside additionalProperties applying to object metadata")
        yield from _schema(more, path / "additionalProperties", options)


def _items(items: Any, path: Path, options: Options) -> Iterator[FieldError]:
    if isinstance(items, list):
        for index, part in enumerate(items):
            yield from _schema(part, path @ index, options)
    elif items is not None:
        yield from _schema(items, path, options)


# Extensions


def _extensions(schema: Object, path: Path, options: Options) -> Iterator[FieldError]:
    if schema.get(KEEP) is False:
        yield invalid(path / KEEP, False, "must be true or undefined")
    map_type, list_type = schema.get(MAP_TYPE), schema.get(LIST_TYPE)
    if map_type is not None:
        yield from _typed(schema, "object", MAP_TYPE, path)
        if map_type not in ("atomic", "granular"):
            yield not_supported(path / MAP_TYPE, map_type, ("atomic", "granular"))
    if list_type is not None:
        errors = list(_typed(schema, "array", LIST_TYPE, path))
        yield from errors
        if not errors and options.atomic_sets:
            yield from _set_items(schema, path)
        if list_type not in ("atomic", "set", "map"):
            yield not_supported(path / LIST_TYPE, list_type, ("atomic", "set", "map"))
    if schema.get(LIST_KEYS):
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        if list_type is None:
            yield required(path / LIST_TYPE, why)
        elif list_type != "map":
            yield invalid(path / LIST_TYPE, list_type, why)
    if list_type == "map":
        yield from _map_list(schema, path)
    if options.complete_keys:
        yield from _list_keys(schema, path)


def _typed(schema: Object, wanted: str, extension: str, path: Path) -> Iterator[FieldError]:
    kind, why = schema.get("type", ""), f"must be {wanted} if {extension} is specified"
    if not kind:
        yield required(path / "type", why)
    elif kind != wanted:
        yield invalid(path / "type", kind, why)


def _item_schema(schema: Object) -> Any:
    items = schema.get("items")
    return items if isinstance(items, dict) else None


def _set_items(schema: Object, path: Path) -> Iterator[FieldError]:
    items = _item_schema(schema)
    if schema.get(LIST_TYPE) != "set" or schema.get("type") != "array" or items is None:
        return
    why, shown = "must be atomic as item of a list with x-kubernetes-list-type=set", Go(items.get(LIST_TYPE), "*string")
    if items.get("type") == "array" and items.get(LIST_TYPE) not in (None, "atomic"):
        yield invalid(path / "items" / LIST_TYPE, shown, why)
    if items.get("type") == "object" and items.get(MAP_TYPE) != "atomic":
        yield invalid(path / "items" / MAP_TYPE, shown, why)


def _map_list(schema: Object, path: Path) -> Iterator[FieldError]:
    keys, items = schema.get(LIST_KEYS) or [], schema.get("items")
    if not keys:
        yield required(path / LIST_KEYS, "must not be empty if x-kubernetes-list-type is map")
    if items is None:
        yield required(path / "items", "must have a schema if x-kubernetes-list-type is map")
    elif not isinstance(items, dict):
        shown = Go(items, "*apiextensions.JSONSchemaPropsOrArray")
        yield invalid(path / "items", shown, "must only have a single schema if x-kubernetes-list-type is map")
    elif items.get("type") != "object":
        why = "must be object if parent array's x-kubernetes-list-type is map"
        yield invalid(path / "items" / "type", items.get("type", ""), why)
    else:
        yield from _keys(keys, items, path)


def _keys(keys: list[str], items: Object, path: Path) -> Iterator[FieldError]:
    properties, shown = items.get("properties") or {}, Go(keys, "[]string")
    for index, key in enumerate(keys):
        if key not in properties:
            yield invalid(path / LIST_KEYS, shown, "entries must all be names of item properties")
        elif properties[key].get("type") in ("array", "object"):
            why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield invalid(path / "items" / "properties" @ key / "type", items["type"], why)
        if key in keys[:index]:
            yield invalid(path / LIST_KEYS, shown, "must not contain duplicate entries")


def _list_keys(schema: Object, path: Path) -> Iterator[FieldError]:
    """Items that are told apart, and what tells them apart, are always there."""
    items, list_type = _item_schema(schema), schema.get(LIST_TYPE)
    if items is None or list_type not in ("set", "map"):
        return
    if items.get("nullable"):
        yield forbidden(path / "items" / "nullable", f"cannot be nullable when x-kubernetes-list-type is {list_type}")
    for key in (schema.get(LIST_KEYS) or ()) if list_type == "map" else ():
        prop, here = (items.get("properties") or {}).get(key), path / "items" / "properties" @ key
        if prop is None:
            continue
        why = "this property is in x-kubernetes-list-map-keys, so it"
        if key not in (items.get("required") or ()) and prop.get("default") is None:
            yield required(here / "default", f"{why} must have a default or be a required property")
        if prop.get("nullable"):
            yield forbidden(here / "nullable", f"{why} cannot be nullable")
