"""The paths of the OpenAPI document: what requests a set of Resources answers to.

Each verb of a resource is an Action (data); placing one at a path gives a Route; those of a path become one path
item, in which the parameters that all of them have stand once. Follows apiserver's installer and kube-openapi.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fakekube.apis.resource import Resource, Subresource, Version
from fakekube.machinery.schema import Schema
from fakekube.server.openapi.definitions import META, REF, Json, Prose

Query = Mapping[str, str]
"""Query parameters: name -> type."""

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
MEDIA = (JSON, YAML, PROTOBUF)
STREAMS = (*MEDIA, f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
ANYTHING = ("*/*",)
PATCHES = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
)
LIST_QUERY = {
    "allowWatchBookmarks": "boolean",
    "continue": "string",
    "fieldSelector": "string",
    "labelSelector": "string",
    "limit": "integer",
    "resourceVersion": "string",
    "resourceVersionMatch": "string",
    "timeoutSeconds": "integer",
    "watch": "boolean",
}
DELETE_QUERY = {
    "dryRun": "string",
    "gracePeriodSeconds": "integer",
    "orphanDependents": "boolean",
    "propagationPolicy": "string",
}
WRITE_QUERY = {"dryRun": "string", "fieldManager": "string"}
EXPORT_QUERY = {"exact": "boolean", "export": "boolean"}
COLLECTION_QUERY = {k: v for k, v in LIST_QUERY.items() if k not in ("watch", "allowWatchBookmarks")} | DELETE_QUERY
LOG_QUERY = {
    "container": "string",
    "follow": "boolean",
    "insecureSkipTLSVerifyBackend": "boolean",
    "limitBytes": "integer",
    "previous": "boolean",
    "sinceSeconds": "integer",
    "tailLines": "integer",
    "timestamps": "boolean",
}
ATTACH_QUERY = {"container": "string", "stderr": "boolean", "stdin": "boolean", "stdout": "boolean", "tty": "boolean"}
CONNECT_QUERIES: Mapping[str, Query] = {
    "PodAttachOptions": ATTACH_QUERY,
    "PodExecOptions": {"command": "string"} | ATTACH_QUERY,
    "PodPortForwardOptions": {"ports": "integer"},
    "PodProxyOptions": {"path": "string"},
    "ServiceProxyOptions": {"path": "string"},
    "NodeProxyOptions": {"path": "string"},
}
"""The kinds of the subresources that are connected to, and what their URLs may ask."""
WITHOUT_EXPORT = frozenset({"rbac.authorization.k8s.io"})
"""Groups whose storage wraps the generic one and so lost the deprecated ?export."""
SAID_TO_ANSWER_STATUS = frozenset({("", "namespaces")})
"""Whose DELETE answers with the object, while the document says that it is a Status."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""In the order in which a path item has them."""

OK, CREATED, ACCEPTED = {"200": "OK"}, {"201": "Created"}, {"202": "Accepted"}
DEPRECATED = "deprecated: use the 'watch' parameter with a list operation instead"


class Action(Struct, frozen=True):
    """What a verb does, without the where. In `text` stand {kind}, {a} (an article) and {of} (" status of")."""

    method: str
    verb: str
    """Begins the operation's id."""
    name: str
    """x-kubernetes-action."""
    text: str
    answers: Mapping[str, str]
    """Status code -> its text."""
    query: Query
    answer: str = "kind"
    """What comes back: "kind", "list" or a definition of meta/v1."""
    body: str = ""
    """What is sent: "kind" or a definition of meta/v1."""
    consumes: Sequence[str] = ANYTHING
    produces: Sequence[str] = MEDIA


GET = Action("get", "read", "get", "read{of} the specified {kind}", OK, {})
LIST = Action("get", "list", "list", "list or watch objects of kind {kind}", OK, LIST_QUERY, "list", produces=STREAMS)
CREATE = Action("post", "create", "post", "create{of}{a}{kind}", OK | CREATED | ACCEPTED, WRITE_QUERY, body="kind")
UPDATE = Action("put", "replace", "put", "replace{of} the specified {kind}", OK | CREATED, WRITE_QUERY, body="kind")
PATCH = Action(
    "patch",
    "patch",
    "patch",
    "partially update{of} the specified {kind}",
    OK,
    WRITE_QUERY | {"force": "boolean"},
    body="Patch",
    consumes=PATCHES,
)
DELETE = Action(
    "delete", "delete", "delete", "delete{of}{a}{kind}", OK | ACCEPTED, DELETE_QUERY, "Status", "DeleteOptions"
)
DELETE_COLLECTION = Action(
    "delete",
    "deletecollection",
    "deletecollection",
    "delete collection of {kind}",
    OK,
    COLLECTION_QUERY,
    "Status",
    "DeleteOptions",
)
WATCH = Action(
    "get",
    "watch",
    "watch",
    f"watch changes to an object of kind {{kind}}. {DEPRECATED}, filtered to a single item with the 'fieldSelector' "
    "parameter.",
    OK,
    LIST_QUERY,
    "WatchEvent",
    produces=STREAMS,
)
WATCH_LIST = replace(WATCH, name="watchlist", text=f"watch individual changes to a list of {{kind}}. {DEPRECATED}.")
CONNECT = Action("", "connect", "connect", "", OK, {}, "string", produces=ANYTHING)

COLLECTION_ACTIONS = {"list": LIST, "create": CREATE, "deletecollection": DELETE_COLLECTION}
ITEM_ACTIONS = {"get": GET, "update": UPDATE, "delete": DELETE, "patch": PATCH}
SUBRESOURCE_ACTIONS = ITEM_ACTIONS | {"create": CREATE}


class Route(Struct, frozen=True):
    """An Action at a path."""

    path: str
    action: Action
    operation: str
    """The operation's id without its verb and group."""
    description: str
    gvk: tuple[str, str, str]
    """Of what is handled here: group, version, kind."""
    answer: Json
    body: str
    """The definition of the body, or ""."""


def article(kind: str) -> str:
    """ " a ", " an ", or " " for what looks like a plural. Follows the installer's."""
    if kind.endswith("s") and not kind.endswith("ss"):
        return " "
    return " an " if kind[0].lower() in "aeiou" else " a "


def camel(text: str, *, first: bool = True) -> str:
    """rbac.authorization: RbacAuthorization; letters after what is no letter are capital."""
    out, capital = "", first
    for position, char in enumerate(text):
        if char.isalpha() or char == "_" or (position and char.isdigit()):
            out, capital = out + (char.upper() if capital else char), False
        else:
            capital = True
    return out


def place(group: str, version: str) -> tuple[str, str]:
    """How operation ids and tags name a group version: AppsV1, apps_v1."""
    short = (group or "core").removesuffix(".k8s.io")
    return camel(short) + camel(version), camel(short, first=False) + (
        f"_{camel(version, first=False)}" if version else ""
    )


def root_of(group: str, version: str) -> str:
    """ "/api/v1", "/apis/apps/v1"."""
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


class Router:
    """Makes the routes of one version of a Resource."""

    def __init__(self, resource: Resource, version: Version, schema: Schema) -> None:
        self._resource, self._version, self._schema = resource, version, schema
        self._root = root_of(resource.group, version.name)
        self._scope = "/namespaces/{namespace}" if resource.namespaced else ""
        self._mark = "Namespaced" if resource.namespaced else ""
        self._gvk = (resource.group, version.name, resource.kind)

    def routes(self) -> Iterator[Route]:
        """All of them."""
        plural, kind = self._resource.plural, self._resource.kind
        verbs = self._resource.verbs
        here = f"{self._root}{self._scope}/{plural}"
        for verb, action in COLLECTION_ACTIONS.items():
            if verb in verbs:
                yield self._route(here, self._adapted(action), self._mark + kind)
        for verb, action in ITEM_ACTIONS.items():
            if verb in verbs:
                yield self._route(f"{here}/{{name}}", self._adapted(action), self._mark + kind)
        if "list" in verbs and self._scope:
            yield self._route(f"{self._root}/{plural}", self._adapted(LIST), f"{kind}ForAllNamespaces")
        if "watch" in verbs:
            yield from self._watches(plural, kind)
        for sub in self._resource.subresources:
            if not sub.versions or self._version.name in sub.versions:
                yield from self._subresource(f"{here}/{{name}}/{sub.name}", sub)

    def _watches(self, plural: str, kind: str) -> Iterator[Route]:
        here = f"{self._root}/watch{self._scope}/{plural}"
        yield self._route(here, WATCH_LIST, f"{self._mark}{kind}List")
        if "get" in self._resource.verbs:
            yield self._route(f"{here}/{{name}}", WATCH, self._mark + kind)
        if self._scope:
            yield self._route(f"{self._root}/watch/{plural}", WATCH_LIST, f"{kind}ListForAllNamespaces")

    def _adapted(self, action: Action) -> Action:
        """The action as this resource has it."""
        if action is LIST and "watch" not in self._resource.verbs:
            return replace(action, text="list objects of kind {kind}")
        if action is GET and self._exports():
            return replace(action, query=EXPORT_QUERY)
        if action is DELETE and self._answers_deleted():
            return replace(action, answer="kind")
        return action

    def _exports(self) -> bool:
        return "create" in self._resource.verbs and self._resource.group not in WITHOUT_EXPORT

    def _answers_deleted(self) -> bool:
        resource = self._resource
        return resource.returns_deleted and (resource.group, resource.plural) not in SAID_TO_ANSWER_STATUS

    def _subresource(self, path: str, sub: Subresource) -> Iterator[Route]:
        kind = sub.kind or self._resource.kind
        gvk = (sub.group, sub.version, kind) if sub.version else (self._resource.group, self._version.name, kind)
        if kind in CONNECT_QUERIES:
            yield from self._connects(path, sub, gvk)
            return
        if sub.name == "log":
            yield self._log(path)
            return
        for verb, action in SUBRESOURCE_ACTIONS.items():
            if verb in sub.verbs:
                yield self._route(path, action, self._mark + self._resource.kind, gvk, sub.name)

    def _log(self, path: str) -> Route:
        action = replace(GET, query=LOG_QUERY, answer="string", produces=("text/plain", *MEDIA))
        return self._route(path, action, self._mark + self._resource.kind, self._gvk, "log")

    def _connects(self, path: str, sub: Subresource, gvk: tuple[str, str, str]) -> Iterator[Route]:
        everything = "delete" in sub.verbs  # a proxy passes on any method and has a path of its own
        for method in METHODS if everything else ("get", "post"):
            text = f"connect {method.upper()} requests to {sub.name} of {{kind}}"
            action = replace(CONNECT, method=method, text=text, query=CONNECT_QUERIES[gvk[2]])
            name = f"{method.capitalize()}{self._mark}{self._resource.kind}"
            route = self._route(path, action, name, gvk, sub.name)
            yield route
            if everything:
                yield replace(route, path=f"{path}/{{path}}", operation=f"{route.operation}WithPath")

    def _route(
        self, path: str, action: Action, name: str, gvk: tuple[str, str, str] | None = None, sub: str = ""
    ) -> Route:
        kind, gvk = self._resource.kind, gvk or self._gvk
        of = f" {sub} of" if sub else ""
        text = action.text.format(kind=kind, a=article(kind), of=of)
        operation = name + (sub[:1].upper() + sub[1:])
        answer = (
            {"type": "string"} if action.answer == "string" else {"$ref": REF + self._definition(action.answer, gvk)}
        )
        body = self._definition(action.body, gvk) if action.body else ""
        return Route(path, action, operation, text, gvk, answer, body)

    def _definition(self, what: str, gvk: tuple[str, str, str]) -> str:
        group, version, kind = gvk
        if what == "kind":
            return self._schema.kind_name(group, version, kind)
        if what == "list":
            return self._schema.kind_name(group, version, self._resource.list_kind_name)
        return f"{META}.{what}"


def path_items(routes: Iterable[Route], prose: Prose) -> dict[str, Json]:
    """The document's "paths" of these routes."""
    by_path: dict[str, list[Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, []).append(route)
    return {path: _path_item(path, together, prose) for path, together in by_path.items()}


def _path_item(path: str, routes: list[Route], prose: Prose) -> Json:
    parameters = [_parameters(path, route, prose) for route in routes]
    common = set.intersection(*(set(each) for each in parameters))
    by_method = {route.action.method: (route, each) for route, each in zip(routes, parameters, strict=True)}
    item: Json = {}
    for method in METHODS:
        if method in by_method:
            route, own = by_method[method]
            item[method] = _operation(route, [own[key] for key in sorted(own) if key not in common])
    if common:
        item["parameters"] = [parameters[0][key] for key in sorted(common)]
    return item


def _parameters(path: str, route: Route, prose: Prose) -> dict[tuple[str, str], Json]:
    """(name, in) -> parameter, all but the body."""
    kind = route.gvk[2]
    texts = {"name": f"name of the {kind}", "namespace": SCOPE_TEXT, "path": PATH_TEXT}
    found = {
        (name, "path"): _parameter(name, "path", "string", text)
        for name, text in texts.items()
        if f"{{{name}}}" in path
    }
    query: Query = route.action.query if route.action.name == "connect" else {**route.action.query, "pretty": "string"}
    for name, type_ in query.items():
        found[name, "query"] = _parameter(name, "query", type_, _text_of(name, prose))
    return found


SCOPE_TEXT = "object name and auth scope, such as for teams and projects"
PATH_TEXT = "path to the resource"
PRETTY_TEXT = "If 'true', then the output is pretty printed."


def _text_of(name: str, prose: Prose) -> str:
    """What DeleteOptions say of a field of that name is what its query parameter says."""
    if name == "pretty":
        return PRETTY_TEXT
    text: str = prose.of_field(f"{META}.DeleteOptions", name).get("description", "")
    return text


def _parameter(name: str, where: str, type_: str, text: str) -> Json:
    described = {"description": text} if text else {}
    required = {"required": True} if where == "path" else {}
    return {"uniqueItems": True, "type": type_} | described | {"name": name, "in": where} | required


def _operation(route: Route, parameters: list[Json]) -> Json:
    action = route.action
    group, version, kind = route.gvk
    named, tag = place_of_path(route.path)
    verb, name = _split_verb(action.verb)
    if route.body:
        parameters = sorted([_body(route), *parameters], key=lambda parameter: (parameter["name"], parameter["in"]))
    responses = {code: {"description": text, "schema": route.answer} for code, text in action.answers.items()}
    return {
        "description": route.description,
        "consumes": list(action.consumes),
        "produces": list(action.produces),
        "schemes": ["https"],
        "tags": [tag],
        "operationId": f"{verb}{named}{name}{route.operation}",
        **({"parameters": parameters} if parameters else {}),
        "responses": responses | UNAUTHORIZED,
        "x-kubernetes-action": action.name,
        "x-kubernetes-group-version-kind": {"group": group, "kind": kind, "version": version},
    }


def _body(route: Route) -> Json:
    required = {} if route.action.body == "DeleteOptions" else {"required": True}
    return {"name": "body", "in": "body"} | required | {"schema": {"$ref": REF + route.body}}


UNAUTHORIZED: Json = {"401": {"description": "Unauthorized"}}


def _split_verb(verb: str) -> tuple[str, str]:
    """The group stands behind the first verb that the name begins with: deletecollection is a delete."""
    return ("delete", "Collection") if verb == "deletecollection" else (verb, "")


def place_of_path(path: str) -> tuple[str, str]:
    """The group version of a path, for its operation ids and tags."""
    parts = path.strip("/").split("/")
    group, *rest = parts[1:] if parts[0] == "apis" else ("", *parts[1:])
    return place(group, rest[0] if rest else "")
