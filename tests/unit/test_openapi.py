"""The OpenAPI document of a small catalog, and how it is served."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from msgspec.structs import replace

from fakekube.apis.resource import STANDARD_VERBS, Resource, Subresource, Version
from fakekube.apis.schema import load
from fakekube.server.openapi import Builtin, OpenAPI
from fakekube.server.openapi.content import Content, accepts_gzip, serve
from fakekube.server.openapi.custom import published
from fakekube.server.openapi.definitions import Prose, definition, go_schema, references
from fakekube.server.openapi.paths import article, camel, place
from fakekube.server.openapi.service import JSON, PROTOBUF, negotiate

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
REF = "#/definitions/"
SCHEMA = load("1.20")

PODS = Resource(
    group="",
    plural="pods",
    kind="Pod",
    versions=(Version("v1"),),
    returns_deleted=True,
    subresources=(
        Subresource("binding", ("create",), kind="Binding"),
        Subresource("exec", ("create", "get"), kind="PodExecOptions"),
        Subresource("log", ("get",)),
        Subresource("proxy", ("create", "delete", "get", "patch", "update"), kind="PodProxyOptions"),
        Subresource("status"),
    ),
)
DEPLOYMENTS = Resource(
    group="apps",
    plural="deployments",
    kind="Deployment",
    versions=(Version("v1", storage=True), Version("v1beta1", until="1.16")),
    subresources=(Subresource("scale", group="autoscaling", version="v1", kind="Scale"),),
)
NODES = Resource(group="", plural="nodes", kind="Node", versions=(Version("v1"),), namespaced=False)
NAMESPACES = Resource(
    group="",
    plural="namespaces",
    kind="Namespace",
    versions=(Version("v1"),),
    namespaced=False,
    verbs=tuple(verb for verb in STANDARD_VERBS if verb != "deletecollection"),
    subresources=(Subresource("finalize", ("update",)),),
)
REVIEWS = Resource(
    group="authentication.k8s.io",
    plural="tokenreviews",
    kind="TokenReview",
    versions=(Version("v1"),),
    namespaced=False,
    verbs=("create",),
    stored=False,
)
ROLES = Resource(group="rbac.authorization.k8s.io", plural="roles", kind="Role", versions=(Version("v1"),))
RESOURCES = (PODS, DEPLOYMENTS, NODES, NAMESPACES, REVIEWS, ROLES)


def prose(_: str) -> Prose:
    return Prose({f"{META}.DeleteOptions": {"properties": {"dryRun": {"description": "what dry run is"}}}})


@pytest.fixture(scope="module")
def builtin() -> Builtin:
    return Builtin(RESOURCES, SCHEMA, "v1.20.2", prose)


@pytest.fixture(scope="module")
def document(builtin: Builtin) -> dict[str, Any]:
    return OpenAPI(builtin).document()


def test_frame(document):
    assert list(document) == ["swagger", "info", "paths", "definitions", "securityDefinitions", "security"]
    assert document["info"] == {"title": "Kubernetes", "version": "v1.20.2"}


def test_paths_and_methods(document):
    found = {path: [m for m in item if m != "parameters"] for path, item in document["paths"].items()}
    pod = "/api/v1/namespaces/{namespace}/pods/{name}"
    everything = ["get", "put", "post", "delete", "options", "head", "patch"]
    assert {path: methods for path, methods in found.items() if "pods" in path} == {
        "/api/v1/pods": ["get"],
        "/api/v1/namespaces/{namespace}/pods": ["get", "post", "delete"],
        pod: ["get", "put", "delete", "patch"],
        f"{pod}/binding": ["post"],
        f"{pod}/exec": ["get", "post"],
        f"{pod}/log": ["get"],
        f"{pod}/proxy": everything,
        f"{pod}/proxy/{{path}}": everything,
        f"{pod}/status": ["get", "put", "patch"],
        "/api/v1/watch/pods": ["get"],
        "/api/v1/watch/namespaces/{namespace}/pods": ["get"],
        "/api/v1/watch/namespaces/{namespace}/pods/{name}": ["get"],
    }
    assert found["/api/v1/namespaces"] == ["get", "post"]
    assert found["/api/v1/namespaces/{name}/finalize"] == ["put"]
    assert found["/apis/authentication.k8s.io/v1/tokenreviews"] == ["post"]
    assert {"/api/", "/apis/", "/apis/apps/", "/apis/apps/v1/", "/version/", "/openid/v1/jwks/"} <= set(found)
    assert not [path for path in found if "v1beta1" in path]
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("path", "method", "operation", "tag", "text"),
    [
        ("/api/v1/pods", "get", "listCoreV1PodForAllNamespaces", "core_v1", "list or watch objects of kind Pod"),
        ("/api/v1/nodes", "delete", "deleteCoreV1CollectionNode", "core_v1", "delete collection of Node"),
        ("/api/v1/namespaces/{name}", "put", "replaceCoreV1Namespace", "core_v1", "replace the specified Namespace"),
        (
            "/api/v1/namespaces/{namespace}/pods/{name}/status",
            "patch",
            "patchCoreV1NamespacedPodStatus",
            "core_v1",
            "partially update status of the specified Pod",
        ),
        (
            "/api/v1/namespaces/{namespace}/pods/{name}/proxy/{path}",
            "head",
            "connectCoreV1HeadNamespacedPodProxyWithPath",
            "core_v1",
            "connect HEAD requests to proxy of Pod",
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/{name}",
            "get",
            "readRbacAuthorizationV1NamespacedRole",
            "rbacAuthorization_v1",
            "read the specified Role",
        ),
        ("/apis/apps/", "get", "getAppsAPIGroup", "apps", "get information of a group"),
        ("/api/v1/", "get", "getCoreV1APIResources", "core_v1", "get available resources"),
    ],
)
def test_operations_are_named_as_in_a_cluster(document, path, method, operation, tag, text):
    found = document["paths"][path][method]
    assert (found["operationId"], found["tags"], found["description"]) == (operation, [tag], text)


def test_operation_ids_are_unique(document):
    operations = [op for item in document["paths"].values() for name, op in item.items() if name != "parameters"]
    assert len({op["operationId"] for op in operations}) == len(operations)


def names(parameters):
    return [(parameter["name"], parameter["in"]) for parameter in parameters]


def test_parameters_that_all_operations_have_belong_to_the_path(document):
    item = document["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"]
    assert names(item["parameters"]) == [("name", "path"), ("namespace", "path"), ("pretty", "query")]
    assert item["parameters"][0] == {
        "uniqueItems": True,
        "type": "string",
        "description": "name of the Pod",
        "name": "name",
        "in": "path",
        "required": True,
    }
    assert names(item["get"]["parameters"]) == [("exact", "query"), ("export", "query")]
    assert names(item["put"]["parameters"]) == [("body", "body"), ("dryRun", "query"), ("fieldManager", "query")]
    assert item["put"]["parameters"][0] == {
        "name": "body",
        "in": "body",
        "required": True,
        "schema": {"$ref": f"{REF}io.k8s.api.core.v1.Pod"},
    }
    assert "required" not in item["delete"]["parameters"][0]
    assert item["put"]["parameters"][1]["description"] == "what dry run is"
    single = document["paths"]["/api/v1/namespaces/{namespace}/pods/{name}/proxy/{path}"]
    assert names(single["parameters"])[-2:] == [("path", "path"), ("path", "query")]


@pytest.mark.parametrize(
    ("path", "method", "answers"),
    [
        ("/api/v1/namespaces/{namespace}/pods", "post", {"200": "Pod", "201": "Pod", "202": "Pod"}),
        ("/api/v1/namespaces/{namespace}/pods", "get", {"200": "PodList"}),
        ("/api/v1/namespaces/{namespace}/pods/{name}", "put", {"200": "Pod", "201": "Pod"}),
        ("/api/v1/namespaces/{namespace}/pods/{name}", "delete", {"200": "Pod", "202": "Pod"}),
        ("/api/v1/nodes/{name}", "delete", {"200": "Status", "202": "Status"}),
        ("/api/v1/watch/nodes", "get", {"200": "WatchEvent"}),
        ("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "patch", {"200": "Scale"}),
        ("/api/v1/namespaces/{namespace}/pods/{name}/binding", "post", dict.fromkeys(("200", "201", "202"), "Binding")),
    ],
)
def test_answers(document, path, method, answers):
    responses = dict(document["paths"][path][method]["responses"])
    assert responses.pop("401") == {"description": "Unauthorized"}
    assert {code: answer["schema"]["$ref"].rpartition(".")[2] for code, answer in responses.items()} == answers


def test_a_namespace_is_said_to_answer_its_deletion_with_a_status():
    namespaces = replace(NAMESPACES, returns_deleted=True)
    found = OpenAPI(Builtin((namespaces,), SCHEMA, "v1.20.2", prose)).document()["paths"]["/api/v1/namespaces/{name}"]
    assert found["delete"]["responses"]["200"]["schema"] == {"$ref": f"{REF}{META}.Status"}


def test_what_is_handled_is_said(document):
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]["put"]
    assert operation["x-kubernetes-action"] == "put"
    kind = {"group": "autoscaling", "kind": "Scale", "version": "v1"}
    assert operation["x-kubernetes-group-version-kind"] == kind
    assert operation["consumes"] == ["*/*"]


def test_definitions_are_those_that_something_refers_to(document):
    assert references(document["paths"]) <= set(document["definitions"])
    assert references(document["definitions"]) <= set(document["definitions"])
    assert "io.k8s.api.core.v1.PodSpec" in document["definitions"]
    assert "io.k8s.api.core.v1.Secret" not in document["definitions"]


def test_definition():
    found = definition("io.k8s.api.core.v1.ServicePort", SCHEMA.records["io.k8s.api.core.v1.ServicePort"], Prose())
    assert found == {
        "type": "object",
        "required": ["port"],
        "properties": {
            "appProtocol": {"type": "string"},
            "name": {"type": "string"},
            "nodePort": {"type": "integer", "format": "int32"},
            "port": {"type": "integer", "format": "int32"},
            "protocol": {"type": "string"},
            "targetPort": {"$ref": f"{REF}io.k8s.apimachinery.pkg.util.intstr.IntOrString"},
        },
    }


@pytest.mark.parametrize(
    ("go", "schema"),
    [
        ("*int64", {"type": "integer", "format": "int64"}),
        ("[]byte", {"type": "string", "format": "byte"}),
        ("[]*string", {"type": "array", "items": {"type": "string"}}),
        ("map[string]v1.Extra([]string)", {"type": "object", "additionalProperties": go_schema("[]string")}),
        ("v1.List(map[v1.Name(string)]a.b.Q)", {"type": "object", "additionalProperties": {"$ref": f"{REF}a.b.Q"}}),
    ],
)
def test_go_types(go, schema):
    assert go_schema(go) == schema


@pytest.mark.parametrize(("kind", "text"), [("Pod", " a "), ("Ingress", " an "), ("Endpoints", " "), ("Event", " an ")])
def test_article(kind, text):
    assert article(kind) == text


def test_names_of_groups():
    assert place("", "v1") == ("CoreV1", "core_v1")
    assert place("rbac.authorization.k8s.io", "v1beta1") == ("RbacAuthorizationV1beta1", "rbacAuthorization_v1beta1")
    assert camel("a-b.3c_d", first=False) == "aB3c_d"


ESTABLISHED = [{"type": "Established", "status": "True"}]
CRD = {
    "metadata": {"name": "wheels.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "wheels", "kind": "Wheel", "listKind": "WheelList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".n"}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {"spec": {"type": "object", "properties": {"n": {"type": "integer"}}}},
                    }
                },
            },
            {"name": "v0", "served": False},
        ],
    },
    "status": {"conditions": ESTABLISHED},
}


class Definitions:
    """Where the document's custom resources come from in these tests."""

    def __init__(self, *crds: dict[str, Any]) -> None:
        self.crds, self.number = crds, 1

    def revision(self) -> int:
        return self.number

    def definitions(self) -> tuple[dict[str, Any], ...]:
        return self.crds


def test_custom_resources(builtin):
    found = OpenAPI(builtin, Definitions(CRD)).document()
    item = "/apis/example.com/v1/namespaces/{namespace}/wheels/{name}"
    assert {path for path in found["paths"] if "example.com" in path} == {
        "/apis/example.com/v1/wheels",
        "/apis/example.com/v1/namespaces/{namespace}/wheels",
        item,
        f"{item}/status",
        f"{item}/scale",
    }
    scale = found["paths"][f"{item}/scale"]["put"]
    assert scale["operationId"] == "replaceExampleComV1NamespacedWheelScale"
    assert scale["responses"]["200"]["schema"] == {"$ref": f"{REF}io.k8s.api.autoscaling.v1.Scale_v2"}
    delete = found["paths"][item]["delete"]
    assert delete["parameters"][0]["schema"] == {"$ref": f"{REF}{META}.DeleteOptions_v2"}
    wheel = found["definitions"]["com.example.v1.Wheel"]
    assert list(wheel["properties"]) == ["apiVersion", "kind", "metadata", "spec"]
    kind = {"group": "example.com", "kind": "Wheel", "version": "v1"}
    assert wheel["x-kubernetes-group-version-kind"] == [kind]
    assert found["definitions"]["com.example.v1.WheelList"]["required"] == ["items"]
    assert "x-kubernetes-group-version-kind" not in found["definitions"][f"{META}.Status_v2"]


@pytest.mark.parametrize(
    "crd",
    [
        CRD | {"status": {"conditions": [{"type": "Established", "status": "False"}]}},
        CRD | {"status": {}},
    ],
)
def test_what_is_not_established_is_not_there(builtin, crd):
    assert OpenAPI(builtin, Definitions(crd)).document() == OpenAPI(builtin).document()


@pytest.mark.parametrize(
    "crd",
    [
        CRD | {"spec": CRD["spec"] | {"preserveUnknownFields": True}},
        CRD | {"status": {"conditions": [*ESTABLISHED, {"type": "NonStructuralSchema", "status": "True"}]}},
        CRD | {"spec": CRD["spec"] | {"versions": [{"name": "v1", "served": True}]}},
    ],
)
def test_custom_resources_that_may_hold_anything(builtin, crd):
    found = OpenAPI(builtin, Definitions(crd)).document()["definitions"]["com.example.v1.Wheel"]
    assert list(found) == ["type", "x-kubernetes-group-version-kind"]


def test_a_change_of_custom_resources_is_followed(builtin):
    source = Definitions(CRD)
    api = OpenAPI(builtin, source)
    first = api.content(JSON)
    assert api.content(JSON) is first
    source.crds, source.number = (), 2
    assert b"example.com" in first.body
    assert b"example.com" not in api.content(JSON).body


@pytest.mark.parametrize(
    ("schema", "result"),
    [
        ({"type": "string", "nullable": True, "minLength": 0}, {"minLength": 0}),
        ({"type": "string", "default": "x", "anyOf": [{"pattern": "a"}]}, {"type": "string"}),
        (
            {"type": "array", "items": {"type": "string"}, "uniqueItems": False},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"type": "array"}, {}),
        (
            {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {"type": "string"}}},
            {"x-kubernetes-preserve-unknown-fields": True},
        ),
        (
            {
                "type": "object",
                "required": ["a", "b"],
                "properties": {"b": {"type": "string"}, "a": {"nullable": True}},
            },
            {"type": "object", "required": ["b"], "properties": {"a": {}, "b": {"type": "string"}}},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer", "nullable": True}},
            {"type": "object", "additionalProperties": {}},
        ),
        ({"type": "object", "additionalProperties": True}, {"type": "object", "additionalProperties": True}),
        ({"enum": [1, "a"], "type": "string", "maximum": 0}, {"type": "string", "maximum": 0, "enum": [1, "a"]}),
    ],
)
def test_published_schemas(schema, result):
    assert json.dumps(published(schema)) == json.dumps(result)


@pytest.mark.parametrize(
    ("accept", "subtype"),
    [
        ("*/*", JSON),
        ("*", JSON),
        ("application/json", JSON),
        (f"application/{PROTOBUF}", PROTOBUF),
        (f"application/json;q=0.5, application/{PROTOBUF}", PROTOBUF),
        (f"application/{PROTOBUF};q=0.5, */*", JSON),
        ("text/html, application/*;q=0.1", JSON),
        ("text/html, */*;q=0.8", JSON),
        ("*/json", JSON),
        ("application/json;q=0", JSON),
        ("application/yaml", None),
        ("text/html", None),
        ("json", None),
        ("application/json/x", None),
    ],
)
def test_negotiation(accept, subtype):
    assert negotiate(accept) == subtype


@pytest.fixture(scope="module")
def api(builtin: Builtin) -> OpenAPI:
    return OpenAPI(builtin, now=lambda: 1_600_000_000.5)


def test_answer(api):
    answer = api.respond("GET", {})
    headers = dict(answer.headers)
    assert answer.status == 200
    assert json.loads(answer.body)["swagger"] == "2.0"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Last-Modified"] == "Sun, 13 Sep 2020 12:26:40 GMT"
    assert [value for name, value in answer.headers if name == "Vary"] == ["Accept-Encoding", "Accept"]
    assert api.respond("POST", {"Accept": "*/*"}) == answer


def test_nothing_acceptable(api):
    assert (api.respond("GET", {"Accept": "text/html"}).status, api.respond("GET", {"Accept": "x/y"}).body) == (
        406,
        b"",
    )


def test_the_document_travels_compressed(api):
    answer = api.respond("GET", {"Accept-Encoding": "deflate, gzip"})
    assert dict(answer.headers)["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == api.content(JSON).body


TEXT = Content("text/plain", b"0123456789", 1_600_000_000)
BEFORE, LATER = "Sun, 13 Sep 2020 12:26:39 GMT", "Sun, 13 Sep 2020 12:26:40 GMT"


@pytest.mark.parametrize(
    ("method", "headers", "status", "body"),
    [
        ("GET", {}, 200, b"0123456789"),
        ("GET", {"If-None-Match": TEXT.etag}, 304, b""),
        ("GET", {"If-None-Match": f'"x", W/{TEXT.etag}'}, 304, b""),
        ("GET", {"If-None-Match": "*"}, 304, b""),
        ("GET", {"If-None-Match": '"x"', "If-Modified-Since": LATER}, 200, b"0123456789"),
        ("POST", {"If-None-Match": TEXT.etag}, 412, b""),
        ("GET", {"If-Match": '"x"'}, 412, b""),
        ("GET", {"If-Match": TEXT.etag}, 200, b"0123456789"),
        ("GET", {"If-Match": f"W/{TEXT.etag}"}, 412, b""),
        ("GET", {"If-Modified-Since": LATER}, 304, b""),
        ("GET", {"If-Modified-Since": BEFORE}, 200, b"0123456789"),
        ("POST", {"If-Modified-Since": LATER}, 200, b"0123456789"),
        ("GET", {"If-Modified-Since": "yesterday"}, 200, b"0123456789"),
        ("GET", {"If-Unmodified-Since": BEFORE}, 412, b""),
        ("GET", {"Range": "bytes=0-3"}, 206, b"0123"),
        ("GET", {"Range": "bytes=7-"}, 206, b"789"),
        ("GET", {"Range": "bytes=-2"}, 206, b"89"),
        ("GET", {"Range": "bytes=-99"}, 206, b"0123456789"),
        ("GET", {"Range": "bytes=8-99"}, 206, b"89"),
        ("GET", {"Range": "bytes=10-"}, 416, b"invalid range: failed to overlap\n"),
        ("GET", {"Range": "bytes=-"}, 200, b"0123456789"),
        ("GET", {"Range": "lines=1-2"}, 200, b"0123456789"),
        ("GET", {"Range": "bytes=0-3", "If-Range": '"x"'}, 200, b"0123456789"),
    ],
)
def test_conditions_and_ranges(method, headers, status, body):
    answer = serve(TEXT, method, headers)
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("", False), ("br", False)],
)
def test_accepts_gzip(header, accepted):
    assert accepts_gzip(header) is accepted
