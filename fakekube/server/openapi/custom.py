"""What custom resources add to the OpenAPI document. Follows apiextensions-apiserver's openapi builder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fakekube.machinery.objects import Object
from fakekube.server.openapi.definitions import META, REF, Json, Prose
from fakekube.server.openapi.paths import (
    CREATE,
    DELETE,
    DELETE_COLLECTION,
    GET,
    JSON,
    LIST,
    LIST_QUERY,
    PATCH,
    UPDATE,
    WRITE_QUERY,
    YAML,
    Action,
    Route,
    article,
    path_items,
)

UNKNOWN = "x-kubernetes-preserve-unknown-fields"
GVK = "x-kubernetes-group-version-kind"
SCALE = "io.k8s.api.autoscaling.v1.Scale"
SECOND = "_v2"
"""Ends the name of a definition that custom resources have in a form of their own: they know of no kinds."""
WITHOUT_KINDS = (f"{META}.Status", f"{META}.StatusDetails", f"{META}.DeleteOptions", SCALE)
POD_LIST = "io.k8s.api.core.v1.PodList"
CONFIG_MAP = "io.k8s.api.core.v1.ConfigMap"
"""Built-in definitions whose standard fields are described as a custom resource's are."""

KEPT = (
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "enum",
    "maxProperties",
    "minProperties",
    "required",
    "items",
    "properties",
    "additionalProperties",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    UNKNOWN,
)
"""What of a structural schema is published, in the order in which it is written."""

MEDIA = (JSON, YAML)
READ = replace(GET, query={"resourceVersion": "string"}, consumes=MEDIA, produces=MEDIA)
COLLECTION = (
    replace(LIST, text="list objects of kind {kind}", consumes=MEDIA, produces=MEDIA),
    replace(CREATE, consumes=MEDIA, produces=MEDIA),
    replace(DELETE_COLLECTION, query=LIST_QUERY, body="", consumes=MEDIA, produces=MEDIA),
)
REPLACE = replace(UPDATE, consumes=MEDIA, produces=MEDIA)
PARTIAL = replace(
    PATCH,
    query=WRITE_QUERY,
    consumes=(f"{JSON}-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"),
    produces=MEDIA,
)
ITEM = (READ, REPLACE, replace(DELETE, consumes=MEDIA, produces=MEDIA), PARTIAL)
SUBRESOURCE = (READ, REPLACE, PARTIAL)


class Additions(Struct, frozen=True):
    """Paths and definitions that come in addition to the built-in ones."""

    paths: dict[str, Json]
    definitions: dict[str, Json]


def gather(crds: Iterable[Object], known: Mapping[str, Json], prose: Prose) -> Additions:
    """What the definitions (apiextensions.k8s.io/v1) add that are established; `known` are the built-in ones."""
    shapes, routes = Shapes(prose), list[Route]()
    for crd in filter(established, crds):
        for version in crd["spec"]["versions"]:
            if version["served"]:
                names = Names(crd["spec"], version["name"])
                shapes.add(names, None if is_loose(crd, version) else version["schema"]["openAPIV3Schema"])
                routes += names.routes(version.get("subresources") or {})
    second = second_forms(known) if routes else {}
    return Additions(path_items(routes, prose), shapes.definitions | second)


def established(crd: Object) -> bool:
    """Whether the definition is served."""
    return has_condition(crd, "Established")


def has_condition(crd: Object, name: str) -> bool:
    """Whether that condition is true."""
    conditions = crd.get("status", {}).get("conditions") or ()
    return any(c.get("type") == name and c.get("status") == "True" for c in conditions)


def is_loose(crd: Object, version: Object) -> bool:
    """Whether nothing is published of the version's schema, since unknown fields pass or it is not structural."""
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    if schema is None or crd["spec"].get("preserveUnknownFields") or schema.get(UNKNOWN):
        return True
    return has_condition(crd, "NonStructuralSchema")


def second_forms(known: Mapping[str, Json]) -> dict[str, Json]:
    """The definitions of WITHOUT_KINDS, which refer to each other under these names."""
    kept = {name: {key: value for key, value in known[name].items() if key != GVK} for name in WITHOUT_KINDS}
    return {name + SECOND: _renamed(schema) for name, schema in kept.items()}


class Shapes:
    """Makes the definitions of custom resources and of lists of them."""

    def __init__(self, prose: Prose) -> None:
        self.definitions: dict[str, Json] = {}
        self._prose = prose

    def add(self, names: Names, schema: Json | None) -> None:
        """Make those of one version; without a schema it may hold anything."""
        own: Json = {"type": "object"} if schema is None else self._object(published(schema), required=False)
        self.definitions[names.definition] = own | {GVK: [names.gvk(names.kind)]}
        self.definitions[names.list_definition] = self._list(names)

    def _list(self, names: Names) -> Json:
        more = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
        items = {"description": f"List of {names.plural}. More info: {more}", "type": "array"}
        properties = {
            "apiVersion": self._text(POD_LIST, "apiVersion"),
            "items": items | {"items": {"$ref": REF + names.definition}},
            "kind": self._text(POD_LIST, "kind"),
            "metadata": self._prose.of_field(POD_LIST, "metadata") | {"$ref": f"{REF}{META}.ListMeta"},
        }
        text = f"{names.list_kind} is a list of {names.kind}"
        gvk = {GVK: [names.gvk(names.list_kind)]}
        return {"description": text, "required": ["items"], "properties": properties} | gvk

    def _object(self, schema: Json, *, required: bool) -> Json:
        """The schema with the fields that every API object has, in it and in objects embedded in it."""
        schema = self._embedding(schema)
        standard = {
            "apiVersion": self._text(CONFIG_MAP, "apiVersion"),
            "kind": self._text(CONFIG_MAP, "kind"),
            "metadata": self._prose.of_field(CONFIG_MAP, "metadata") | {"$ref": f"{REF}{META}.ObjectMeta"},
        }
        properties = schema.get("properties", {}) | standard
        new = schema | {"properties": {name: properties[name] for name in sorted(properties)}}
        if required:
            names = new.get("required", [])
            new["required"] = [*names, *(name for name in ("kind", "apiVersion") if name not in names)]
        return {key: new[key] for key in KEPT if key in new}

    def _embedding(self, schema: Json) -> Json:
        new = dict(schema)
        if "properties" in schema:
            new["properties"] = {name: self._node(node) for name, node in schema["properties"].items()}
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                new[key] = self._node(schema[key])
        return new

    def _node(self, schema: Json) -> Json:
        unknown = schema.get(UNKNOWN)
        if schema.get("x-kubernetes-embedded-resource") and not unknown:
            return self._object(schema, required=True)
        return self._embedding(schema)

    def _text(self, definition: str, field: str) -> Json:
        return self._prose.of_field(definition, field) | {"type": "string"}


class Names:
    """What one version of a custom resource is called."""

    def __init__(self, spec: Object, version: str) -> None:
        self.group, self.version, names = spec["group"], version, spec["names"]
        self.kind, self.plural = names["kind"], names["plural"]
        self.list_kind = names.get("listKind") or f"{self.kind}List"
        self.namespaced = spec["scope"] == "Namespaced"
        prefix = ".".join([*reversed(self.group.split(".")), version])
        self.definition, self.list_definition = f"{prefix}.{self.kind}", f"{prefix}.{self.list_kind}"

    def gvk(self, kind: str) -> Json:
        """The x-kubernetes-group-version-kind of a kind of this group and version."""
        return {"group": self.group, "kind": kind, "version": self.version}

    def routes(self, subresources: Mapping[str, Any]) -> Iterator[Route]:
        """The routes of the resource and of its subresources."""
        root, mark = f"/apis/{self.group}/{self.version}", "Namespaced" if self.namespaced else ""
        here = f"{root}/namespaces/{{namespace}}/{self.plural}" if self.namespaced else f"{root}/{self.plural}"
        if self.namespaced:
            yield self._route(f"{root}/{self.plural}", COLLECTION[0], f"{self.kind}ForAllNamespaces")
        for action in COLLECTION:
            yield self._route(here, action, mark + self.kind)
        for action in ITEM:
            yield self._route(f"{here}/{{name}}", action, mark + self.kind)
        for sub in ("status", "scale"):
            for action in SUBRESOURCE if subresources.get(sub) is not None else ():
                yield self._route(f"{here}/{{name}}/{sub}", action, mark + self.kind, sub)

    def _route(self, path: str, action: Action, name: str, sub: str = "") -> Route:
        of = f" {sub} of" if sub else ""
        text = action.text.format(kind=self.kind, a=article(self.kind), of=of)
        answer = {"$ref": REF + self._definition(action.answer, sub)}
        body = self._definition(action.body, sub) if action.body else ""
        gvk = (self.group, self.version, self.kind)
        return Route(path, action, name + sub.capitalize(), text, gvk, answer, body)

    def _definition(self, what: str, sub: str) -> str:
        if what == "kind":
            return SCALE + SECOND if sub == "scale" else self.definition
        if what == "list":
            return self.list_definition
        name = f"{META}.{what}"
        return name + SECOND if name in WITHOUT_KINDS else name


def _renamed(value: Any) -> Any:
    """The same JSON, referring to the second forms."""
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    new = {key: _renamed(item) for key, item in value.items()}
    if isinstance(target := new.get("$ref"), str) and target.removeprefix(REF) in WITHOUT_KINDS:
        new["$ref"] = target + SECOND
    return new


def published(schema: Mapping[str, Any]) -> Json:
    """A structural schema in the words of Swagger 2.0, which has no nullable and no alternatives.

    Clients of the document cannot do with fields or items of what may be null or anything: these lose their type.
    """
    nullable, unknown = schema.get("nullable"), schema.get(UNKNOWN)
    new = {key: value for key, value in schema.items() if key in KEPT and not _empty(value)}
    if nullable or unknown:
        for key in ("items", "properties"):
            new.pop(key, None)
    untyped = ("array", "object") if unknown else ("array",) if "items" not in new else ()
    if nullable or new.get("type") in untyped:
        new.pop("type", None)
    _descend(new)
    return {key: new[key] for key in KEPT if key in new}


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _descend(new: Json) -> None:
    """Publish what is in a schema; what may be null is not required of it any more."""
    properties = new.get("properties", {})
    absent = {name for name, node in properties.items() if node.get("nullable")}
    values = new.get("additionalProperties")
    if absent and "required" in new:
        new["required"] = [name for name in new["required"] if name not in absent]
    if isinstance(values, dict):
        new["additionalProperties"] = published(values)
        absent = absent or ({""} if values.get("nullable") else set())
        if values.get("nullable"):
            new["required"] = []
    if not new.get("required", True):
        del new["required"]
    if properties:
        new["properties"] = {name: published(properties[name]) for name in sorted(properties)}
    if "items" in new:
        new["items"] = published(new["items"])
